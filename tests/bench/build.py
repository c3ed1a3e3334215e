"""How long a clean build of everything takes, without ccache. The processor time is the figure to compare: other work on
the machine changes it less than the time on the clock.

Needs no services and no release build, so `python3 tests/bench/build.py` does as well as `./trunkline bench build`."""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from benchmark.table import print_facts, print_table, write_json

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = ROOT / "build" / "measured"


def main() -> None:
    options = _options()
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    precompile = "OFF" if options.without_precompiled_headers else "ON"
    _run(["cmake", "--preset", options.preset, "-B", str(DIRECTORY), f"-DTRUNKLINE_PRECOMPILE={precompile}"])
    clock = time.monotonic()
    before = _processor_seconds()
    _run(["cmake", "--build", str(DIRECTORY), "--parallel", str(options.jobs)])
    result = {
        "clock_seconds": time.monotonic() - clock,
        "processor_seconds": _processor_seconds() - before,
        "jobs": options.jobs,
        "steps": _steps((DIRECTORY / ".ninja_log").read_text().splitlines()),
    }
    shutil.rmtree(DIRECTORY)
    slowest = sorted(result["steps"].items(), key=lambda step: -step[1])[: options.slowest]
    print_table(["slowest", "seconds on the clock"], [[name, f"{seconds:.1f}"] for name, seconds in slowest])
    print_facts(
        {
            "processor time": f"{result['processor_seconds'] / 60:.1f} minutes",
            "on the clock": f"{result['clock_seconds'] / 60:.1f} minutes with {options.jobs} jobs",
            "steps": str(len(result["steps"])),
        }
    )
    write_json(options.json, result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures a clean build of everything.")
    parser.add_argument("--preset", default="dev", help="of CMakePresets.json (default: dev)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="default: one for each processor")
    parser.add_argument("--without-precompiled-headers", action="store_true", help="what they save is the difference")
    parser.add_argument("--slowest", type=int, default=10, help="how many steps are listed (default: 10)")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured; - for standard output")
    return parser.parse_args()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "CCACHE_DISABLE": "1"}, stdout=subprocess.DEVNULL)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _steps(log: Iterable[str]) -> dict[str, float]:
    """What ninja made, and the seconds that each took on the clock."""
    seconds = {}
    for line in log:
        if not line.startswith("#"):
            begin, end, _, name, _ = line.split("\t")
            seconds[name.replace("/CMakeFiles", "").replace(".dir/", "/")] = (int(end) - int(begin)) / 1000
    return seconds


if __name__ == "__main__":
    main()
