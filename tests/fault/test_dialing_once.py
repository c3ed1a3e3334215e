"""Promise 6: nobody is dialled twice, however often the gateway dies and the provider's answers are lost."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
import pytest
from support import numbers
from support.chance import let_pass, seeded_random
from support.client import Client
from support.database import rows
from support.numbers import number
from support.settings import shorten_calls, shorten_doubts
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.stack import Stack

CALLS = 200
CLIENTS = 6
KILLS = 15
# What goes wrong at the provider, in 5 of 100 requests each.
TROUBLES = (numbers.ERROR_BUT_PLACED, numbers.LOST_REPLY_BUT_PLACED, numbers.SLOW_REPLY, numbers.ERROR_NOT_PLACED)
SHARE_OF_TROUBLE = 0.2
# The client's library must find the gateway again as soon as it is back.
QUICK_RECONNECT = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 200),
]


@dataclass(frozen=True)
class Wish:
    request_id: str
    to: str


@pytest.fixture
def twin(stack: Stack) -> Twin:
    shorten_doubts(stack)
    twin = shorten_calls(stack)
    # So that the gateway often dies between its question and the answer.
    twin.configure(rest_latency_ms=120)
    return twin


@pytest.fixture
def client(stack: Stack, twin: Twin) -> Iterator[Client]:
    with grpc.insecure_channel(stack.gateway_grpc(), options=QUICK_RECONNECT) as channel:
        yield Client(channel, stack.demo.value("api_key"))


def place_at_last(client: Client, wish: Wish) -> set[str]:
    """As a careful client does: the same request_id until there is an answer, and once more. The calls it was told."""
    told: set[str] = set()

    def try_once() -> bool:
        try:
            told.add(client.place(wish.to, request_id=wish.request_id).record.call_id)
            return True
        except grpc.RpcError as error:
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED), error
            return False

    eventually(try_once, seconds=90, about=f"an answer for {wish}")
    eventually(try_once, seconds=90, about=f"a second answer for {wish}")
    return told


def test_every_wish_is_dialled_at_most_once_while_the_gateway_dies(stack: Stack, twin: Twin, client: Client) -> None:
    chance = seeded_random()
    wishes = [
        Wish(str(uuid.UUID(int=chance.getrandbits(128))), number(_outcome(chance.random(), chance.choice(TROUBLES))))
        for _ in range(CALLS)
    ]
    gateway = stack["gateway"]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [pool.submit(place_at_last, client, wish) for wish in wishes]
        for _ in range(KILLS):
            let_pass(chance.uniform(0.05, 0.7))
            gateway.kill()
            gateway.start()
        told = {wish: answer.result() for wish, answer in zip(wishes, answers, strict=True)}

    unresolved = (
        "SELECT call_id::text, to_number, state, checks, (check_at - now())::text AS next_check FROM dial_intents "
        "WHERE state IN ('committed', 'in_doubt')"
    )
    eventually(lambda: rows(stack, unresolved), seconds=60, until=lambda found: found == [], about="all is found out")

    asked = Counter(request["params"]["To"] for request in twin.requests(method="POST"))
    placed = {call["to"]: call["sid"] for call in twin.calls()}
    assert [to for to, times in asked.items() if times > 1] == [], "asked for twice"
    assert len(placed) == len(twin.calls()), "dialled twice"

    intents = {intent["to_number"]: intent for intent in rows(stack, "SELECT * FROM dial_intents")}
    assert len(intents) == CALLS
    for wish in wishes:
        intent = intents[wish.to]
        assert told[wish] == {str(intent["call_id"])}, "one request_id, one call"
        assert (intent["state"] == "placed") == (wish.to in placed), intent
        assert intent["external_call_id"] == placed.get(wish.to)
    # Else nobody died at a bad moment, and nothing was proven.
    assert {intent["resolved_by"] for intent in intents.values()} >= {"reply", "webhook"}
    assert any(intent["state"] == "not_placed" for intent in intents.values())


def _outcome(draw: float, trouble: int) -> int:
    return trouble if draw < SHARE_OF_TROUBLE else numbers.ANSWERS


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
