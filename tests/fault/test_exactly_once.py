"""Promise 3: every fact exactly once, in PostgreSQL and in the stream, however often the normalizer dies.

What makes it so is the rule of the first source (services/normalizer/batch_processor.h). Take it out, and this test
fails: publish only events that are new, and those are missing whose batch was stored by a process that died before it
published; publish every event of a batch, and those are there twice that came twice.
"""

from __future__ import annotations

import math

import psycopg
import pytest
import requests
from support.chance import let_pass, seeded_random
from support.database import connect
from support.progress import metric, wait_until_all_is_processed
from support.sender import Sender
from support.synthetic_calls import in_disorder, make_calls
from support.verdict import expect_each_fact_once, expect_final_states
from support.waiting import eventually
from trunkline_local.stack import Stack

CALLS = 2_000
KILLS = 50
DUPLICATES = 0.25
# About the time in which the normalizer works off what one round brings it.
LONGEST_LIFE = 0.3
SETTINGS = {
    # The partitions are there at once after a restart, not when the old process is missed.
    "TRUNKLINE_STATIC_MEMBERSHIP": "true",
    # Small batches: more places between two commits to die at.
    "TRUNKLINE_BATCH_SIZE": "25",
}


def stored_events(connection: psycopg.Connection[dict[str, int]]) -> int:
    row = connection.execute("SELECT count(*) AS events FROM call_event_sources").fetchone()
    assert row is not None
    return row["events"]


def replayed_events(stack: Stack) -> float:
    """Of the normalizer that runs now: what it published for one that died between its two commits."""
    try:
        return metric(stack.normalizer, "trunkline_normalizer_events_total", outcome="replayed")
    except requests.RequestException:
        return 0


@pytest.mark.timeout(480)
def test_every_fact_is_there_exactly_once_after_fifty_kills(apache_stack: Stack) -> None:
    stack, chance = apache_stack, seeded_random()
    calls = make_calls(CALLS, chance)
    deliveries = in_disorder(calls, chance, DUPLICATES)
    chunk = math.ceil(len(deliveries) / KILLS)
    normalizer = stack["normalizer"]
    normalizer.overrides.update(SETTINGS)
    normalizer.kill()

    replayed = 0.0
    with Sender(stack) as sender, connect(stack) as connection:
        for first in range(0, len(deliveries), chunk):
            before = stored_events(connection)
            normalizer.launch()
            assert set(sender.send_all(deliveries[first : first + chunk])) == {200}
            eventually(lambda seen=before: stored_events(connection) > seen, about="it stores what came")
            let_pass(chance.uniform(0, LONGEST_LIFE))
            replayed += replayed_events(stack)
            normalizer.kill()
    normalizer.start()
    wait_until_all_is_processed(stack)
    replayed += replayed_events(stack)

    expect_each_fact_once(stack, {callback for call in calls for callback in call.callbacks})
    expect_final_states(stack, calls)
    # Else no kill hit between the commit of the database and that of Kafka, and nothing was proven.
    assert replayed > 0
    print(f"{replayed:.0f} events were published for a process that had died")
