"""Calls of call-tracking platforms: read to the truth, however often the synchronization dies."""

from __future__ import annotations

import os

import pytest
from support.chance import seeded_random
from support.stacks import MakeStack
from support.tracking_truth import TrackingTruth

CALLS = int(os.environ.get("TRUNKLINE_TRACKING_CALLS", "600"))
KILLS = 20


@pytest.mark.timeout(900)
def test_what_is_read_is_the_truth_however_often_the_synchronization_dies(make_stack: MakeStack) -> None:
    """`./trunkline bench tracking_truth` is the same with as many calls as one likes."""
    seed = seeded_random().randrange(2**32)
    outcome = TrackingTruth(make_stack("embedded"), CALLS, KILLS, seed).go()
    print("\n".join([*outcome.lines(), *outcome.problems]))
    assert outcome.problems == []
    assert outcome.kills == KILLS
    assert outcome.changes > 0, "else nothing was proven"
    assert min(outcome.webhooks[what] for what in ("sent", "lost", "twice")) > 0, "else nothing was proven of webhooks"
