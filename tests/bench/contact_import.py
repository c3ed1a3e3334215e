"""`./trunkline bench contact_import`: how long a file of contacts takes to come in, and what memory it needs.

A file of so many rows is brought in by trunkctl, over gRPC, into one campaign, and taken out again. Each row must be there
once. The figures are the time from trunkctl's start to its end, and the largest resident memory of campaign-scheduler.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmark.machine import machine_facts
from benchmark.running import start_stack
from benchmark.table import print_facts, print_table, write_json
from support.database import one_value
from support.stacks import StackKeeper
from trunkline_local.console import report
from trunkline_local.service_settings import operator_settings
from trunkline_local.stack import Stack

SECONDS_MARK = 60
MEMORY_MARK = 200  # MiB
ZONES = ("America/New_York", "America/Chicago", "", "")


def write_file(path: Path, rows: int, national: bool) -> None:
    with path.open("w") as file:
        file.write("number,external_id,time_zone,priority,first_name,note\n")
        for i in range(rows):
            digits = 2_000_000_000 + i
            shown = f"({digits // 10**7}) {digits // 10**4 % 1000:03}-{digits % 10**4:04}" if national else f"+1{digits}"
            file.write(f'{shown},c-{i},{ZONES[i % 4]},{i % 3},Ada {i},"said ""hello"", twice"\n')


def peak_memory(process: int | None) -> float:
    """Of a process, resident, in MiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


class Benchmark:
    def __init__(self, stack: Stack):
        self._stack = stack

    def trunkctl(self, *words: str) -> Any:
        done = subprocess.run(
            [str(self._stack.bin_dir / "trunkctl"), *words, "--json"],
            env={**operator_settings(self._stack), "TRUNKLINE_API_KEY": self._stack.demo.value("api_key")},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def run(self, rows: int, national: bool, folder: Path) -> dict[str, Any]:
        wish, contacts, export = folder / "campaign.json", folder / "contacts.csv", folder / "export.csv"
        wish.write_text(json.dumps({"name": "bench", "settings": {"default_region": "US"}}))
        write_file(contacts, rows, national)
        campaign_id = self.trunkctl("campaign", "create", f"--file={wish}")["campaign_id"]
        began = time.monotonic()
        taken = self.trunkctl("campaign", "import", campaign_id, f"--file={contacts}")
        seconds = time.monotonic() - began
        count = one_value(
            self._stack, "SELECT count(DISTINCT number) FROM contacts WHERE campaign_id = %s", [campaign_id]
        )
        if (int(taken["added"]), count) != (rows, rows):
            raise SystemExit(f"{rows} rows were sent, {taken} was told, {count} are there")
        began = time.monotonic()
        self.trunkctl("campaign", "export", campaign_id, f"--file={export}")
        export_seconds = time.monotonic() - began
        with export.open() as file:
            lines = sum(1 for _ in file)
        if lines != rows + 1:
            raise SystemExit(f"the export has {lines} lines for {rows} contacts")
        return {
            "rows": rows,
            "numbers": "national" if national else "E.164",
            "seconds": seconds,
            "rows a second": rows / seconds,
            "export seconds": export_seconds,
            "peak MiB": peak_memory(self._stack.scheduler.process.pid()),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", metavar="FILE", help="write everything there too; - is standard output")
    options = parser.parse_args()
    with StackKeeper("bench_contact_import") as keeper, tempfile.TemporaryDirectory() as folder:
        stack = keeper.make("embedded")
        report("stack", partial(start_stack, stack))
        benchmark = Benchmark(stack)
        measured = [benchmark.run(options.rows, national, Path(folder)) for national in (False, True)]
    print_facts(machine_facts())
    print_table(
        ["numbers", "rows", "seconds", "rows a second", "export seconds", "peak MiB"],
        [
            [m["numbers"], f"{m['rows']:,}", f"{m['seconds']:.1f}", f"{m['rows a second']:,.0f}"]
            + [f"{m['export seconds']:.1f}", f"{m['peak MiB']:.0f}"]
            for m in measured
        ],
    )
    write_json(options.json, {"measured": measured})
    seconds = SECONDS_MARK * options.rows / 1_000_000
    met = all(m["seconds"] <= seconds and m["peak MiB"] <= MEMORY_MARK for m in measured)
    print(f"mark: 1,000,000 rows in {SECONDS_MARK} s and {MEMORY_MARK} MiB: {'reached' if met else 'NOT reached'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
