"""`./trunkline bench ingest`: verified webhooks a second, beside an idle web server and the peer a team would write.

The same signed webhooks go to three targets that take turns, round after round, on one machine:

  trunkline   webhook-ingest; the answer comes when Apache Kafka acknowledged the webhook (acks=all)
  nginx       an empty 204; nothing is checked and nothing is kept
  express     Express, Twilio's official middleware, BullMQ; the answer comes when Redis has the job in memory

After each turn it is checked that the webhooks that got a 2xx are in the topic, once each, and nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from statistics import median
from typing import Any

from benchmark.command import BenchmarkCommand
from benchmark.express_peer import ExpressPeer, express_versions, install_express_peer, queued_jobs
from benchmark.load import Load, Turn
from benchmark.machine import version_of
from benchmark.nginx import Nginx, nginx_program
from benchmark.processor_time import processor_seconds
from benchmark.raw_topic import TOPIC, TopicReader, problems_of, webhook_numbers
from benchmark.redis import Redis
from benchmark.running import start_stack
from benchmark.table import print_ratio, print_table
from support.stacks import StackKeeper, binary_directory
from trunkline_local.console import report, say
from trunkline_local.part import Part
from trunkline_local.stack import Stack

FIRST_MARKS = {"nginx": 0.2, "express": 6.0}
LARGEST_TURN = 400_000
SETTLING_SECONDS = 1.0
WARM_UP_SEED = 0


@dataclass
class Target:
    """What is loaded: its port, its processes by name, and what is wrong after a turn with a seed."""

    name: str
    port: int
    parts: dict[str, list[Part]]
    check: Callable[[Turn, int], list[str]]
    turns: list[Turn] = field(default_factory=list)
    # Processor microseconds for each webhook, by process; a list with one value for each turn.
    processor: dict[str, list[float]] = field(default_factory=dict)
    requests: int = LARGEST_TURN // 4

    def take_turn(self, load: Load, seed: int, rate: int = 0) -> Turn:
        before = {name: processor_seconds(parts) for name, parts in self.parts.items()}
        turn = load.run(self.port, seed, int(rate * load.seconds) if rate else self.requests, rate)
        used = {name: processor_seconds(parts) - before[name] for name, parts in self.parts.items()}
        problems = self.check(turn, seed)
        if turn.accepted != turn.sent:
            problems.append(f"{turn.sent - turn.accepted} of {turn.sent} webhooks got no 2xx: {turn.statuses}")
        if problems:
            sys.exit(f"{self.name}, seed {seed}: " + "; ".join(problems))
        if rate == 0:
            used["load"] = turn.load_processor_seconds
            for name, seconds in used.items():
                self.processor.setdefault(name, []).append(seconds / max(turn.accepted, 1) * 1e6)
            self.turns.append(turn)
        time.sleep(SETTLING_SECONDS)
        return turn

    def warm_up(self, load: Load, seed: int) -> str:
        """Not counted; also tells how many requests a turn needs."""
        turn = self.take_turn(load, seed)
        self.requests = min(LARGEST_TURN, int(turn.rate * load.seconds * 1.6) + 1000)
        self.turns.clear()
        self.processor.clear()
        return f"{turn.rate:,.0f}/s, not counted"

    def rate(self) -> float:
        return median(turn.rate for turn in self.turns)


def make_targets(stack: Stack, reader: TopicReader, nginx: Nginx, express: ExpressPeer, redis: Redis) -> list[Target]:
    def check_topic(turn: Turn, seed: int) -> list[str]:
        values = [value for _, value in reader.read()]
        return problems_of(webhook_numbers(values, seed), turn.sent, turn.doubtful)

    def check_queue(turn: Turn, _seed: int) -> list[str]:
        jobs = queued_jobs(redis)
        redis.forget_all()
        return [] if jobs == turn.accepted else [f"{turn.accepted} webhooks were accepted, {jobs} jobs are queued"]

    ingest = stack.webhook_ingest
    assert stack.kafka is not None
    return [
        Target("trunkline", ingest.port("http-port"), {"ingest": [ingest], "kafka": [stack.kafka]}, check_topic),
        Target("nginx", nginx.port(), {"nginx": [nginx]}, lambda _turn, _seed: []),
        Target("express", express.port(), {"express": [express], "redis": [redis]}, check_queue),
    ]


def print_result(targets: list[Target], same_rate: dict[str, Turn], rate: int) -> None:
    headings = ["", "webhooks/s", "p50 ms", "p99 ms", "processor µs a webhook"]
    rows = [
        [
            target.name,
            f"{target.rate():,.0f}",
            f"{median(turn.p50 for turn in target.turns):.2f}",
            f"{median(turn.p99 for turn in target.turns):.2f}",
            ", ".join(f"{name} {median(values):.1f}" for name, values in target.processor.items()),
        ]
        for target in targets
    ]
    say("\nAs fast as each answers, median of the rounds:")
    print_table(headings, rows)
    if same_rate:
        say(f"\nAll at {rate:,} webhooks/s:")
        print_table(
            ["", "p50 ms", "p99 ms"],
            [[name, f"{turn.p50:.2f}", f"{turn.p99:.2f}"] for name, turn in same_rate.items()],
        )
    say()
    for name, ratios in ratios_of(targets).items():
        print_ratio(f"trunkline / {name}", ratios, FIRST_MARKS[name])


def ratios_of(targets: list[Target]) -> dict[str, list[float]]:
    ours, *others = targets
    return {
        other.name: [mine.rate / its.rate for mine, its in zip(ours.turns, other.turns, strict=True)]
        for other in others
    }


def as_json(targets: list[Target], same_rate: dict[str, Turn], rate: int) -> dict[str, Any]:
    def plain(turn: Turn) -> dict[str, Any]:
        return {**asdict(turn), "doubtful": sorted(turn.doubtful), "rate": turn.rate}

    return {
        "targets": {
            target.name: {"rounds": [plain(turn) for turn in target.turns], "processor_microseconds": target.processor}
            for target in targets
        },
        "ratios": {name: {"median": median(r), "rounds": r} for name, r in ratios_of(targets).items()},
        "same_rate": {"rate": rate, **{name: plain(turn) for name, turn in same_rate.items()}},
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    processors = len(os.sched_getaffinity(0))
    parser.add_argument("--rounds", type=int, default=5, help="turns of each target (default: 5)")
    parser.add_argument("--seconds", type=float, default=5, help="of a turn (default: 5)")
    parser.add_argument("--connections", type=int, default=256, help="kept alive by the load program (default: 256)")
    parser.add_argument("--http-threads", type=int, default=1, help="event loops of webhook-ingest (default: 1)")
    parser.add_argument(
        "--express-workers", type=int, default=processors, help=f"Node.js processes (default: {processors}, one each)"
    )
    parser.add_argument(
        "--rate", type=int, help="webhooks/s of the last round, which compares latencies (default: half of express's)"
    )


def main() -> None:
    command = BenchmarkCommand("ingest", __doc__)
    add_options(command.parser)
    options = command.begin()
    say("ingest benchmark")
    report("express peer", install_express_peer)
    command.facts["nginx"] = version_of([str(nginx_program()), "-v"])
    command.facts["Node.js"] = version_of(["node", "--version"])
    command.facts["Redis"] = version_of(["redis-cli", "--version"])
    command.facts.update(express_versions())

    with StackKeeper("bench_ingest") as keeper:
        stack = keeper.make("apache")
        stack.webhook_ingest.overrides["TRUNKLINE_HTTP_THREADS"] = str(options.http_threads)
        report("stack", partial(start_stack, stack))
        # Nobody's business here, and the normalizer would work on what arrives.
        stack.normalizer.stop()
        stack.twin.stop()

        nginx = Nginx("nginx", stack.directory, stack.state)
        redis = Redis(stack.directory, stack.state)
        express = ExpressPeer(stack, redis, options.express_workers)
        for peer in (nginx, redis, express):
            peer.settle_ports()
            report(peer.name, peer.start)
        reader = TopicReader(stack, TOPIC)
        try:
            load = Load(stack, binary_directory() / "bench-webhook-load", options.connections, options.seconds)
            targets = make_targets(stack, reader, nginx, express, redis)
            for target in targets:
                report(f"warm {target.name}", partial(target.warm_up, load, WARM_UP_SEED))
            for number in range(1, options.rounds + 1):
                for target in targets:
                    turn = target.take_turn(load, seed=number)
                    say(
                        f"  round {number}  {target.name:<10} {turn.rate:10,.0f}/s   p50 {turn.p50:7.2f} ms   "
                        f"p99 {turn.p99:7.2f} ms   {turn.accepted:,} webhooks, all found"
                    )
            rate = options.rate or int(targets[2].rate() / 2)
            same_rate = {target.name: target.take_turn(load, options.rounds + 1, rate) for target in targets}
        finally:
            reader.close()
            for peer in (express, redis, nginx):
                peer.stop()

    print_result(targets, same_rate, rate)
    say(f"\n{options.connections} connections, {options.seconds:g} s a turn, {options.rounds} rounds; on")
    command.finish(as_json(targets, same_rate, rate))


if __name__ == "__main__":
    main()
