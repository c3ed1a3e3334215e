"""What the person in front of the terminal sees while something takes its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS_BETWEEN_LINES = 15.0


def say(text: str = "") -> None:
    print(text, flush=True)


class Step:
    """One line per step: its name at once, its outcome when it is known."""

    def __init__(self, name: str):
        self.name = name
        self.outcome = "done"
        self._started = time.monotonic()
        self._shown = self._started
        self._terminal = sys.stdout.isatty()
        if self._terminal:
            print(f"  {self.name:<16} ...", end="", flush=True)

    def progress(self, text: str) -> None:
        if self._terminal:
            print(f"\r\033[K  {self.name:<16} {text[:90]}", end="", flush=True)
        elif time.monotonic() - self._shown > SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            say(f"  {self.name:<16} {text[:120]}")

    def finish(self, outcome: str) -> None:
        start = "\r\033[K" if self._terminal else ""
        say(f"{start}  {self.name:<16} {outcome} ({time.monotonic() - self._started:.1f} s)")


@contextmanager
def step(name: str) -> Iterator[Step]:
    current = Step(name)
    try:
        yield current
    except BaseException:
        current.finish("FAILED")
        raise
    current.finish(current.outcome)


def report(name: str, action: Callable[[], str]) -> None:
    """A step whose action tells its outcome."""
    with step(name) as current:
        current.outcome = action()
