"""`./trunkline bench tracking_truth`: calls of the tracking platforms are read to the truth, with as many as one likes.

call-tracking-sync is killed again and again while it reads, requests fail, and calls change. In the end every row must
be the truth, every event be there once, and no window of requests be overfilled at the platform. It ends with an error
otherwise. `./trunkline test` runs the same with 600 calls.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys

from benchmark.machine import machine_facts
from benchmark.table import print_facts, write_json
from support.stacks import StackKeeper
from support.tracking_truth import TrackingTruth
from trunkline_local.console import say

MOST_PROBLEMS = 50


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./trunkline bench tracking_truth", description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="of each platform (default: 100000)")
    parser.add_argument("--kills", type=int, default=20, help="of call-tracking-sync (default: 20)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it; else a new one")
    parser.add_argument("--json", metavar="FILE", help="write everything there too; - is standard output")
    return parser.parse_args()


def main() -> None:
    # A request to end is taken as Ctrl-C is, so that everything is stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = read_options()
    if options.seed is None:
        options.seed = random.randrange(2**32)
    facts = machine_facts()
    say(f"{options.calls:,} calls of each platform, {options.kills} kills, --seed={options.seed}")
    with StackKeeper("bench_tracking_truth") as keeper:
        outcome = TrackingTruth(keeper.make("apache"), options.calls, options.kills, options.seed).go()
    for line in outcome.lines():
        say(line)
    print_facts(facts)
    write_json(
        options.json,
        {
            "benchmark": "tracking_truth",
            "settings": vars(options),
            "machine": facts,
            "seconds": outcome.seconds,
            "kills": outcome.kills,
            "calls": outcome.calls,
            "changes": outcome.changes,
            "events": outcome.events,
            "planted": outcome.planted,
            "webhooks": outcome.webhooks,
            "highest": outcome.highest,
            "problems": outcome.problems,
        },
    )
    for problem in outcome.problems[:MOST_PROBLEMS]:
        say(problem)
    if outcome.problems:
        sys.exit(f"{len(outcome.problems)} problems; --seed={options.seed} repeats the run")


if __name__ == "__main__":
    main()
