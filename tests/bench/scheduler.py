"""`./trunkline bench scheduler`: dispatch decisions a second, each on the disk.

A decision is what it takes to dispatch one contact: read who is due, decide by every rule, claim, commit the attempt with
its evidence and its event, and record the outcome, which ends the attempt and the contact. Engine and store are the real
ones (bench-campaign-load); governor and gateway are models in the same process that grant every slot and place every call
at once. One campaign of 10 thousand, 100 thousand and a million contacts each takes its turn, round after round: the rate
must not depend on how many wait.

Beside it in every round, on the same PostgreSQL with 100 thousand contacts, what a team would write over a job engine. A
peer decides by three rules where ours decides by all of them, keeps a word where ours keeps the evidence, and sends no
event; its attempt is committed before the call and its outcome after it, as ours:

  river             a job for each contact; the outcome and the job's end in one transaction
  graphile-worker   a job for each contact, with its local queue and batched completion
  bullmq            a job for each contact in Redis, on the disk when it answers
  skip locked       no jobs: the next contact by FOR UPDATE SKIP LOCKED, 24 at a time

At last a second replica stands by while the first is ended by kill -9: how long until the next attempt is committed,
which is dialled at once. `./trunkline bench campaign_faults` tells the same of the services themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

import psycopg
from benchmark.job_peers import NODE, JobPeer, install_job_peers, peer_versions
from benchmark.machine import machine_facts
from benchmark.redis import Redis
from benchmark.running import start_stack
from benchmark.table import print_facts, print_ratio, print_table, write_json
from support.campaigns import settings
from support.stacks import StackKeeper, binary_directory
from support.waiting import eventually
from trunkline.campaigns.v1.campaign_pb2 import CAMPAIGN_STATE_RUNNING
from trunkline_local.console import report, say
from trunkline_local.failure import Failure
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack

WORKER = "trunkline_scheduler_worker"
PEER_CONTACTS = 100_000
# More than one replica dispatches in that time.
TAKEOVER_CONTACTS, TAKEOVER_SECONDS = 200_000, 30.0
PEERS = ("river", *NODE)
# ours / peer with as many contacts
MARKS = {"river": 1.0, "graphile-worker": 4.0, "bullmq": 1.0, "skip locked": 1.0}
TAKEOVER_LIMIT = 10.0  # seconds
TABLES = (
    "campaigns, campaign_progress, campaign_transitions, contacts, attempts, attempt_outcomes, number_dials, campaign_hours, "
    "campaign_events_outbox, scheduler_replicas, contact_imports, contact_import_errors"
)


@dataclass(frozen=True)
class Turn:
    decisions: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.decisions / self.seconds


# Prepares so many contacts, and dispatches them for so many seconds; others may stand beside ours.
Contender = Callable[[int, float], Turn]


class TrunklineScheduler:
    def __init__(self, stack: Stack):
        self._stack = stack
        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(stack.database.url(OWNER), autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def __call__(self, contacts: int, seconds: float) -> Turn:
        self._fill(contacts)
        with self._replica(seconds) as replica:
            out, errors = replica.communicate()
        if replica.returncode != 0:
            raise Failure("bench-campaign-load", errors.strip())
        told = json.loads(out)
        return Turn(told["decisions"], told["seconds"])

    def takeover(self) -> float:
        """Seconds from kill -9 of a campaign's owner to the next attempt, which another replica commits."""
        self._fill(TAKEOVER_CONTACTS)
        with self._replica(TAKEOVER_SECONDS) as owner:
            eventually(lambda: self._value("SELECT count(*) FROM attempts") > 0, about="the first attempt")
            with self._replica(TAKEOVER_SECONDS):
                eventually(lambda: self._value("SELECT count(*) FROM scheduler_replicas") == 2, about="the second replica")
                epoch = self._value("SELECT epoch FROM campaign_progress")
                killed_at = self._value("SELECT clock_timestamp()")
                owner.kill()
                next_at = eventually(
                    lambda: self._value("SELECT min(committed_at) FROM attempts WHERE epoch > %s", [epoch]),
                    about="the next attempt",
                )
        return float((next_at - killed_at).total_seconds())

    @contextmanager
    def _replica(self, seconds: float) -> Iterator[subprocess.Popen[str]]:
        """Ends with the block at the latest."""
        replica = subprocess.Popen(
            [str(binary_directory() / "bench-campaign-load"), f"--time={int(seconds * 1000)}ms"],
            env={"TRUNKLINE_DATABASE_URL": self._stack.database.url(WORKER)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with replica:
            try:
                yield replica
            finally:
                replica.kill()

    def _value(self, query: str, parameters: list[Any] | None = None) -> Any:
        row = self._connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    def _fill(self, contacts: int) -> None:
        run = self._connection.execute
        run(f"TRUNCATE {TABLES} CASCADE")
        campaign_id, business_id = str(uuid.uuid4()), self._stack.demo.value("business_id")
        run(
            "INSERT INTO campaigns (campaign_id, business_id, name, state, state_actor, state_changed_at, settings, "
            "request_id, request_sha256) VALUES (%s, %s, 'bench', %s, 'bench', now(), %s, gen_random_uuid(), '')",
            [campaign_id, business_id, CAMPAIGN_STATE_RUNNING, settings().SerializeToString()],
        )
        run(
            "INSERT INTO campaign_progress (campaign_id, business_id, contacts_total, contacts_pending, last_position, "
            "running_since) VALUES (%s, %s, %s, %s, %s, now())",
            [campaign_id, business_id, contacts, contacts, contacts],
        )
        run(
            "INSERT INTO contacts (campaign_id, position, contact_id, business_id, number) SELECT %s, i, gen_random_uuid(), "
            "%s, '+1202' || (5000000 + i) FROM generate_series(1, %s) AS i",
            [campaign_id, business_id, contacts],
        )
        # What came before must not be written out at the run's expense.
        run("VACUUM ANALYZE contacts")
        run("CHECKPOINT")


def of_peer(peer: JobPeer) -> Contender:
    def turn(contacts: int, seconds: float) -> Turn:
        return Turn(*peer.turn(contacts, seconds))

    return turn


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./trunkline bench scheduler", description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", default="10000,100000,1000000", help="of a campaign, one turn each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="a turn takes at most so long (default: 10)")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--peers", default=",".join(PEERS), help="separated by commas; '' for none (default: %(default)s)")
    parser.add_argument("--takeovers", type=int, default=5, help="owners that are killed (default: 5)")
    parser.add_argument("--json", metavar="FILE", help="write everything there too; - is standard output")
    return parser.parse_args()


def main() -> None:
    # A request to end is taken as Ctrl-C is, so that everything is stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = read_options()
    facts = machine_facts()
    sizes = [int(size) for size in options.contacts.split(",")]
    turns: dict[tuple[str, int], list[Turn]] = {}
    peers = [] if options.peers == "" else options.peers.split(",")
    if peers and PEER_CONTACTS not in sizes:
        sys.exit(f"peers are compared with {PEER_CONTACTS} contacts; --contacts must have them, or --peers='' none")
    if peers:
        facts.update(peer_versions())
        report("peers", partial(install_job_peers, peers))
    with StackKeeper("bench_scheduler") as keeper:
        stack = keeper.make("embedded")
        report("stack", partial(start_stack, stack))
        # Only the database is needed; nobody else may take the campaign.
        for service in stack.services():
            service.kill()
        ours = TrunklineScheduler(stack)
        redis = Redis(stack.directory, stack.state, append=True)
        redis.settle_ports()
        report("redis", redis.start)
        redis.put_on_disk("always")
        contenders: list[tuple[str, int, Contender]] = [("trunkline", size, ours) for size in sizes]
        contenders += [(name, PEER_CONTACTS, of_peer(JobPeer(name, stack, redis))) for name in peers]
        try:
            for round_number in range(options.rounds):
                for name, size, contender in contenders:
                    turn = contender(size, options.seconds)
                    turns.setdefault((name, size), []).append(turn)
                    say(f"round {round_number + 1}: {name}, {size:,} contacts: {turn.rate:,.0f} decisions/s")
            takeovers = [ours.takeover() for _ in range(options.takeovers)]
        finally:
            redis.stop()
            redis.delete_data()
            ours.close()
    rows = [
        [f"{name}, {size:,} contacts", f"{median(turn.rate for turn in of_size):,.0f}"]
        for (name, size), of_size in turns.items()
    ]
    print_table(["", "decisions/s"], rows)
    ratios = {
        name: [mine.rate / its.rate for mine, its in zip(turns[("trunkline", PEER_CONTACTS)], turns[(name, PEER_CONTACTS)])]
        for name in peers
    }
    for name, of_rounds in ratios.items():
        print_ratio(f"trunkline / {name}", of_rounds, MARKS[name])
    if takeovers:
        told = " ".join(f"{seconds:.2f}" for seconds in takeovers)
        say(f"from kill -9 of the owner to the next attempt: {told} s; at most {TAKEOVER_LIMIT:.0f} s are wanted")
    facts["load after"] = "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())
    print_facts(facts)
    write_json(
        options.json,
        {
            "benchmark": "scheduler",
            "settings": vars(options),
            "machine": facts,
            "ratios": ratios,
            "takeovers": takeovers,
            "turns": {f"{name} {size}": [asdict(turn) for turn in of_size] for (name, size), of_size in turns.items()},
        },
    )


if __name__ == "__main__":
    main()
