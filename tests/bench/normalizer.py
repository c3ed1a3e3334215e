"""`./trunkline bench normalizer`: webhooks to committed rows and published events, beside a bare COPY of the same rows.

Apache Kafka is filled with the raw webhooks of made-up calls that overlap, a few of them twice; then the normalizer is
started. It is measured from the first batch to the last published event, which is when every row is
committed, every call is in call_history and every event can be read from the stream (read_committed). Then the rows of
call_events that it wrote are written again by COPY into an empty table with the same columns and indexes, in the same
PostgreSQL. So the normalizer's side holds everything it does: parsing, mapping, claiming each event, merging and
writing the calls, the audit row of each webhook, publishing events and calls; COPY's holds one table alone.

A second figure stands beside that: a COPY of all rows that the run left behind, those of call_events,
call_event_sources, webhook_logs and call_history. It tells how far the normalizer is from the same rows without any
thought; the rows that a call in progress had meanwhile are not among them. Both are held against the mark.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

import psycopg
from benchmark.command import BenchmarkCommand
from benchmark.copied_rows import Rows, create_table, export_rows, time_copy
from benchmark.metrics import metrics_of
from benchmark.processor_time import processor_seconds
from benchmark.raw_topic import TopicReader
from benchmark.running import start_stack
from benchmark.table import print_ratio, print_table
from support.stacks import StackKeeper, binary_directory
from support.topics import full_name
from trunkline.events.v1.call_event_pb2 import CallEvent
from trunkline_local.console import report, say
from trunkline_local.failure import Failure
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack

FIRST_MARK = 0.25
WEBHOOKS_OF_A_CALL = 4
MESSAGES = "trunkline_normalizer_messages_total"
STAGES = ("map", "store", "publish")
TABLES = ("call_queue", "call_history", "call_events", "call_event_sources", "webhook_logs")
COUNTED_TABLE = "call_events"
LEFT_BEHIND = (COUNTED_TABLE, "call_event_sources", "webhook_logs", "call_history")
LONGEST_RUN = 600

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Round:
    """One run of the normalizer and the COPY of what it wrote."""

    messages: int
    rows: int
    seconds: float
    copy_seconds: float
    copy_all_seconds: float
    stage_seconds: dict[str, float]
    batches: int
    processor_seconds: dict[str, float]

    @property
    def rate(self) -> float:
        return self.rows / self.seconds

    @property
    def copy_rate(self) -> float:
        return self.rows / self.copy_seconds

    @property
    def copy_all_rate(self) -> float:
        """Counted in rows of call_events, as the others are."""
        return self.rows / self.copy_all_seconds


class Benchmark:
    def __init__(self, stack: Stack, options: argparse.Namespace):
        self._stack = stack
        self._options = options
        self._events = TopicReader(stack, full_name("call-events.v1"))
        self._connection: Connection = psycopg.connect(stack.database.url(OWNER), autocommit=True)
        self.indexes = {table: create_table(self._connection, table) for table in LEFT_BEHIND}

    def close(self) -> None:
        self._events.close()
        self._connection.close()

    def run_round(self, seed: int) -> Round:
        normalizer = self._stack.normalizer
        self._connection.execute("TRUNCATE " + ", ".join(TABLES))
        messages = self._fill_topic(seed)
        # What came before must not be written out at the normalizer's expense.
        self._connection.execute("CHECKPOINT")
        parts = {"postgres": [self._stack.postgres], "kafka": [self._stack["kafka"]]}
        before = {name: processor_seconds(of_name) for name, of_name in parts.items()}
        normalizer.start()
        ended = self._wait_for(messages)
        used = {name: processor_seconds(of_name) - before[name] for name, of_name in parts.items()}
        used["normalizer"] = processor_seconds([normalizer])
        metrics = metrics_of(normalizer)
        normalizer.stop()
        stage = 'trunkline_normalizer_batch_seconds_{}{{stage="{}"}}'
        stage_seconds = {name: metrics[stage.format("sum", name)] for name in STAGES}
        batches = int(metrics[stage.format("count", "map")])
        # The first batch was mapped before its transaction began, and that counts as well.
        first_transaction = float(self._value("SELECT extract(epoch FROM min(first_seen_at)) FROM call_event_sources"))
        began = first_transaction - stage_seconds["map"] / batches
        rows = self._check(seed)
        exported = [export_rows(self._connection, table) for table in LEFT_BEHIND]
        return Round(
            messages=messages,
            rows=rows,
            seconds=ended - began,
            copy_seconds=self._time_copies(exported[:1]),
            copy_all_seconds=self._time_copies(exported),
            stage_seconds=stage_seconds,
            batches=batches,
            processor_seconds=used,
        )

    def _fill_topic(self, seed: int) -> int:
        demo = self._stack.demo
        command = [
            str(binary_directory() / "bench-raw-webhooks"),
            f"--kafka-bootstrap={self._stack.kafka_bootstrap()}",
            f"--calls={self._options.calls}",
            f"--overlapping-calls={self._options.overlapping_calls}",
            f"--duplicate-every={self._options.duplicate_every}",
            f"--seed={seed}",
            f"--account={demo.value('provider_account_id')}",
            f"--account-sid={demo.account_sid()}",
            f"--business={demo.value('business_id')}",
        ]
        done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure("raw webhooks", done.stderr.strip())
        return int(json.loads(done.stdout)["sent"])

    def _wait_for(self, messages: int) -> float:
        """When the last message was counted, which the normalizer does after it published."""
        deadline = time.monotonic() + LONGEST_RUN
        while time.monotonic() < deadline:
            if metrics_of(self._stack.normalizer).get(MESSAGES, 0) >= messages:
                return time.time()
            time.sleep(0.05)
        raise Failure("normalizer", f"did not come to an end in {LONGEST_RUN} s", self._stack.normalizer.log)

    def _value(self, sql: str) -> Any:
        row = self._connection.execute(sql).fetchone()
        assert row is not None
        return row[0]

    def _check(self, seed: int) -> int:
        """The number of rows; ends the benchmark when an event or a call is missing, or is there more than once."""
        calls = self._options.calls
        expected_calls = {f"CA{seed:08x}{call:024x}" for call in range(calls)}
        ended = self._connection.execute(
            "SELECT external_call_id FROM call_history WHERE status = 'completed'"
        ).fetchall()
        whole_calls = self._value(
            "SELECT count(*) FROM (SELECT 1 FROM call_events GROUP BY call_id HAVING count(*) = 4 "
            "AND array_agg(sequence ORDER BY sequence) = '{0,1,2,3}') AS whole"
        )
        in_rows = Counter(str(row[0]) for row in self._connection.execute("SELECT event_id FROM call_events"))
        in_stream = Counter(CallEvent.FromString(value).event_id for _, value in self._events.read())
        problems = [
            problem
            for problem, is_there in (
                ("call_history does not hold each call once, completed", sorted(expected_calls) != _sorted(ended)),
                ("call_queue holds calls", self._value("SELECT count(*) FROM call_queue") != 0),
                ("call_events does not hold four webhooks of each call", whole_calls != calls),
                ("an event is in call_events more than once", len(in_rows) != in_rows.total()),
                ("call_events holds more or less than was sent", in_rows.total() != calls * WEBHOOKS_OF_A_CALL),
                ("the stream and call_events differ", in_stream != in_rows),
            )
            if is_there
        ]
        if problems:
            sys.exit(f"normalizer, seed {seed}: " + "; ".join(problems))
        return in_rows.total()

    def _time_copies(self, tables: Sequence[Rows]) -> float:
        return median(time_copy(self._connection, tables) for _ in range(self._options.copies))


def _sorted(rows: list[tuple[Any, ...]]) -> list[str]:
    return sorted(str(row[0]) for row in rows)


def print_result(rounds: list[Round]) -> None:
    measured = {
        "normalizer": [(r.rate, r.seconds) for r in rounds],
        "COPY of call_events": [(r.copy_rate, r.copy_seconds) for r in rounds],
        "COPY of all rows": [(r.copy_all_rate, r.copy_all_seconds) for r in rounds],
    }
    say("\nMedian of the rounds:")
    print_table(
        ["", "rows/s of call_events", "seconds"],
        [
            [name, f"{median(rate for rate, _ in values):,.0f}", f"{median(seconds for _, seconds in values):.2f}"]
            for name, values in measured.items()
        ],
    )
    last = rounds[-1]
    stages = {name: median(r.stage_seconds[name] for r in rounds) for name in STAGES}
    # Below zero as far as the stages of different batches overlap.
    stages["rest, less overlap"] = median(r.seconds - sum(r.stage_seconds.values()) for r in rounds)
    say(f"\nWhere the normalizer's time goes ({last.batches} batches of {last.messages / last.batches:,.0f} messages):")
    print_table(
        ["stage", "seconds", "share", "µs a message"],
        [
            [name, f"{s:.2f}", f"{s / median(r.seconds for r in rounds):.0%}", f"{s / last.messages * 1e6:.1f}"]
            for name, s in stages.items()
        ],
    )
    used = {name: median(r.processor_seconds[name] for r in rounds) for name in last.processor_seconds}
    say("\nProcessor µs a message: " + ", ".join(f"{name} {s / last.messages * 1e6:.1f}" for name, s in used.items()))
    say()
    print_ratio("normalizer / COPY of call_events", [r.rate / r.copy_rate for r in rounds], FIRST_MARK)
    all_rows = [r.rate / r.copy_all_rate for r in rounds]
    print_ratio(f"normalizer / COPY of all rows left behind ({', '.join(LEFT_BEHIND)})", all_rows, FIRST_MARK)


def as_json(rounds: list[Round], indexes: dict[str, list[str]]) -> dict[str, Any]:
    ratios = [r.rate / r.copy_rate for r in rounds]
    all_rows = [r.rate / r.copy_all_rate for r in rounds]
    return {
        "indexes_of_copied_tables": indexes,
        "rounds": [{**asdict(r), "rate": r.rate, "copy_rate": r.copy_rate, "copy_all_rate": r.copy_all_rate} for r in rounds],
        "ratios": {
            "copy": {"median": median(ratios), "rounds": ratios},
            "copy_of_all_rows": {"median": median(all_rows), "rounds": all_rows},
        },
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--calls", type=int, default=100_000, help="each with four webhooks (default: 100000)")
    parser.add_argument("--overlapping-calls", type=int, default=10_000, help="calls at a time (default: 10000)")
    parser.add_argument("--duplicate-every", type=int, default=100, help="every so many come twice (default: 100)")
    parser.add_argument("--rounds", type=int, default=3, help="each with new calls (default: 3)")
    parser.add_argument("--copies", type=int, default=3, help="COPYs of a round, of which the median counts")
    parser.add_argument("--batch-size", type=int, help="of the normalizer; its own default otherwise")


def main() -> None:
    command = BenchmarkCommand("normalizer", __doc__)
    add_options(command.parser)
    options = command.begin()
    say("normalizer benchmark")
    with StackKeeper("bench_normalizer") as keeper:
        stack = keeper.make("apache")
        if options.batch_size is not None:
            stack.normalizer.overrides["TRUNKLINE_BATCH_SIZE"] = str(options.batch_size)
        report("stack", partial(start_stack, stack))
        # The gateway reads the stream that is filled here, and nobody asks it anything.
        for service in (stack.normalizer, stack.webhook_ingest, stack.gateway, stack.twin):
            service.stop()
        benchmark = Benchmark(stack, options)
        try:
            rounds: list[Round] = []
            for number in range(1, options.rounds + 1):
                rounds.append(benchmark.run_round(seed=number))
                say(
                    f"  round {number}  normalizer {rounds[-1].rate:9,.0f} rows/s   COPY {rounds[-1].copy_rate:9,.0f} "
                    f"rows/s, of all rows {rounds[-1].copy_all_rate:9,.0f}   {rounds[-1].messages:,} messages, {rounds[-1].rows:,} events, each found once"
                )
        finally:
            benchmark.close()
    print_result(rounds)
    say(f"\n{options.calls:,} calls, {options.overlapping_calls:,} at a time; COPY into tables with")
    for index in (index for of_table in benchmark.indexes.values() for index in of_table):
        say(f"  {index}")
    say("on")
    command.finish(as_json(rounds, benchmark.indexes))


if __name__ == "__main__":
    main()
