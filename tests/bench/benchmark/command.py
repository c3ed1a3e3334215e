"""A benchmark as a command: its options, the machine that its figures are true for, and where they go."""

from __future__ import annotations

import argparse
import os
import signal
from typing import Any

from benchmark.machine import machine_facts
from benchmark.table import print_facts, write_json


class BenchmarkCommand:
    def __init__(self, name: str, description: str) -> None:
        """`description` is the benchmark's docstring, of which the first line is shown. Add options to `parser`, then
        call `begin`."""
        # A request to end is taken as Ctrl-C is, so that everything is stopped on the way out.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        self._name = name
        self.parser = argparse.ArgumentParser(prog=f"./trunkline bench {name}", description=description.splitlines()[0])
        self.facts: dict[str, str] = {}
        self._options = argparse.Namespace()

    def begin(self) -> argparse.Namespace:
        """Reads the options, and notes what the machine is like before anything runs."""
        self.parser.add_argument("--json", metavar="FILE", help="write everything there too; - is standard output")
        self._options = self.parser.parse_args()
        self.facts = machine_facts()
        return self._options

    def finish(self, result: dict[str, Any]) -> None:
        """Prints what is known of the machine; writes it with the settings and the result where --json says."""
        self.facts["load after"] = "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())
        print_facts(self.facts)
        write_json(
            self._options.json,
            {"benchmark": self._name, "settings": vars(self._options), "machine": self.facts, **result},
        )
