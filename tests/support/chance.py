"""Randomness that can be repeated."""

from __future__ import annotations

import os
import random
import time


def seeded_random() -> random.Random:
    """Its seed is printed, and shown with a failed test. TRUNKLINE_TEST_SEED=... repeats a run."""
    seed = int(os.environ.get("TRUNKLINE_TEST_SEED") or random.randrange(2**32))
    print(f"TRUNKLINE_TEST_SEED={seed}")
    return random.Random(seed)


def let_pass(seconds: float) -> None:
    """For the moment of a fault, which is meant to be arbitrary. Never to wait for something: see eventually()."""
    time.sleep(seconds)
