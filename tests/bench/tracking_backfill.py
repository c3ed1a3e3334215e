"""`./trunkline bench tracking_backfill`: how fast the past of a call-tracking account is read, beside a plain client.

An account whose platform has so many calls of the last weeks is entered at Trunkline, and its first backfill reads them:
call-tracking-sync over the platform's API (its twin), through PostgreSQL and Kafka to the normalizer, which makes calls
and events of them. Beside it, in turns, the same calls are read by a client as somebody would write it in an afternoon
(peers/tracking): one page after the other, each page into a table by one transaction; no limits, no webhooks, no events.

  none       the platform answers at once
  latency    it takes a while (--latency-ms) for each answer

No limit of requests is in the way; an account's own limits would be reached long before either of them is busy. Both
must have every call once. call-tracking-sync is done when its backfill is: all is committed on its way to Kafka. When
all rows of calls are there is told too; with --no-rows the normalizer rests, and what was sent to Kafka is judged. The
resident memory of call-tracking-sync is taken at each tenth of the calls, so that
`--calls=1000000 --rounds=1 --no-peer --no-rows --situations=none --platforms=retreaver` shows that it does not grow.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from benchmark.command import BenchmarkCommand
from benchmark.memory import resident_mebibytes
from benchmark.plain_client import PlainTurn, read_plainly
from benchmark.processor_time import processor_seconds
from benchmark.running import start_stack
from benchmark.table import print_ratio, print_table
from google.protobuf.field_mask_pb2 import FieldMask
from support.client import SECONDS, client_of
from support.database import connect, one_value, rows
from support.progress import messages_behind
from support.stacks import StackKeeper
from support.streams import RAW
from support.topics import each_message
from support.tracking_platforms import Platform, create_account
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.console import report, say
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

SITUATIONS = ("none", "latency")
PLATFORMS = ("retreaver", "trackdrive", "ringba")
MARK = 1.0
TENTHS = 10
# So much a process may have grown from its third tenth to its last.
MOST_GROWTH = 1.1
LONGEST = 4 * 3600
OLDEST, LATEST = timedelta(days=29), timedelta(days=3)
SETTINGS = {
    **{f"requests_per_{unit}": "10000000" for unit in ("second", "minute")},
    # Nothing else is read meanwhile.
    "sync_interval_seconds": "86400",
    "sync_rescans": "48h@24h",
}


@dataclass
class SyncTurn:
    seconds: float = 0  # until the backfill is done
    row_seconds: float = 0  # until all rows are there
    requests: int = 0
    resident: list[float] = field(default_factory=list)  # MiB of call-tracking-sync at each tenth
    twin_resident: float = 0
    processor_seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class Round:
    platform: str
    situation: str
    calls: int
    sync: SyncTurn
    plain: dict[str, Any] | None = None

    @property
    def rate(self) -> float:
        return self.calls / self.sync.seconds

    @property
    def row_rate(self) -> float:
        return self.calls / self.sync.row_seconds

    @property
    def plain_rate(self) -> float:
        return self.calls / self.plain["seconds"] if self.plain is not None else 0

    @property
    def ratio(self) -> float:
        return self.rate / self.plain_rate


def platform_of(name: str, number: int) -> Platform:
    """An account of its own for each round: what is known of calls by an earlier one spares work."""
    if name == "retreaver":
        company = str(180_000 + number)
        key = {"api_key": f"rt-bench-{number}-0123456789"}
        return Platform(name, company, f"{company}:{key['api_key']}", "/retreaver", {"company_id": company}, key)
    if name == "trackdrive":
        subdomain = f"bench-{number}"
        keys = {"public_key": f"tdpub-{number}-0123456789", "private_key": f"tdprv-{number}-0123456789"}
        description = f"{subdomain}:{keys['public_key']}:{keys['private_key']}"
        return Platform(name, subdomain, description, "/trackdrive/api/v1", {"subdomain": subdomain}, keys)
    account, token = f"RA{number:06}", {"api_token": f"rb-bench-{number}-0123456789"}
    return Platform(name, account, f"{account}:{token['api_token']}", "/ringba/v2", {"account_id": account}, token)


class Benchmark:
    def __init__(self, stack: Stack, calls: int, latency_ms: int, with_peer: bool, with_rows: bool):
        self._stack = stack
        self._calls = calls
        self._latency_ms = latency_ms
        self._with_peer = with_peer
        self._with_rows = with_rows
        self._accounts = 0
        now = datetime.now(UTC).replace(microsecond=0)
        self._from, self._to = now - OLDEST, now - LATEST

    def run_round(self, name: str, situation: str) -> Round:
        self._accounts += 1
        platform = platform_of(name, self._accounts)
        twin = Twin(self._stack, name)
        twin.configure(rest_latency_ms=0)
        twin.put_account(description=platform.description)
        twin.ask("PUT", "limits", {"account": platform.account, "limits": []})
        wish = {"count": self._calls, "from": self._from.isoformat(), "to": self._to.isoformat(), "webhooks": "none"}
        twin.ask("POST", "calls", {"account": platform.account, **wish})
        truth = self._truth(twin, platform)
        twin.configure(rest_latency_ms=self._latency_ms if situation == "latency" else 0)
        done = Round(name, situation, len(truth), self._read(platform, truth))
        if self._with_peer:
            done.plain = self._read_plainly(platform, truth)
        return done

    def _truth(self, twin: Twin, platform: Platform) -> set[str]:
        found: set[str] = set()
        offset: int | None = 0
        while offset is not None:
            page = twin.ask("GET", f"truth?account={platform.account}&offset={offset}")
            found.update(call["external_id"] for call in page["calls"] if call["listed"])
            offset = page["next"]
        return found

    def _checkpoint(self) -> None:
        """What came before must not be written out at the expense of whose turn it is."""
        with connect(self._stack) as connection:
            connection.execute("CHECKPOINT")

    def _read(self, platform: Platform, truth: set[str]) -> SyncTurn:
        stack = self._stack
        self._checkpoint()
        parts = {"call-tracking-sync": stack.tracking, "PostgreSQL": stack.postgres, "normalizer": stack.normalizer}
        parts |= {"twin": stack.twin} | ({"Kafka": stack.kafka} if stack.kafka is not None else {})
        before = {name: processor_seconds([part]) for name, part in parts.items()}
        turn = SyncTurn()
        with client_of(stack) as client:
            account_id = create_account(stack, client, platform, SETTINGS).account_id
            run = self._await_run(account_id, turn)
            began = run["created_at"].timestamp()
            turn.seconds = run["finished_at"].timestamp() - began
            turn.requests = one_value(
                stack, "SELECT count(*) FROM tracking_requests WHERE provider_account_id = %s", [account_id]
            )
            eventually(partial(self._is_stored, account_id, truth), seconds=LONGEST, about="all calls are there", interval=0.2)
            turn.row_seconds = time.time() - began
            turn.processor_seconds = {name: processor_seconds([part]) - before[name] for name, part in parts.items()}
            turn.twin_resident = resident_mebibytes(stack.twin)
            table, name = ("call_history", "external_call_id") if self._with_rows else ("tracked_records", "external_id")
            sql = f"SELECT {name} AS id FROM {table} WHERE provider_account_id = %s"
            self._compare("call-tracking-sync", [row["id"] for row in rows(stack, sql, [account_id])], truth)
            if not self._with_rows:
                self._check_sent(account_id)
            # It has had its turn.
            disabled = accounts.ProviderAccount(provider_account_id=account_id, enabled=False)
            change = accounts.UpdateProviderAccountRequest(account=disabled, update_mask=FieldMask(paths=["enabled"]))
            client.accounts.UpdateProviderAccount(change, metadata=client.metadata, timeout=SECONDS)
        return turn

    def _await_run(self, account_id: str, turn: SyncTurn) -> dict[str, Any]:
        """The row of the account's first backfill when it is done; takes the memory on the way."""
        sql = (
            "SELECT r.state, r.error, r.created_at, r.finished_at, coalesce(c.seen, 0) AS seen FROM sync_runs r LEFT JOIN "
            "sync_checkpoints c ON c.provider_account_id = r.provider_account_id AND c.pass = 'backfill:' || r.run_id "
            "WHERE r.provider_account_id = %s"
        )
        deadline = time.monotonic() + LONGEST
        with connect(self._stack) as connection:
            while time.monotonic() < deadline:
                run = connection.execute(sql, [account_id]).fetchone()
                if run is not None:
                    while run["seen"] * TENTHS >= self._calls * (len(turn.resident) + 1) and len(turn.resident) < TENTHS:
                        turn.resident.append(resident_mebibytes(self._stack.tracking))
                        if self._calls >= 1_000_000:
                            say(f"    {run['seen']:,} calls: {turn.resident[-1]:.0f} MiB")
                    if run["state"] == "failed":
                        raise Failure("call-tracking-sync", run["error"], self._stack.tracking.log)
                    if run["state"] == "done":
                        return dict(run)
                time.sleep(0.05)
        raise Failure("call-tracking-sync", f"the backfill is not done within {LONGEST} s", self._stack.tracking.log)

    def _is_stored(self, account_id: str, truth: set[str]) -> bool:
        if one_value(self._stack, "SELECT EXISTS (SELECT FROM tracking_outbox)"):
            return False
        if not self._with_rows:
            return True
        if messages_behind(self._stack) != 0:
            return False
        sql = "SELECT count(*) FROM call_history WHERE provider_account_id = %s"
        return bool(one_value(self._stack, sql, [account_id]) >= len(truth))

    def _check_sent(self, account_id: str) -> None:
        sent: Counter[str] = Counter()
        for message in each_message(self._stack, RAW, seconds=LONGEST):
            raw = RawWebhook.FromString(message.value())
            sent[raw.call_id] += raw.provider_account_id == account_id
        if sent.total() != self._calls or any(count > 1 for count in sent.values()):
            sys.exit(f"{sent.total()} records were sent of {self._calls} calls")

    def _read_plainly(self, platform: Platform, truth: set[str]) -> dict[str, Any]:
        self._checkpoint()
        turn: PlainTurn = read_plainly(self._stack, platform, self._from - timedelta(seconds=1), self._to)
        self._compare("the plain client", turn.external_ids, truth)
        return {"seconds": turn.seconds, "requests": turn.requests, "processor_seconds": turn.processor_seconds}

    def _compare(self, who: str, found: list[str], truth: set[str]) -> None:
        if len(found) != len(set(found)) or set(found) != truth:
            missing, more = len(truth - set(found)), len(set(found) - truth)
            sys.exit(f"{who}: {missing} calls are missing, {more} are too many, {len(found) - len(set(found))} came twice")


def print_result(rounds: list[Round]) -> None:
    kinds = list(dict.fromkeys((r.platform, r.situation) for r in rounds))
    table = []
    for platform, situation in kinds:
        of_kind = [r for r in rounds if (r.platform, r.situation) == (platform, situation)]
        calls = of_kind[0].calls
        used = {
            name: median(r.sync.processor_seconds[name] for r in of_kind) / calls * 1e6
            for name in of_kind[0].sync.processor_seconds
        }
        plain = [r for r in of_kind if r.plain is not None]
        table.append(
            [
                f"{platform}, {situation}",
                f"{median(r.rate for r in of_kind):,.0f}",
                f"{median(r.row_rate for r in of_kind):,.0f}",
                f"{median(r.plain_rate for r in plain):,.0f}" if plain else "",
                f"{median(r.sync.requests for r in of_kind):,.0f}",
                f"{median(r.plain['requests'] for r in plain if r.plain):,.0f}" if plain else "",
                *(f"{used[name]:.0f}" for name in ("call-tracking-sync", "PostgreSQL", "normalizer", "Kafka", "twin")),
            ]
        )
    say("\nMedians of the rounds, calls/s and processor µs a call:")
    headings = ["", "backfill", "to rows", "plain", "requests", "plain's", "sync µs", "PostgreSQL", "normalizer", "Kafka", "twin"]
    print_table(headings, table)
    say()
    for platform, situation in kinds:
        ratios = [r.ratio for r in rounds if (r.platform, r.situation) == (platform, situation) and r.plain is not None]
        if ratios:
            print_ratio(f"{platform}, {situation}: backfill / plain client", ratios, MARK)


def print_memory(rounds: list[Round]) -> bool:
    """Whether it stayed flat in every round."""
    say("\nMiB of call-tracking-sync at each tenth of the calls, and of the twin:")
    flat = True
    for r in rounds:
        grown = r.sync.resident[-1] / r.sync.resident[2]
        flat = flat and grown <= MOST_GROWTH
        tenths = " ".join(f"{mebibytes:.0f}" for mebibytes in r.sync.resident)
        say(f"  {r.platform}, {r.situation}, {r.calls:,}: {tenths}; twin {r.sync.twin_resident:.0f}")
    return flat


def chosen(text: str, known: tuple[str, ...]) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(known):
        sys.exit(f"known are {', '.join(known)}")
    return names


def main() -> None:
    command = BenchmarkCommand("tracking_backfill", __doc__)
    add = command.parser.add_argument
    add("--calls", type=int, default=50_000, help="of an account, a turn each (default: 50000)")
    add("--rounds", type=int, default=3, help="default: 3")
    add("--platforms", default=",".join(PLATFORMS), help="separated by commas (default: %(default)s)")
    add("--situations", default=",".join(SITUATIONS), help="separated by commas (default: %(default)s)")
    add("--latency-ms", type=int, default=100, help="of each answer in the situation latency (default: 100)")
    add("--no-peer", action="store_true", help="call-tracking-sync alone")
    add("--no-rows", action="store_true", help="without the normalizer: to Kafka, and no further")
    options = command.begin()
    platforms, situations = chosen(options.platforms, PLATFORMS), chosen(options.situations, SITUATIONS)
    say("tracking_backfill benchmark")
    rounds: list[Round] = []
    with StackKeeper("bench_tracking_backfill") as keeper:
        stack = keeper.make("apache")
        report("stack", partial(start_stack, stack))
        for service in (stack.governor, stack.scheduler, *([stack.normalizer] if options.no_rows else [])):
            service.stop()
        benchmark = Benchmark(stack, options.calls, options.latency_ms, not options.no_peer, not options.no_rows)
        for number in range(1, options.rounds + 1):
            for situation in situations:
                for platform in platforms:
                    rounds.append(benchmark.run_round(platform, situation))
                    last = rounds[-1]
                    beside = f", plain {last.plain_rate:8,.0f}" if last.plain is not None else ""
                    say(
                        f"  round {number}  {platform:10} {situation:8} {last.rate:8,.0f} calls/s, to rows {last.row_rate:8,.0f}"
                        f"{beside}; every call once"
                    )
    print_result(rounds)
    flat = print_memory(rounds)
    command.finish({"rounds": [asdict(r) for r in rounds]})
    if options.calls >= 1_000_000 and not flat:
        sys.exit("memory grew")


if __name__ == "__main__":
    main()
