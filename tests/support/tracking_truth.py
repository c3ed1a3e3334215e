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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from support.chance import let_pass
from support.client import client_of
from support.database import one_value
from support.progress import messages_behind
from support.tracked_calls import (
    Told,
    kept_webhooks,
    published_calls,
    published_event_ids,
    rows_of,
    stored_event_ids,
)
from support.tracking_check import TrackingCheck
from support.tracking_platforms import PLATFORMS, Platform, create_account, enter_webhooks
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.console import say
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

SYNC = "call-tracking-sync"
STARTS = 5
# Of what a platform answers, so much fails.
TROUBLE = 0.02
NO_TROUBLE = {"rate_limited": 0, "server_error": 0, "time_out": 0}
WEBHOOK_TROUBLE = {"webhook_loss": 0.1, "webhook_duplication": 0.1}
CHANGED_PERCENT = 5
NEW_PART = 20  # one of so many calls happens meanwhile
MOST_PROBLEMS = 20
MOST_PLANTED = 50  # wrong rows of an account
# Their lists tell a call without its tags; what is read by id, after a webhook, has them.
LISTS_WITHOUT_TAGS = ("ringba",)
COMPARED_IN_ROWS = ("status", "started_at", "ended_at")
WAITING_ROWS = "SELECT (SELECT count(*) FROM tracking_outbox) + (SELECT count(*) FROM tracking_fetches)"
COUNTED_ROWS = (
    "SELECT (SELECT count(*) FROM call_history WHERE provider_account_id = %s) + "
    "(SELECT count(*) FROM call_queue WHERE provider_account_id = %s)"
)


@dataclass(frozen=True)
class Scale:
    """What grows with the number of calls, so that the time is spent on work and not on waiting."""

    calls: int

    @property
    def limits(self) -> dict[str, int]:
        second = max(6, self.calls // 2500)
        return {"second": second, "minute": 40 * second}

    @property
    def trouble(self) -> dict[str, float]:
        # After each the pace is slow for minutes.
        rate_limited = min(0.007, 30 / self.calls)
        time_out = 0.006
        return {
            "rate_limited": rate_limited,
            "time_out": time_out,
            "server_error": TROUBLE - rate_limited - time_out,
            "retry_after_seconds": 1,
        }

    @property
    def settings(self) -> dict[str, str]:
        return {
            "requests_per_second": str(self.limits["second"]),
            "requests_per_minute": str(self.limits["minute"]),
            "sync_interval_seconds": str(max(10, self.calls // 4000)),
            # What has no list of changes is read again and again.
            "sync_rescans": f"48h@{max(15, self.calls // 1000)}s,30d@1h",
        }

    @property
    def lives(self) -> tuple[float, float]:
        """How long call-tracking-sync lives before it is killed, in seconds."""
        return 1 + self.calls / 50_000, 3 + self.calls / 10_000

    @property
    def patience(self) -> float:
        return 180 + self.calls / 40

    @property
    def planted(self) -> int:
        return max(3, min(MOST_PLANTED, self.calls // 200))


@dataclass
class Outcome:
    seconds: float = 0
    calls: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    changes: int = 0
    events: int = 0
    planted: int = 0
    webhooks: Counter[str] = field(default_factory=Counter)  # "sent", "lost", "twice"
    highest: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        told = ", ".join(f"{name} {count:,}" for name, count in sorted(self.calls.items()))
        most = "; ".join(f"{name} {use}" for name, use in sorted(self.highest.items()))
        return [
            f"{told} calls, {self.changes:,} changed later, {self.kills} kills, {self.seconds:.0f} s",
            f"{self.events:,} events; {self.planted} wrong rows planted",
            f"webhooks: {self.webhooks['sent']:,}, of them {self.webhooks['lost']:,} lost and {self.webhooks['twice']:,} twice",
            f"most requests in a window, of what is allowed: {most}",
        ]


class TrackingTruth:
    def __init__(self, stack: Stack, count: int, kills: int, seed: int, platforms: tuple[Platform, ...] = PLATFORMS):
        self._stack = stack
        self._count = count
        self._kills = kills
        self._scale = Scale(count)
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
            let_pass(self._chance.uniform(*self._scale.lives))
            self._stack[SYNC].kill()
            self._bring_back()
            outcome.kills += 1
        say(f"{time.monotonic() - began:.0f} s: killed {outcome.kills} times")
        for platform in self._platforms:
            self._twin(platform).ask("PUT", "behaviour", {"account": platform.account, **NO_TROUBLE})
        self._await_truth(outcome)
        outcome.seconds = time.monotonic() - began
        say(f"{outcome.seconds:.0f} s: read")
        outcome.problems += self._events_that_came_twice(outcome)
        self._check_webhooks(outcome)
        for platform in self._platforms:
            self._check_budget(platform, outcome)
        with ThreadPoolExecutor(len(self._platforms)) as pool:
            for planted, problems in pool.map(self._check, self._platforms):
                outcome.planted += planted
                outcome.problems += problems
        return outcome

    def _twin(self, platform: Platform) -> Twin:
        return Twin(self._stack, platform.name)

    @property
    def _storm_seconds(self) -> float:
        """How long call-tracking-sync is killed again and again, about."""
        shortest, longest = self._scale.lives
        return self._kills * (shortest + longest) / 2

    def _prepare(self, platform: Platform) -> None:
        twin = self._twin(platform)
        twin.configure(seed=self._seed, slow_reply_ms=3_000, **WEBHOOK_TROUBLE)
        twin.put_account(description=platform.description)
        limits = self._scale.limits
        most = [{"resource": r, "unit": unit, "most": n} for r in ("list", "detail") for unit, n in limits.items()]
        twin.ask("PUT", "limits", {"account": platform.account, "limits": most})
        now = datetime.now(UTC)
        new = self._count // NEW_PART
        old = {"count": self._count - new, "from": now - timedelta(hours=36), "to": now - timedelta(minutes=20)}
        self._make_calls(platform, old, "none")
        with client_of(self._stack) as client:
            account = create_account(self._stack, client, platform, self._scale.settings)
        self._accounts[platform.name] = account.account_id
        enter_webhooks(twin, platform, account)
        now = datetime.now(UTC)
        until = now + timedelta(seconds=max(30, self._storm_seconds))
        self._make_calls(platform, {"count": new, "from": now, "to": until, "talk_seconds": [1, 8]}, "news")
        twin.ask("PUT", "behaviour", {"account": platform.account, **self._scale.trouble})

    def _make_calls(self, platform: Platform, wish: dict[str, Any], webhooks: str) -> None:
        body = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in wish.items()}
        self._twin(platform).ask("POST", "calls", {"account": platform.account, "webhooks": webhooks, **body})

    def _change(self, outcome: Outcome) -> None:
        """Later, while services die."""
        for platform in self._platforms:
            wish = {
                "account": platform.account,
                "percent": CHANGED_PERCENT,
                "over_seconds": self._storm_seconds,
                "webhooks": True,
            }
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

    def truth(self, platform: Platform) -> dict[str, Told]:
        found: dict[str, Told] = {}
        offset: int | None = 0
        while offset is not None:
            page = self._twin(platform).ask("GET", f"truth?account={platform.account}&offset={offset}")
            found.update({call["external_id"]: call for call in page["calls"] if call["listed"]})
            offset = page["next"]
        return found

    def _is_quiet(self) -> bool:
        """Whether as many calls are here as there are, and nothing is on its way that we know of; cheap."""
        if one_value(self._stack, WAITING_ROWS) > 0 or messages_behind(self._stack) != 0:
            return False
        for platform in self._platforms:
            account = self._accounts[platform.name]
            there = self._twin(platform).ask("GET", f"truth?account={platform.account}&limit=1")["total"]
            if there < self._count or one_value(self._stack, COUNTED_ROWS, [account, account]) != there:
                return False
        return True

    def problems_of_rows(self, platform: Platform, truth: dict[str, Told]) -> list[str]:
        found = rows_of(self._stack, self._accounts[platform.name])
        problems = [f"{platform.name} {external_id} is missing" for external_id in truth.keys() - found.keys()]
        problems += [f"{platform.name} {external_id} is not there in truth" for external_id in found.keys() - truth.keys()]
        for external_id in truth.keys() & found.keys():
            problems += [
                f"{platform.name} {external_id}: {name} is {found[external_id][name]}, and {truth[external_id][name]} in truth"
                for name in COMPARED_IN_ROWS
                if found[external_id][name] != truth[external_id][name]
            ]
        return problems

    def problems_of_records(self, platform: Platform, truth: dict[str, Told], records: dict[str, Told]) -> list[str]:
        problems = [f"{platform.name} {external_id} was not published" for external_id in truth.keys() - records.keys()]
        for external_id in truth.keys() & records.keys():
            problems += [
                f"{platform.name} {external_id}: {name} is {value}, and {truth[external_id][name]} in truth"
                for name, value in records[external_id].items()
                if value != truth[external_id][name]
                and not (name == "tags" and platform.name in LISTS_WITHOUT_TAGS)
            ]
        return problems

    def problems(self) -> list[str]:
        """Wherever rows and published records are not the truth."""
        truths = {platform.name: self.truth(platform) for platform in self._platforms}
        problems: list[str] = []
        for platform in self._platforms:
            problems += self.problems_of_rows(platform, truths[platform.name])
        # Cheap to find, and enough while calls are still read.
        if problems:
            return problems
        records = published_calls(self._stack, self._accounts.values())
        for platform in self._platforms:
            told = records[self._accounts[platform.name]]
            problems += self.problems_of_records(platform, truths[platform.name], told)
        return problems

    def _await_truth(self, outcome: Outcome) -> None:
        patience = self._scale.patience
        try:
            eventually(self._is_quiet, seconds=patience, about="all calls are read", interval=1)
            eventually(
                lambda: self.problems()[:MOST_PROBLEMS],
                seconds=patience,
                until=lambda problems: not problems,
                about="the calls are the truth",
                interval=1,
            )
        except AssertionError as error:
            outcome.problems.append(str(error))
            outcome.problems += self.problems()[:MOST_PROBLEMS]
        for platform in self._platforms:
            outcome.calls[platform.name] = len(self.truth(platform))

    def _events_that_came_twice(self, outcome: Outcome) -> list[str]:
        def told_and_stored() -> tuple[Counter[str], set[str]]:
            return published_event_ids(self._stack), stored_event_ids(self._stack)

        # Calls are still read, and what is stored is published a moment later.
        try:
            published, stored = eventually(
                told_and_stored, seconds=self._scale.patience, until=lambda both: set(both[0]) == both[1], interval=1
            )
        except AssertionError:
            published, stored = told_and_stored()
        outcome.events = len(stored)
        problems = [f"event {event_id} is stored or published, but not both" for event_id in stored ^ set(published)]
        return problems + [f"event {id_} was published {count} times" for id_, count in published.items() if count > 1]

    def _check_webhooks(self, outcome: Outcome) -> None:
        """Everything that arrived was acknowledged, and what was acknowledged was kept."""
        kept = kept_webhooks(self._stack)
        for platform in self._platforms:
            sent = [entry for entry in self._twin(platform).webhooks() if entry["done"]]
            arrived = [entry for entry in sent if not entry["dropped"]]
            twice = sum(entry["duplicated"] for entry in arrived)
            outcome.webhooks.update(sent=len(sent), lost=len(sent) - len(arrived), twice=twice)
            refused = [entry for entry in arrived if entry["status"] != 200]
            outcome.problems += [f"{platform.name}: a webhook was answered with {entry['status']}" for entry in refused]
            here = kept[self._accounts[platform.name]]
            if here < len(arrived) + twice:
                outcome.problems.append(f"{platform.name}: {len(arrived) + twice} webhooks arrived and {here} were kept")

    def _check_budget(self, platform: Platform, outcome: Outcome) -> None:
        for use in self._twin(platform).ask("GET", f"limits?account={platform.account}")["use"]:
            if use["most"] is None:
                continue
            name = f"{platform.name} {use['resource']} {use['unit']}"
            outcome.highest[name] = f"{use['highest']}/{use['most']}"
            if use["highest"] > use["most"]:
                outcome.problems.append(f"{name}: {use['highest']} requests in a window, {use['most']} are allowed")

    def _check(self, platform: Platform) -> tuple[int, list[str]]:
        """How many wrong rows were planted, and what is wrong with what the checks say."""
        check = TrackingCheck(self._stack, self._accounts[platform.name], self._scale.patience)
        problems = [f"{platform.name}: the check says: {finding}" for finding in check.findings()]
        planted = check.plant(self._scale.planted)
        problems += [f"{platform.name}: {problem}" for problem in check.problems_with(planted)]
        say(f"{platform.name} checked")
        return len(planted), problems
