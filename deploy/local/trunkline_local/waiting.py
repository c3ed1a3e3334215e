"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

INTERVAL = 0.05


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """False when the condition was not true within the time."""
    deadline = time.monotonic() + seconds
    while True:
        if condition():
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(INTERVAL)
