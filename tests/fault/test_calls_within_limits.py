"""Promise 5, seen from the provider: never more calls in progress than the limit, however often the governor dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from support.chance import let_pass, seeded_random
from support.client import Client, client_of, reason_of
from support.governor import governors_of, leader_of, live_slots
from support.numbers import ANSWERS, number
from support.settings import shorten_calls
from support.stacks import MakeStack
from support.twin import Twin, most_at_once
from support.waiting import eventually
from trunkline_local.stack import Stack

LIMIT = 4
CALLERS = 8
KILLS = 6


@pytest.fixture
def stack(make_stack: MakeStack) -> Stack:
    stack = make_stack("embedded")
    stack.add_governor("governor-2")
    for service in governors_of(stack):
        service.overrides.update({"TRUNKLINE_GLOBAL_MAX_CALLS": str(LIMIT)})
    # Shorter than a call, so that of a crowd some are refused, however quick the machine is.
    stack.gateway.overrides.update({"TRUNKLINE_ADMISSION_WAIT": "20ms"})
    stack.start()
    return stack


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with client_of(stack) as client:
        yield client


def test_the_provider_never_has_more_calls_than_the_limit_while_governors_die(stack: Stack, client: Client) -> None:
    chance = seeded_random()
    twin: Twin = shorten_calls(stack)
    stop = threading.Event()

    def call_again_and_again() -> tuple[int, int]:
        placed = refused = 0
        while not stop.is_set():
            try:
                client.place(number(ANSWERS))
                placed += 1
            except grpc.RpcError as error:
                assert reason_of(error) in ("LIMIT_REACHED", "DEPENDENCY_UNAVAILABLE", "NOT_LEADER"), error
                refused += 1
        return placed, refused

    with ThreadPoolExecutor(CALLERS) as pool:
        callers = [pool.submit(call_again_and_again) for _ in range(CALLERS)]
        try:
            for _ in range(KILLS):
                before = len(twin.calls())
                eventually(lambda before=before: len(twin.calls()) > before + 5, seconds=60, about="calls are placed")  # type: ignore[misc]
                let_pass(chance.uniform(0, 0.5))
                leader = leader_of(stack)
                leader.kill()
                eventually(lambda dead=leader: leader_of(stack) is not dead, about="another takes over")  # type: ignore[misc]
                leader.start()
        finally:
            stop.set()
        outcomes = [caller.result() for caller in callers]

    eventually(lambda: twin.calls(), seconds=60, until=lambda calls: all(call["ended"] for call in calls))
    assert most_at_once(twin.calls()) <= LIMIT
    # Else there was never a crowd, and nothing was proven.
    assert most_at_once(twin.calls()) == LIMIT
    assert sum(refused for _, refused in outcomes) > 0
    assert sum(placed for placed, _ in outcomes) == len({call["to"] for call in twin.calls()})
    eventually(lambda: live_slots(stack), seconds=60, until=lambda live: live == 0, about="no slot is left")
