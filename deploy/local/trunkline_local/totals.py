"""Counts what passed and failed, and keeps the closing lines of those who ran tests."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from trunkline_local.console import say


@dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    closing_lines: list[str] = field(default_factory=list)

    def count(self, passed: bool, line: str) -> None:
        self.passed += passed
        self.failed += not passed
        self.closing_lines.append(line)

    def add_report(self, report: Path, exit_code: int) -> None:
        """A JUnit file. A run that failed without a failed test (the runner crashed) counts as one failure."""
        failed = 0
        if report.exists():
            suites = ElementTree.parse(report).getroot()
            cases = list(suites.iter("testcase"))
            failed = sum(_has(case, "failure", "error") for case in cases)
            self.passed += sum(not _has(case, "failure", "error", "skipped") for case in cases)
            self.failed += failed
        if exit_code != 0 and failed == 0:
            self.failed += 1

    def print_summary(self) -> None:
        say()
        for line in self.closing_lines:
            say(line)
        say(f"{self.passed} passed, {self.failed} failed")


def _has(case: ElementTree.Element, *outcomes: str) -> bool:
    return any(case.find(outcome) is not None for outcome in outcomes)


def run_and_show(command: list[str], environment: dict[str, str], directory: Path) -> tuple[int, list[str]]:
    """Shows what the command says while it runs; returns its exit code and its last lines."""
    with subprocess.Popen(
        command,
        env=environment,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        last: list[str] = []
        try:
            for line in process.stdout:
                say(line.rstrip("\n"))
                last = [*last[-39:], line.rstrip("\n")]
        except BaseException:
            process.terminate()
            raise
    return process.returncode, last
