"""Promise 6: nobody is dialled twice, however often the gateway dies and the provider's answers are lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from support import numbers
from support.chance import seeded_random
from support.client import Client, client_of
from support.database import rows
from support.dial_faults import DialFaults
from support.numbers import number
from support.settings import shorten_calls, shorten_doubts
from support.stacks import MakeStack
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.stack import Stack

DIALS = 2_000


@pytest.fixture
def twin(stack: Stack) -> Twin:
    shorten_doubts(stack)
    return shorten_calls(stack)


@pytest.fixture
def client(stack: Stack, twin: Twin) -> Iterator[Client]:
    with client_of(stack) as client:
        yield client


def test_nobody_is_dialled_twice_over_any_provider_while_the_gateway_dies(make_stack: MakeStack) -> None:
    """`./trunkline bench dial_faults` is the same with as many dials as one likes."""
    run = DialFaults(make_stack("embedded"), DIALS, seeded_random().randrange(2**32))
    outcome = run.go()
    print("\n".join(outcome.lines()))
    assert outcome.problems == []
    # Else nobody died at a bad moment, and nothing was proven.
    assert outcome.kills > 0
    assert {told for _, _, told in outcome.ends} >= {"reply", "webhook", "listing"}
    assert any(state == "not_placed" for _, state, _ in outcome.ends)


def test_what_was_in_doubt_ends_as_a_call_in_the_history(stack: Stack, twin: Twin, client: Client) -> None:
    """The gateway dies with the provider's answer on its way, and nobody asks again."""
    to = number(numbers.ANSWERS)
    twin.configure(rest_latency_ms=1500)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: pytest.raises(grpc.RpcError, client.place, to))
        eventually(lambda: twin.requests(method="POST", to=to), about="the provider is asked")
        stack["gateway"].kill()
    stack["gateway"].start()
    [intent] = eventually(
        lambda: rows(stack, "SELECT * FROM dial_intents WHERE to_number = %s AND state = 'placed'", [to]), seconds=30
    )
    assert intent["resolved_by"] in ("webhook", "listing")
    ended = "SELECT * FROM call_history WHERE call_id = %s"
    [row] = eventually(lambda: rows(stack, ended, [intent["call_id"]]), seconds=30)
    assert (row["status"], row["external_call_id"]) == ("completed", twin.calls(to=to)[0]["sid"])
    assert len(twin.requests(method="POST", to=to)) == 1


def test_calls_that_postgresql_forgot_are_found_out(stack: Stack, twin: Twin, client: Client) -> None:
    """That a call was placed is told before it is on the disk, where the provider can be asked; PostgreSQL dies then."""
    # Whoever commits meanwhile brings the outcome to the disk as well.
    stack["normalizer"].stop()
    forgotten = 0
    for _ in range(5):
        to = number(numbers.ANSWERS)
        call = client.place(to)
        stack["postgres"].kill()
        stack["postgres"].start()
        intent = "SELECT * FROM dial_intents WHERE call_id = %s"
        [found] = rows(stack, intent, [call.record.call_id])
        forgotten += found["state"] == "committed"
        [found] = eventually(lambda: rows(stack, intent + " AND state = 'placed'", [call.record.call_id]), seconds=30)
        assert found["external_call_id"] == call.record.details.external_call_id == twin.calls(to=to)[0]["sid"]
        assert len(twin.requests(method="POST", to=to)) == 1
    assert forgotten > 0  # Else nothing was proven.
