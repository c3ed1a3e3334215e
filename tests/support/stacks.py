"""Stacks that live as long as a test or a module of tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pytest
from trunkline_local.failure import last_lines
from trunkline_local.paths import binaries, preset
from trunkline_local.stack import Stack
from trunkline_local.test_directories import new_directory

MakeStack = Callable[[str], Stack]
LINES_OF_A_FAILURE = 15
NO_LIMITS = {"TRUNKLINE_GLOBAL_MAX_CALLS": "100000", "TRUNKLINE_BUSINESS_MAX_CALLS": "100000"}


def binary_directory() -> Path:
    chosen = os.environ.get("TRUNKLINE_BIN_DIR")
    return Path(chosen) if chosen else binaries(preset())


class StackKeeper:
    """Makes stacks, and stops them and deletes their data at its end; their logs stay."""

    def __init__(self, name: str):
        self._name = name
        self.stacks: list[Stack] = []

    def __enter__(self) -> StackKeeper:
        return self

    def make(self, kafka: str = "embedded") -> Stack:
        stack = Stack(new_directory(self._name), kafka, binary_directory(), guarded=True)
        # Tests place as many calls as they like; those of the limits set their own.
        stack.governor.overrides.update(NO_LIMITS)
        self.stacks.append(stack)
        return stack

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stack in self.stacks:
            # As a crash would: an orderly end is tested where it matters, and costs seconds elsewhere.
            stack.kill()
            stack.delete()


def show_logs_of_failure(item: pytest.Item, report: pytest.TestReport) -> None:
    """Adds the ends of the logs of the stacks that the failed test used to its report."""
    for stack in _stacks_of(item):
        for log in sorted((stack.directory / "log").glob("*.log")):
            report.sections.append((str(log), last_lines(log, LINES_OF_A_FAILURE)))


def _stacks_of(item: pytest.Item) -> list[Stack]:
    stacks: list[Stack] = []
    for value in getattr(item, "funcargs", {}).values():
        if isinstance(value, Stack):
            stacks.append(value)
        elif isinstance(getattr(value, "__self__", None), StackKeeper):
            stacks += value.__self__.stacks
    return stacks
