"""The commands of `./trunkline`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from trunkline_local.bench_command import bench
from trunkline_local.check_command import check
from trunkline_local.down_command import down
from trunkline_local.failure import Failure
from trunkline_local.fuzz_command import fuzz
from trunkline_local.logs_command import logs
from trunkline_local.simulate_command import simulate
from trunkline_local.status_command import status
from trunkline_local.test_command import test
from trunkline_local.up_command import up

EXAMPLES = """examples:
  ./trunkline up                       install what is missing, build, start everything, place a first call
  ./trunkline up --kafka=apache        the same with a real Apache Kafka
  ./trunkline status                   what runs, and where
  ./trunkline logs gateway --follow    what the gateway says
  ./trunkline down                     stop; the data stays
  ./trunkline test                     every test there is
  ./trunkline test --quick             those that take seconds
  ./trunkline check                    formatting, lint and static analysis

TRUNKLINE_PRESET names the CMake preset (default: dev), TRUNKLINE_KAFKA_BOOTSTRAP a Kafka that is there already.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./trunkline",
        description="Runs Trunkline on this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("up", help="build and start everything; safe to run again")
    command.add_argument("--kafka", choices=("embedded", "apache"), help="a broker in memory (default), or a real one")
    command.set_defaults(run=lambda options: up(options.kafka))

    command = commands.add_parser("down", help="stop everything")
    command.add_argument("--delete-data", action="store_true", help="delete the database and all else that `up` made")
    command.set_defaults(run=lambda options: down(options.delete_data))

    command = commands.add_parser("status", help="what runs, and where")
    command.set_defaults(run=lambda options: status())

    command = commands.add_parser("logs", help="the ends of the logs")
    command.add_argument("part", nargs="?", help="only this one, such as gateway; default: all")
    command.add_argument("--follow", "-f", action="store_true", help="go on with what is written from now on")
    command.add_argument("--lines", "-n", type=int, default=20, help="how many (default: 20)")
    command.set_defaults(run=lambda options: logs(options.part, options.follow, options.lines))

    command = commands.add_parser("test", help="run the tests")
    command.add_argument("--quick", action="store_true", help="leave out fault tests, formatting and lint")
    command.add_argument("-k", dest="selection", metavar="NAME", help="only tests whose name contains NAME")
    command.add_argument("--simulate", action="store_true", help="only campaigns on a virtual clock, under faults")
    command.add_argument("--calls", type=int, default=1_000_000, help="to simulate (default: 1000000)")
    command.add_argument("--seed", type=int, default=1, help="of the first simulation (default: 1)")
    command.set_defaults(
        run=lambda options: simulate(options.calls, options.seed)
        if options.simulate
        else test(options.quick, options.selection)
    )

    command = commands.add_parser("check", help="formatting, lint, contracts, static analysis")
    command.add_argument("--fix", action="store_true", help="format the files instead of complaining")
    command.add_argument(
        "--accept-contracts",
        action="store_true",
        help="take the contracts in proto/ as the ones to stay compatible with",
    )
    command.add_argument("--only", nargs="+", metavar="FOLDER", default=[], help="clang-tidy looks at these alone")
    command.set_defaults(run=lambda options: check(options.fix, options.accept_contracts, options.only))

    command = commands.add_parser("bench", help="run a benchmark with release binaries")
    command.add_argument("name", help="a file of tests/bench, such as ingest or normalizer")
    command.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to the benchmark")
    command.set_defaults(run=lambda options: bench(options.name, options.arguments))

    command = commands.add_parser("fuzz", help="run every libFuzzer target for a while")
    command.add_argument("name", nargs="?", help="only this target")
    command.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    command.set_defaults(run=lambda options: fuzz(options.name, options.seconds))
    return parser


def _end_orderly(signal_number: int, _frame: FrameType | None) -> None:
    # As an exception, so that every `finally` on the way out is run.
    raise SystemExit(128 + signal_number)


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end_orderly)
    signal.signal(signal.SIGHUP, _end_orderly)
    try:
        exit_code: int = options.run(options)
        return exit_code
    except Failure as failure:
        print(f"\n./trunkline {options.command} failed in {failure}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as head, has seen enough. What is still in the buffer must not fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
