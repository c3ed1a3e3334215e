"""`./trunkline bench gateway`: what the gateway adds to a call, and what it costs to watch many.

Latency: calls are placed at an even rate over a provider twin without any latency. Of each call the time in the
provider's API, as the gateway noted it for the call's timeline, is taken from the time of InitiateCall as the client
saw it. What is left is the gateway's own: gRPC, the checks, one question to PostgreSQL and two commits, each of which
is on the disk before the next step. It is measured three times:

  alone     gateway, PostgreSQL, Kafka and the twin, which sends no webhooks; every call is admitted
  governed  concurrency-governor is asked for a slot, which it commits: what the gateway waits for it is counted, too
  whole     the twin sends its webhooks as well, and webhook-ingest and normalizer work on them and on the gateway's
            facts, all on the same processors; at a lower rate, as so much work has to fit

A round in which the load itself was late says so: its figures are those of a machine that had no time for anybody.
Beside the calls, in the same seconds, stands a bare transaction on the same PostgreSQL, of one row that is on the disk.

Watching: so many calls in progress, each watched by a stream of its own; the resident memory of the gateway with them,
and after each call has ended and every stream was told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from benchmark.command import BenchmarkCommand
from benchmark.metrics import metrics_of
from benchmark.processor_time import processor_seconds
from benchmark.running import start_stack
from benchmark.table import print_table
from support.database import one_value, rows
from support.numbers import NO_ANSWER
from support.stacks import StackKeeper, binary_directory
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.console import report, say
from trunkline_local.failure import Failure
from trunkline_local.part import Part
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack

SUITES = ("alone", "governed", "whole")
LATENCY_MARK = 5.0  # milliseconds
MEMORY_MARK = 300  # MiB
# Of the requests one in a hundred may be sent so much later than it was due, in milliseconds.
LATE_LIMIT = 1.0
STAGES = ("find", "select", "admit", "commit", "record")
# A bare transaction so often, beside the calls.
BARE_PAUSE = 0.05
PATIENCE = 120
WARM_UP_CALLS = 500


def at(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(int(share * len(sorted_values)), len(sorted_values) - 1)] if sorted_values else 0.0


@dataclass
class Round:
    suite: str
    calls: int
    rate: float
    load_average: float  # of the minute, when it began
    # Milliseconds, sorted.
    late: list[float]  # how much later than it was due a request was sent
    whole: list[float]
    api: list[float]
    own: list[float]
    bare: list[float]
    # Mean milliseconds by stage.
    stages: dict[str, float]
    # Microseconds a call, by process.
    processor: dict[str, float]


@dataclass
class Memory:
    """Of the gateway, resident, in MiB."""

    calls: int
    before: float = 0
    watched: float = 0
    told: float = 0
    seconds_to_open: float = 0


class BareTransactions:
    """One row in one transaction, again and again, beside what is measured."""

    def __init__(self, stack: Stack):
        self.milliseconds: list[float] = []
        self._connection: psycopg.Connection[Any] = psycopg.connect(stack.database.url(OWNER), autocommit=True)
        self._connection.execute("CREATE TABLE IF NOT EXISTS bare_transactions (written_at timestamptz)")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopped.wait(BARE_PAUSE):
            began = time.perf_counter()
            self._connection.execute("INSERT INTO bare_transactions VALUES (now())")
            self.milliseconds.append((time.perf_counter() - began) * 1000)

    def __enter__(self) -> BareTransactions:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._connection.close()


class Benchmark:
    def __init__(self, stack: Stack, options: argparse.Namespace):
        self._stack = stack
        self._options = options
        self._number = 0
        self._twin = Twin(stack)

    def place(self, calls: int, rate: int) -> dict[str, Any]:
        command = [
            str(binary_directory() / "bench-dial-load"),
            f"--gateway={self._stack.gateway_grpc()}",
            f"--calls={calls}",
            f"--rate={rate}",
            f"--first-number={self._number}",
            f"--ending={NO_ANSWER:02d}",
        ]
        self._number += calls
        done = subprocess.run(command, env=self._key(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure("dial load", done.stderr.strip())
        result: dict[str, Any] = json.loads(done.stdout)
        if result["errors"]:
            sys.exit(f"not every call was placed: {result['errors']}")
        return result

    def _key(self) -> dict[str, str]:
        return {"TRUNKLINE_API_KEY": self._stack.demo.value("api_key")}

    def choose(self, suite: str) -> None:
        """Which parts work beside the gateway from now on."""
        Twin(self._stack).configure(webhook_loss=0.0 if suite == "whole" else 1.0, seed=1)
        if suite == "alone":
            self._stack.gateway.overrides["TRUNKLINE_GOVERNOR_ADDRESS"] = ""
        else:
            self._stack.gateway.overrides.pop("TRUNKLINE_GOVERNOR_ADDRESS", None)
        self._stack.gateway.start()
        if suite == "whole":
            self._stack.webhook_ingest.start()
            self._stack.normalizer.start()
            self._wait_until_published()
        else:
            self._stack.normalizer.stop()
            self._stack.webhook_ingest.stop()
        self.place(WARM_UP_CALLS, self.rate_of(suite))

    def rate_of(self, suite: str) -> int:
        return self._options.whole_rate if suite == "whole" else self._options.rate

    def measure_latency(self, suite: str) -> Round:
        options = self._options
        load_average = os.getloadavg()[0]
        rate = self.rate_of(suite)
        calls = int(rate * options.seconds)
        parts: dict[str, list[Part]] = {
            "gateway": [self._stack.gateway],
            "postgres": [self._stack.postgres],
            "twin": [self._stack.twin],
            "governor": [self._stack.governor],
        }
        used = {name: -processor_seconds(of_name) for name, of_name in parts.items()}
        stages = self._stages()
        with BareTransactions(self._stack) as bare:
            result = self.place(calls, rate)
        for name, of_name in parts.items():
            used[name] += processor_seconds(of_name)
        used["load"] = result["processor_seconds"]
        whole = {call_id: times["took"] / 1000 for call_id, times in result["calls"].items()}
        api = self._api_times(whole)
        self._check(whole, calls)
        own = sorted(whole[call_id] - api[call_id] for call_id in whole)
        return Round(
            suite=suite,
            calls=calls,
            rate=calls / result["seconds"],
            load_average=load_average,
            late=sorted(times["late"] / 1000 for times in result["calls"].values()),
            whole=sorted(whole.values()),
            api=sorted(api.values()),
            own=own,
            bare=sorted(bare.milliseconds),
            stages=self._stages(stages),
            processor={name: seconds / calls * 1e6 for name, seconds in used.items()},
        )

    def _stages(self, before: dict[str, float] | None = None) -> dict[str, float]:
        """Sums and counts; with those of before, the means between the two in milliseconds."""
        metrics = metrics_of(self._stack.gateway)
        name = 'trunkline_gateway_dial_stage_seconds_{}{{stage="{}"}}'
        now = {
            f"{stage}_{what}": metrics.get(name.format(what, stage), 0) for stage in STAGES for what in ("sum", "count")
        }
        if before is None:
            return now
        return {
            stage: 1000
            * (now[f"{stage}_sum"] - before[f"{stage}_sum"])
            / max(now[f"{stage}_count"] - before[f"{stage}_count"], 1)
            for stage in STAGES
        }

    def _api_times(self, calls: dict[str, float]) -> dict[str, float]:
        """They are written a moment later."""
        sql = (
            "SELECT call_id::text, extract(epoch FROM took)::double precision * 1000 AS took FROM provider_requests "
            "WHERE operation = 'place_call' AND call_id = ANY (%s::uuid[])"
        )
        found = eventually(
            lambda: rows(self._stack, sql, [list(calls)]),
            seconds=PATIENCE,
            until=lambda found: len(found) == len(calls),
            about="the time in the provider's API of each call",
        )
        return {row["call_id"]: row["took"] for row in found}

    def _check(self, calls: dict[str, float], wanted: int) -> None:
        placed = one_value(
            self._stack,
            "SELECT count(*) FROM dial_intents WHERE state = 'placed' AND call_id = ANY (%s::uuid[])",
            [list(calls)],
        )
        at_provider = len({call["to"] for call in self._twin.calls()})
        if not (placed == wanted == len(calls)) or at_provider != self._number:
            sys.exit(f"{wanted} calls were wished for, {placed} are placed, the provider has {at_provider}")

    def measure_memory(self) -> Memory:
        """Every call in progress has a stream; then each ends, and each stream must be told."""
        calls = self._options.watched
        memory = Memory(calls)
        since = str(time.time())
        placed = list(self.place(calls, self._options.whole_rate)["calls"])
        ids = [call["sid"] for call in self._twin.calls(since=since)]
        known = "SELECT count(*) FROM call_queue WHERE status = 'ringing' AND call_id = ANY (%s::uuid[])"
        eventually(lambda: one_value(self._stack, known, [placed]) == calls, seconds=PATIENCE, about="all calls ring")
        memory.before = self._resident()
        command = [str(binary_directory() / "bench-watch-load"), f"--gateway={self._stack.gateway_grpc()}"]
        began = time.monotonic()
        with subprocess.Popen(
            command, env=self._key(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as watchers:
            assert watchers.stdin is not None and watchers.stdout is not None
            watchers.stdin.write("\n".join(placed) + "\n\n")
            watchers.stdin.flush()
            if watchers.stdout.readline().strip() != "watching":
                raise Failure("watch load", "the streams did not begin")
            memory.seconds_to_open = time.monotonic() - began
            memory.watched = self._resident()
            for sid in ids:
                self._twin.ask("POST", f"calls/{sid}/hangup")
            ended = "SELECT count(*) FROM call_history WHERE call_id = ANY (%s::uuid[])"
            eventually(lambda: one_value(self._stack, ended, [placed]) == calls, seconds=PATIENCE, about="all ended")
            self._wait_until_published()
            memory.told = self._resident()
            watchers.stdin.write("\n")
            watchers.stdin.flush()
            result = json.loads(watchers.stdout.readline())
        silent = sum(1 for events in result["events"] if events == 0)
        if result["errors"] or silent:
            sys.exit(f"{silent} of {calls} streams were told nothing; {result['errors']}")
        return memory

    def _wait_until_published(self) -> None:
        """What is stored is published a moment later, and then every watcher has it."""

        def counters() -> tuple[float, float]:
            metrics = metrics_of(self._stack.normalizer)
            # Before its first batch it has none of the two.
            return (
                metrics.get("trunkline_normalizer_messages_total", 0),
                metrics.get("trunkline_normalizer_lag_messages", 1),
            )

        before = (-1.0, -1.0)

        def is_quiet() -> bool:
            nonlocal before
            previous, before = before, counters()
            return previous == before and before[1] == 0

        eventually(is_quiet, seconds=PATIENCE, about="the normalizer has nothing to do")

    def _resident(self) -> float:
        pid = self._stack.gateway.process.pid()
        status = Path(f"/proc/{pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


def verdict_of(rounds: list[Round]) -> str:
    late = [r for r in rounds if at(r.late, 0.99) > LATE_LIMIT]
    if 2 * len(late) > len(rounds):
        return f"not to be told: in {len(late)} of {len(rounds)} rounds the load itself was late"
    return "reached" if median(at(r.own, 0.99) for r in rounds) <= LATENCY_MARK else "NOT reached"


def print_latency(suite: str, rounds: list[Round]) -> None:
    def row(name: str, of: Callable[[Round], list[float]]) -> list[str]:
        return [name, *(f"{median(at(of(r), share) for r in rounds):.2f}" for share in (0.5, 0.9, 0.99, 0.999))]

    say(f"\n{suite}, {median(r.rate for r in rounds):,.0f} calls/s: milliseconds, median of the rounds")
    print_table(
        ["", "p50", "p90", "p99", "p99.9"],
        [
            row("InitiateCall", lambda r: r.whole),
            row("the provider's API", lambda r: r.api),
            row("the gateway's own", lambda r: r.own),
            row("a bare transaction", lambda r: r.bare),
            row("the load was late by", lambda r: r.late),
        ],
    )
    stages = {name: median(r.stages[name] for r in rounds) for name in STAGES}
    say("stages, mean: " + ", ".join(f"{name} {value:.2f}" for name, value in stages.items()))
    processor = {name: median(r.processor[name] for r in rounds) for name in rounds[0].processor}
    say("processor µs a call: " + ", ".join(f"{name} {value:.0f}" for name, value in processor.items()))
    worst = [at(r.own, 0.99) for r in rounds]
    say(
        f"  the gateway's own p99: {median(worst):.2f} ms   (rounds {min(worst):.2f} to {max(worst):.2f}; "
        f"mark {LATENCY_MARK:g} ms, {verdict_of(rounds)})"
    )


def print_memory(memory: Memory) -> None:
    verdict = "reached" if max(memory.watched, memory.told) <= MEMORY_MARK else "NOT reached"
    say(
        f"\nResident memory of the gateway with {memory.calls:,} calls in progress: {memory.before:.0f} MiB; "
        f"with a stream for each: {memory.watched:.0f} MiB, opened in {memory.seconds_to_open:.1f} s; "
        f"when each was told its call's end: {memory.told:.0f} MiB"
    )
    say(f"  mark {MEMORY_MARK} MiB, {verdict}")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, default=500, help="calls a second (default: 500)")
    parser.add_argument("--whole-rate", type=int, default=200, help="the same with the whole suite (default: 200)")
    parser.add_argument("--seconds", type=float, default=10, help="of a round (default: 10)")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--suites", nargs="*", choices=SUITES, default=SUITES, help="default: all")
    parser.add_argument("--watched", type=int, default=10_000, help="calls that are watched (default: 10000; 0: none)")


def main() -> None:
    command = BenchmarkCommand("gateway", __doc__)
    add_options(command.parser)
    options = command.begin()
    say("gateway benchmark")
    memory = None
    rounds: list[Round] = []
    with StackKeeper("bench_gateway") as keeper:
        stack = keeper.make("embedded")
        placed = (len(options.suites) + 1) * (WARM_UP_CALLS + int(options.rate * options.seconds) * options.rounds)
        remembered = str(2 * (placed + options.watched))
        stack.twin.overrides.update({"TRUNKLINE_KEEP_CALLS": remembered, "TRUNKLINE_KEEP_LOG": remembered})
        report("stack", partial(start_stack, stack))
        benchmark = Benchmark(stack, options)
        for suite in options.suites:
            benchmark.choose(suite)
            for number in range(1, options.rounds + 1):
                this = benchmark.measure_latency(suite)
                rounds.append(this)
                say(
                    f"  {suite} {number}  {this.rate:6,.0f} calls/s   own p50 {at(this.own, 0.5):6.2f} ms   "
                    f"p99 {at(this.own, 0.99):6.2f} ms   the load late by {at(this.late, 0.99):5.2f} ms   "
                    f"load average {this.load_average:.1f}   {this.calls:,} calls, each placed once"
                )
        if options.watched > 0:
            benchmark.choose("whole")
            memory = benchmark.measure_memory()
    for suite in options.suites:
        print_latency(suite, [r for r in rounds if r.suite == suite])
    if memory is not None:
        print_memory(memory)
    command.facts["load after"] = "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())
    say(f"\n{options.seconds:g} s a round, {options.rounds} rounds; on")
    command.finish(
        {
            "rounds": [
                {
                    "suite": r.suite,
                    "calls": r.calls,
                    "rate": r.rate,
                    "load_average": r.load_average,
                    "stages": r.stages,
                    "processor_microseconds": r.processor,
                    **{
                        name: {str(share): at(values, share) for share in (0.5, 0.9, 0.99, 0.999, 1)}
                        for name, values in (
                            ("whole", r.whole),
                            ("api", r.api),
                            ("own", r.own),
                            ("bare", r.bare),
                            ("late", r.late),
                        )
                    },
                }
                for r in rounds
            ],
            "memory": asdict(memory) if memory is not None else None,
        }
    )


if __name__ == "__main__":
    main()
