"""Waiting for what happens elsewhere, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")
INTERVAL = 0.05


def eventually(
    question: Callable[[], Value],
    seconds: float = 20,
    until: Callable[[Value], bool] = bool,
    about: str = "",
    interval: float = INTERVAL,
) -> Value:
    """Asks until `until` likes the answer, and returns it; fails with the last answer after the time. `interval` is
    between two questions, in seconds."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if until(answer):
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds:g} s: {about or question}; the last answer was {answer!r}")
        time.sleep(interval)


def always(question: Callable[[], bool], seconds: float, about: str = "") -> None:
    """Fails when the answer is ever no within the time; for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not question():
            raise AssertionError(f"no longer true: {about or question}")
        time.sleep(INTERVAL)
