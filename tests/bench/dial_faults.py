"""`./trunkline bench dial_faults`: promise 6, with as many dials as one likes.

Dials over the twins of all providers, one in twenty of which is answered too late, one in fifty with an error, one in
fifty not at all, while the gateway is killed every few seconds. Nothing may be asked for twice, nobody dialled twice,
and every intent must be known within a minute after the last dial. It ends with an error otherwise. `./trunkline test`
runs the same with 2,000 dials.
"""

from __future__ import annotations

import argparse
import random
import sys

from benchmark.command import BenchmarkCommand
from support.dial_faults import DialFaults
from support.stacks import StackKeeper
from trunkline_local.console import say

MOST_PROBLEMS = 50


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dials", type=int, default=20_000, help="over all providers together (default: 20000)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it; else a new one")


def main() -> None:
    command = BenchmarkCommand("dial_faults", __doc__)
    add_options(command.parser)
    options = command.begin()
    if options.seed is None:
        options.seed = random.randrange(2**32)
    say(f"{options.dials:,} dials, --seed={options.seed}")
    with StackKeeper("bench_dial_faults") as keeper:
        outcome = DialFaults(keeper.make("embedded"), options.dials, options.seed).go()
    for line in outcome.lines():
        say(line)
    command.finish(
        {
            "seconds": outcome.seconds,
            "kills": outcome.kills,
            "settled_after": outcome.settled_after,
            "placed": outcome.placed,
            "ends": {" ".join(end): count for end, count in outcome.ends.items()},
            "problems": outcome.problems,
        }
    )
    for problem in outcome.problems[:MOST_PROBLEMS]:
        say(problem)
    if outcome.problems:
        sys.exit(f"{len(outcome.problems)} problems; --seed={options.seed} repeats the run")


if __name__ == "__main__":
    main()
