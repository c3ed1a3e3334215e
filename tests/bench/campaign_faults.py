"""`./trunkline bench campaign_faults`: promise 7, with as many contacts as one likes.

A campaign over the twin while scheduler, governor and gateway are killed again and again. Every contact must be called
exactly once, every attempt must have ended, and no slot may be left. It ends with an error otherwise. `./trunkline test`
runs the same with 500 contacts and the scheduler alone.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys

from benchmark.machine import machine_facts
from benchmark.table import print_facts, write_json
from support.campaign_faults import CampaignFaults
from support.stacks import StackKeeper
from trunkline_local.console import say

MOST_PROBLEMS = 50


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./trunkline bench campaign_faults", description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=20_000, help="whom the campaign calls (default: 20000)")
    parser.add_argument("--kills", type=int, default=30, help="of all victims together (default: 30)")
    parser.add_argument(
        "--victims",
        default="campaign-scheduler,concurrency-governor,gateway",
        help="parts that are killed, separated by commas (default: %(default)s)",
    )
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
    say(f"{options.contacts:,} contacts, {options.kills} kills, --seed={options.seed}")
    victims = tuple(options.victims.split(","))
    with StackKeeper("bench_campaign_faults") as keeper:
        outcome = CampaignFaults(keeper.make("embedded"), options.contacts, options.kills, options.seed, victims).go()
    for line in outcome.lines():
        say(line)
    print_facts(facts)
    write_json(
        options.json,
        {
            "benchmark": "campaign_faults",
            "settings": vars(options),
            "machine": facts,
            "seconds": outcome.seconds,
            "kills": dict(outcome.kills),
            "attempts": outcome.attempts,
            "recoveries": outcome.recoveries,
            "problems": outcome.problems,
        },
    )
    for problem in outcome.problems[:MOST_PROBLEMS]:
        say(problem)
    if outcome.problems:
        sys.exit(f"{len(outcome.problems)} problems; --seed={options.seed} repeats the run")


if __name__ == "__main__":
    main()
