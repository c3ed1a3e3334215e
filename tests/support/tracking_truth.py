"""Call-tracking platforms under faults: in the end what was read is the truth, once, and nobody was asked too often.

    run = TrackingTruth(stack, calls=2000, kills=20, seed=7)  # not started yet
    outcome = run.go()
    assert outcome.problems == []

Each platform has calls from the last day and a half, and calls that happen while call-tracking-sync is killed again and
again; some change later, some requests fail, and of the webhooks some are lost and some come twice. The truth is what
the twin says. What the checks of ConsistencyService find is in the outcome too: nothing, and then what was planted.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from support.chance import let_pass
from support.client import client_of
from support.database import rows
from support.progress import messages_behind
from support.streams import CALLS, published_events, raw_webhooks
from support.topics import read_topic
from support.tracking_check import TrackingCheck
from support.tracking_platforms import PLATFORMS, Platform, create_account, enter_webhooks
from support.twin import Twin
from support.waiting import eventually
from trunkline.calls.v1 import call_pb2 as calls
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

SYNC = "call-tracking-sync"
SHORTEST_LIFE, LONGEST_LIFE = 1.0, 3.0
STARTS = 5
# Of what a platform answers, so much fails: 2 % together.
TROUBLE = {"rate_limited": 0.007, "server_error": 0.007, "time_out": 0.006, "retry_after_seconds": 1}
NO_TROUBLE = {"rate_limited": 0, "server_error": 0, "time_out": 0}
WEBHOOK_TROUBLE = {"webhook_loss": 0.1, "webhook_duplication": 0.1}
CHANGED_PERCENT = 5
NEW_PART = 20  # one of so many calls happens meanwhile
NEW_WITHIN = timedelta(seconds=30)
MOST_PROBLEMS = 20
# Their lists tell a call without its tags; what is read by id, after a webhook, has them.
LISTS_WITHOUT_TAGS = ("ringba",)
COMPARED_IN_ROWS = ("status", "started_at", "ended_at")


LIMITS = {"second": 6, "minute": 240}
SETTINGS = {
    "requests_per_second": str(LIMITS["second"]),
    "requests_per_minute": str(LIMITS["minute"]),
    "sync_interval_seconds": "10",
    # What has no list of changes is read again and again.
    "sync_rescans": "48h@15s,30d@1h",
}


@dataclass
class Outcome:
    seconds: float = 0
    calls: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    changes: int = 0
    webhooks: Counter[str] = field(default_factory=Counter)  # "sent", "lost", "twice"
    highest: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        told = ", ".join(f"{name} {count:,}" for name, count in sorted(self.calls.items()))
        most = "; ".join(f"{name} {use}" for name, use in sorted(self.highest.items()))
        return [
            f"{told} calls, {self.changes:,} changed later, {self.kills} kills, {self.seconds:.0f} s",
            f"webhooks: {self.webhooks['sent']:,}, of them {self.webhooks['lost']:,} lost and {self.webhooks['twice']:,} twice",
            f"most requests in a window, of what is allowed: {most}",
        ]


def text_of(time_: Any) -> str | None:
    """As the twin writes times; None for none."""
    if time_ is None:
        return None
    if isinstance(time_, datetime):
        at = time_.astimezone(UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    if time_.seconds == 0 and time_.nanos == 0:
        return None
    return text_of(datetime.fromtimestamp(time_.seconds, UTC).replace(microsecond=time_.nanos // 1000))


def money_of(details: calls.CallDetails, name: str) -> str:
    micros = getattr(details, name).micros if details.HasField(name) else 0  # type: ignore[arg-type]
    return f"{micros / 1_000_000:.4f}"


def told_by(record: calls.CallRecord) -> dict[str, Any]:
    """What of a record the truth has a word on."""
    details = record.details
    name = calls.CallStatus.Name(record.status).removeprefix("CALL_STATUS_").lower()
    return {
        "status": name,
        "campaign_id": details.tracking_campaign_id or None,
        "tracking_number": details.to or None,
        "destination_number": details.forwarded_to or None,
        "publisher_id": details.publisher_id or None,
        "buyer_id": details.buyer_id or None,
        "started_at": text_of(details.started_at),
        "ended_at": text_of(details.ended_at) if details.HasField("ended_at") else None,
        "revenue": money_of(details, "revenue"),
        "payout": money_of(details, "payout"),
        "cost": money_of(details, "cost"),
        "converted": details.converted,
        "provider_updated_at": text_of(details.record_changed_at) if details.HasField("record_changed_at") else None,
        "tags": dict(details.tracking_tags.values),
    }


class TrackingTruth:
    def __init__(self, stack: Stack, count: int, kills: int, seed: int, platforms: tuple[Platform, ...] = PLATFORMS):
        self._stack = stack
        self._count = count
        self._kills = kills
        self._chance = random.Random(seed)
        self._seed = seed
        self._platforms = platforms
        self._accounts: dict[str, str] = {}  # provider_account_id by platform
        remembered = str(10 * count + 10_000)
        stack["provider-twin"].overrides.update({"TRUNKLINE_KEEP_CALLS": remembered, "TRUNKLINE_KEEP_LOG": remembered})
        stack[SYNC].overrides.update({"TRUNKLINE_API_TIMEOUT": "2s"})

    def go(self) -> Outcome:
        outcome = Outcome()
        self._stack.start()
        began = time.monotonic()
        for platform in self._platforms:
            self._prepare(platform)
        self._change(outcome)
        while outcome.kills < self._kills:
            let_pass(self._chance.uniform(SHORTEST_LIFE, LONGEST_LIFE))
            self._stack[SYNC].kill()
            self._bring_back()
            outcome.kills += 1
        for platform in self._platforms:
            self._twin(platform).ask("PUT", "behaviour", {"account": platform.account, **NO_TROUBLE})
        for platform in self._platforms:
            self._await_truth(platform, outcome)
        outcome.seconds = time.monotonic() - began
        outcome.problems += self._events_that_came_twice()
        for platform in self._platforms:
            self._check_webhooks(platform, outcome)
            self._check_budget(platform, outcome)
        for platform in self._platforms:
            check = TrackingCheck(self._stack, self._accounts[platform.name])
            outcome.problems += [f"{platform.name}: the check says: {finding}" for finding in check.findings()]
            outcome.problems += [f"{platform.name}: {problem}" for problem in check.problems_with_planted_rows()]
        return outcome

    def _twin(self, platform: Platform) -> Twin:
        return Twin(self._stack, platform.name)

    def _prepare(self, platform: Platform) -> None:
        twin = self._twin(platform)
        twin.configure(seed=self._seed, slow_reply_ms=3_000, **WEBHOOK_TROUBLE)
        twin.put_account(description=platform.description)
        most = [{"resource": r, "unit": unit, "most": n} for r in ("list", "detail") for unit, n in LIMITS.items()]
        twin.ask("PUT", "limits", {"account": platform.account, "limits": most})
        now = datetime.now(UTC)
        new = self._count // NEW_PART
        old = {"count": self._count - new, "from": now - timedelta(hours=36), "to": now - timedelta(minutes=20)}
        self._make_calls(platform, old, "none")
        with client_of(self._stack) as client:
            account = create_account(self._stack, client, platform, SETTINGS)
        self._accounts[platform.name] = account.account_id
        enter_webhooks(twin, platform, account)
        now = datetime.now(UTC)
        self._make_calls(platform, {"count": new, "from": now, "to": now + NEW_WITHIN, "talk_seconds": [1, 8]}, "news")
        twin.ask("PUT", "behaviour", {"account": platform.account, **TROUBLE})

    def _make_calls(self, platform: Platform, wish: dict[str, Any], webhooks: str) -> None:
        body = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in wish.items()}
        self._twin(platform).ask("POST", "calls", {"account": platform.account, "webhooks": webhooks, **body})

    def _change(self, outcome: Outcome) -> None:
        """Later, while services die."""
        for platform in self._platforms:
            wish = {"account": platform.account, "percent": CHANGED_PERCENT, "over_seconds": self._kills * 2, "webhooks": True}
            outcome.changes += self._twin(platform).ask("POST", "changes", wish)["changes"]

    def _bring_back(self) -> None:
        """While it was away, another program may have borrowed its port for a moment."""
        for _ in range(STARTS - 1):
            try:
                self._stack[SYNC].start()
                return
            except Failure:
                continue
        self._stack[SYNC].start()

    def truth(self, platform: Platform) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        offset: int | None = 0
        while offset is not None:
            page = self._twin(platform).ask("GET", f"truth?account={platform.account}&offset={offset}")
            found.update({call["external_id"]: call for call in page["calls"] if call["listed"]})
            offset = page["next"]
        return found

    def _rows(self, platform: Platform) -> dict[str, dict[str, Any]]:
        sql = (
            "SELECT external_call_id, status, started_at, ended_at FROM call_history WHERE provider_account_id = %s "
            "UNION ALL SELECT external_call_id, status, started_at, ended_at FROM call_queue WHERE provider_account_id = %s"
        )
        account = self._accounts[platform.name]
        found = rows(self._stack, sql, [account, account])
        assert len({row["external_call_id"] for row in found}) == len(found), "a call has two rows"
        return {row["external_call_id"]: row for row in found}

    def records(self, platform: Platform) -> dict[str, calls.CallRecord]:
        """The latest of each call, by the platform's id."""
        latest: dict[bytes, calls.CallRecord] = {}
        for message in read_topic(self._stack, CALLS, seconds=120):
            latest[message.key()] = calls.CallRecord.FromString(message.value())
        account = self._accounts[platform.name]
        found = [record for record in latest.values() if record.details.provider_account_id == account]
        return {record.details.external_call_id: record for record in found}

    def _is_read(self, platform: Platform) -> bool:
        """Whether the rows could be the truth by now; cheap."""
        truth = self.truth(platform)
        found = self._rows(platform)
        return set(found) == set(truth) and not self._differences(truth, found) and messages_behind(self._stack) == 0

    def _differences(self, truth: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> list[str]:
        problems = []
        for external_id in truth.keys() & found.keys():
            row = {"status": found[external_id]["status"], "started_at": text_of(found[external_id]["started_at"])}
            row["ended_at"] = text_of(found[external_id]["ended_at"])
            problems += [
                f"{external_id}: {name} is {row[name]}, and {truth[external_id][name]} in truth"
                for name in COMPARED_IN_ROWS
                if row[name] != truth[external_id][name]
            ]
        return problems

    def problems_of(self, platform: Platform) -> list[str]:
        truth, found, records = self.truth(platform), self._rows(platform), self.records(platform)
        problems = [f"{platform.name} {external_id} is missing" for external_id in truth.keys() - found.keys()]
        problems += [f"{platform.name} {external_id} is not there in truth" for external_id in found.keys() - truth.keys()]
        problems += self._differences(truth, found)
        for external_id in truth.keys() & records.keys():
            told = told_by(records[external_id])
            if platform.name in LISTS_WITHOUT_TAGS:
                del told["tags"]
            problems += [
                f"{platform.name} {external_id}: {name} is {value}, and {truth[external_id][name]} in truth"
                for name, value in told.items()
                if value != truth[external_id][name]
            ]
        problems += [f"{platform.name} {external_id} was not published" for external_id in truth.keys() - records.keys()]
        return problems

    def _await_truth(self, platform: Platform, outcome: Outcome) -> None:
        seconds = 180 + self._count / 50
        try:
            eventually(lambda: self._is_read(platform), seconds=seconds, about=f"{platform.name} is read")
            eventually(
                lambda: self.problems_of(platform)[:MOST_PROBLEMS],
                seconds=seconds,
                until=lambda problems: not problems,
                about=f"the calls of {platform.name} are the truth",
            )
        except AssertionError as error:
            outcome.problems.append(str(error))
            outcome.problems += self.problems_of(platform)[:MOST_PROBLEMS]
        outcome.calls[platform.name] = len(self.truth(platform))

    def _events_that_came_twice(self) -> list[str]:
        def told_and_stored() -> tuple[Counter[str], set[str]]:
            published = Counter(event.event.event_id for event in published_events(self._stack))
            return published, {str(row["event_id"]) for row in rows(self._stack, "SELECT event_id FROM call_events")}

        # Calls are still read, and what is stored is published a moment later.
        try:
            published, _ = eventually(told_and_stored, seconds=60, until=lambda both: set(both[0]) == both[1])
        except AssertionError:
            published, stored = told_and_stored()
            return [f"event {event_id} is stored or published, but not both" for event_id in stored ^ set(published)]
        return [f"event {event_id} was published {count} times" for event_id, count in published.items() if count > 1]

    def _check_webhooks(self, platform: Platform, outcome: Outcome) -> None:
        """Everything that arrived was acknowledged, and what was acknowledged was kept."""
        account = self._accounts[platform.name]
        sent = [entry for entry in self._twin(platform).webhooks() if entry["done"]]
        arrived = [entry for entry in sent if not entry["dropped"]]
        twice = sum(entry["duplicated"] for entry in arrived)
        outcome.webhooks.update(sent=len(sent), lost=len(sent) - len(arrived), twice=twice)
        refused = [entry for entry in arrived if entry["status"] != 200]
        outcome.problems += [f"{platform.name}: a webhook was answered with {entry['status']}" for entry in refused]
        kept = sum(raw.provider_account_id == account and not raw.HasField("record") for raw in raw_webhooks(self._stack))
        if kept < len(arrived) + twice:
            outcome.problems.append(f"{platform.name}: {len(arrived) + twice} webhooks arrived and {kept} were kept")

    def _check_budget(self, platform: Platform, outcome: Outcome) -> None:
        for use in self._twin(platform).ask("GET", f"limits?account={platform.account}")["use"]:
            if use["most"] is None:
                continue
            name = f"{platform.name} {use['resource']} {use['unit']}"
            outcome.highest[name] = f"{use['highest']}/{use['most']}"
            if use["highest"] > use["most"]:
                outcome.problems.append(f"{name}: {use['highest']} requests in a window, {use['most']} are allowed")
