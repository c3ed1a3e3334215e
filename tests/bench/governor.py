"""`./trunkline bench governor`: slots acquired and released a second, each on the disk before anybody hears of it.

One at a time, by many clients:

  governor            AcquireSlots of one slot, ReleaseSlot
  echo                the same requests, answered by a server of the same kind that decides and keeps nothing
  postgres            the rows of the two limits locked and the slots in use counted, one transaction a decision

In batches:

  governor, batches   AcquireSlots of a batch, ReleaseSlots of it
  echo, batches       the same requests
  redis always        a script that asks and changes two sorted sets of leases, a pipeline for a batch; Redis answers when
                      its log is on the disk
  redis everysec      the same; the last second is lost with the machine

All take turns, round after round. In a crowd, when twice as many slots are wished for as the limit allows, nobody may
grant more than the limit; at the end every slot was given back, and nothing is in use.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from statistics import median
from typing import Any

from benchmark.machine import machine_facts, version_of
from benchmark.processor_time import processor_seconds
from benchmark.redis import Redis
from benchmark.running import start_stack
from benchmark.slot_peers import NaiveLimits, SlotEcho
from benchmark.table import print_facts, print_ratio, print_table, write_json
from support.governor import Governor, governor_of, live_slots
from support.stacks import StackKeeper, binary_directory
from trunkline.governor.v1 import governor_service_pb2 as slots
from trunkline_local.console import report, say
from trunkline_local.failure import Failure
from trunkline_local.part import Part
from trunkline_local.stack import Stack

NO_LIMIT = 1_000_000
CROWD_SECONDS = 1
# What ended is forgotten within the run, so that the run pays for that too.
SLOT_MEMORY = "5s"
# (ours, other): the mark.
MARKS = {
    ("governor", "echo"): 0.6,
    ("governor", "postgres"): 10.0,
    ("governor, batches", "redis always"): 2.0,
}
ALSO = [("governor, batches", "echo, batches"), ("governor, batches", "redis everysec")]


@dataclass(frozen=True)
class Turn:
    """What the load program saw."""

    pairs: int
    refused: int
    held: int
    most_held: int
    errors: dict[str, int]
    seconds: float
    processor_seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.pairs / self.seconds


@dataclass
class Target:
    name: str
    # Of bench-slot-load: who is asked, where, by how many clients, for how many slots at once.
    kind: str
    address: str
    clients: int
    batch: int
    parts: dict[str, list[Part]]
    prepare: Callable[[], None]
    # None where nothing is kept.
    limit: Callable[[int], None] | None
    in_use: Callable[[], int]
    turns: list[Turn] = field(default_factory=list)
    # Processor microseconds a slot, by process; a list with one value for each turn.
    processor: dict[str, list[float]] = field(default_factory=dict)

    def rate(self) -> float:
        return median(turn.rate for turn in self.turns)


class Benchmark:
    def __init__(self, stack: Stack, options: argparse.Namespace):
        self._token = stack.state.get("service-token") or ""
        self._options = options

    def take_turn(self, target: Target) -> str:
        before = {name: processor_seconds(parts) for name, parts in target.parts.items()}
        turn = self._load(target, self._options.seconds, NO_LIMIT)
        used = {name: processor_seconds(parts) - before[name] for name, parts in target.parts.items()}
        used["load"] = turn.processor_seconds
        self._check_returned(target)
        if turn.refused:
            sys.exit(f"{target.name}: {turn.refused} slots were refused, and there was no limit")
        for name, seconds in used.items():
            target.processor.setdefault(name, []).append(seconds / max(turn.pairs, 1) * 1e6)
        target.turns.append(turn)
        return f"{turn.rate:9,.0f} slots/s   p50 {turn.p50:7.2f} ms   p99 {turn.p99:7.2f} ms   {turn.pairs:,} given back"

    def warm_up(self, target: Target) -> str:
        turn = self._load(target, 1, NO_LIMIT)
        self._check_returned(target)
        return f"{turn.rate:,.0f}/s, not counted"

    def crowd(self, target: Target) -> str:
        """Each client holds what it has while it asks for as much again: twice as much is wished for as there may be."""
        assert target.limit is not None
        limit = target.clients * target.batch
        target.limit(limit)
        try:
            turn = self._load(target, CROWD_SECONDS, limit, "--keep=true")
        finally:
            target.limit(NO_LIMIT)
        self._check_returned(target)
        if turn.most_held > limit:
            sys.exit(f"{target.name}: {turn.most_held} slots were held, and {limit} are the limit")
        if turn.refused == 0 or turn.most_held < limit // 2:
            sys.exit(f"{target.name}: {turn.most_held} of {limit} were held, so nothing was proven")
        return f"at most {turn.most_held} of {limit} held, {turn.refused:,} refused, {turn.pairs:,} given back"

    def _load(self, target: Target, seconds: float, limit: int, *more: str) -> Turn:
        target.prepare()
        command = [
            str(binary_directory() / "bench-slot-load"),
            f"--target={target.kind}",
            f"--address={target.address}",
            f"--clients={target.clients}",
            f"--batch={target.batch}",
            f"--connections={self._options.connections}",
            f"--businesses={self._options.businesses}",
            f"--limit={limit}",
            f"--length={int(seconds * 1000)}ms",
            *more,
        ]
        environment = {"TRUNKLINE_SERVICE_TOKEN": self._token}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure("slot load", done.stderr.strip())
        turn = Turn(**json.loads(done.stdout))
        if turn.errors or turn.held:
            sys.exit(f"{target.name}: {turn.held} slots were not given back; errors: {turn.errors}")
        return turn

    def _check_returned(self, target: Target) -> None:
        if in_use := target.in_use():
            sys.exit(f"{target.name}: {in_use} slots are in use when all were given back")


def make_targets(
    stack: Stack, governor: Governor, echo: SlotEcho, redis: Redis, naive: NaiveLimits, options: argparse.Namespace
) -> list[Target]:
    def in_use_of_governor() -> int:
        told = next(level.in_use for level in governor.usage().levels if level.level == slots.LEVEL_GLOBAL)
        return max(told, live_slots(stack))

    def in_use_of_redis() -> int:
        return int(redis.ask("ZCARD", "slots"))

    def nothing() -> None:
        pass

    ours: dict[str, list[Part]] = {"governor": [stack.governor], "postgres": [stack.postgres]}
    address = f"127.0.0.1:{stack.governor.port('grpc-port')}"
    clients, batches = options.clients, options.batch_clients

    def of_governor(name: str, clients: int, batch: int) -> Target:
        return Target(name, "governor", address, clients, batch, ours, nothing, governor.limit_all, in_use_of_governor)

    def of_echo(name: str, clients: int, batch: int) -> Target:
        return Target(name, "echo", echo.where(), clients, batch, {"echo": [echo]}, nothing, None, lambda: 0)

    def of_redis(when: str) -> Target:
        return Target(
            f"redis {when}",
            "redis",
            redis.where(),
            batches,
            options.batch,
            {"redis": [redis]},
            partial(redis.put_on_disk, when),
            lambda _most: None,  # the load program tells it with every wish
            in_use_of_redis,
        )

    return [
        of_governor("governor", clients, 1),
        of_echo("echo", clients, 1),
        Target(
            "postgres",
            "postgres",
            naive.url,
            options.postgres_clients,
            1,
            {"postgres": [stack.postgres]},
            nothing,
            partial(naive.limit, options.businesses),
            naive.in_use,
        ),
        of_governor("governor, batches", batches, options.batch),
        of_echo("echo, batches", batches, options.batch),
        of_redis("always"),
        of_redis("everysec"),
    ]


def ratios_of(targets: list[Target], ours: str, other: str) -> list[float]:
    turns = {target.name: target.turns for target in targets}
    return [mine.rate / its.rate for mine, its in zip(turns[ours], turns[other], strict=True)]


def print_result(targets: list[Target]) -> None:
    say("\nMedian of the rounds:")
    print_table(
        ["", "slots/s", "p50 ms", "p99 ms", "processor µs a slot"],
        [
            [
                target.name,
                f"{target.rate():,.0f}",
                f"{median(turn.p50 for turn in target.turns):.2f}",
                f"{median(turn.p99 for turn in target.turns):.2f}",
                ", ".join(f"{name} {median(values):.1f}" for name, values in target.processor.items()),
            ]
            for target in targets
        ],
    )
    say()
    for (ours, other), mark in MARKS.items():
        print_ratio(f"{ours} / {other}", ratios_of(targets, ours, other), mark)
    for ours, other in ALSO:
        ratios = ratios_of(targets, ours, other)
        say(f"  {ours} / {other}: {median(ratios):.2f}   (rounds {min(ratios):.2f} to {max(ratios):.2f})")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./trunkline bench governor", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each target (default: 5)")
    parser.add_argument("--seconds", type=float, default=3, help="of a turn (default: 3)")
    parser.add_argument("--clients", type=int, default=1000, help="that ask for one slot at a time (default: 1000)")
    parser.add_argument("--batch", type=int, default=100, help="slots of a batch (default: 100)")
    parser.add_argument("--batch-clients", type=int, default=16, help="that ask for batches (default: 16)")
    parser.add_argument("--postgres-clients", type=int, default=16, help="of the naive limiter (default: 16)")
    parser.add_argument("--connections", type=int, default=8, help="that clients of gRPC share (default: 8)")
    parser.add_argument("--businesses", type=int, default=8, help="that slots are asked for (default: 8)")
    parser.add_argument("--json", metavar="FILE", help="write everything there too; - is standard output")
    return parser.parse_args()


def main() -> None:
    # A request to end is taken as Ctrl-C is, so that everything is stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = read_options()
    facts = machine_facts()
    facts["Redis"] = version_of(["redis-cli", "--version"])
    say("governor benchmark")
    with StackKeeper("bench_governor") as keeper:
        stack = keeper.make("embedded")
        most = str(NO_LIMIT)
        stack.governor.overrides.update(
            {
                "TRUNKLINE_LOG_LEVEL": "warning",
                "TRUNKLINE_GLOBAL_MAX_CALLS": most,
                "TRUNKLINE_BUSINESS_MAX_CALLS": most,
                "TRUNKLINE_SLOT_MEMORY": SLOT_MEMORY,
            }
        )
        report("stack", partial(start_stack, stack))
        # Nobody's business here.
        for service in (stack.normalizer, stack.webhook_ingest, stack.gateway, stack.twin):
            service.stop()
        echo = SlotEcho(stack.directory, stack.state, binary_directory())
        redis = Redis(stack.directory, stack.state, append=True)
        naive = NaiveLimits(stack)
        naive.limit(options.businesses, NO_LIMIT)
        for peer in (echo, redis):
            peer.settle_ports()
            report(peer.name, peer.start)
        try:
            with governor_of(stack) as governor:
                benchmark = Benchmark(stack, options)
                targets = make_targets(stack, governor, echo, redis, naive, options)
                for target in targets:
                    report(f"warm {target.name}", partial(benchmark.warm_up, target))
                for number in range(1, options.rounds + 1):
                    for target in targets:
                        say(f"  round {number}  {target.name:<18} {benchmark.take_turn(target)}")
                for target in targets:
                    if target.limit is not None:
                        say(f"  crowd    {target.name:<18} {benchmark.crowd(target)}")
        finally:
            for peer in (redis, echo):
                peer.stop()
            redis.delete_data()
    facts["load after"] = "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())
    print_result(targets)
    say(
        f"\n{options.clients} clients one at a time ({options.postgres_clients} of PostgreSQL), {options.batch_clients} "
        f"with batches of {options.batch}, {options.seconds:g} s a turn, {options.rounds} rounds; on"
    )
    print_facts(facts)
    write_json(options.json, as_json(options, facts, targets))


def as_json(options: argparse.Namespace, facts: dict[str, str], targets: list[Target]) -> dict[str, Any]:
    pairs = [*MARKS, *ALSO]
    return {
        "benchmark": "governor",
        "settings": vars(options),
        "machine": facts,
        "targets": {
            target.name: {
                "rounds": [{**asdict(turn), "rate": turn.rate} for turn in target.turns],
                "processor_microseconds": target.processor,
            }
            for target in targets
        },
        "ratios": {f"{ours} / {other}": ratios_of(targets, ours, other) for ours, other in pairs},
    }


if __name__ == "__main__":
    main()
