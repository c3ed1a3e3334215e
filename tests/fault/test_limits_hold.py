"""Promise 5: limits hold and no slot is lost, however often the governor that decides dies."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import grpc
import pytest
from support.chance import let_pass, seeded_random
from support.client import reason_of
from support.database import one_value, rows
from support.governor import Governor, governor_of, governors_of, leader_of, live_slots
from support.stacks import MakeStack
from support.waiting import eventually
from trunkline.governor.v1 import governor_service_pb2 as slots
from trunkline_local.stack import Stack

GLOBAL_LIMIT = 12
BUSINESS_LIMIT = 5
BUSINESSES = [f"0190b0a0-0000-7000-8000-00000000000{i}" for i in range(4)]
CLIENTS = 10
KILLS = 10
RESERVATION_SECONDS = 30
# The client's library must find a replica again as soon as it is back.
QUICK_RECONNECT = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 100),
]
# Slots in use at any moment, by the journal: one that ends as another begins makes room for it.
MOST_AT_ONCE = """
    WITH steps AS (
        SELECT granted_at AS at, 1 AS step, business_id FROM active_calls
        UNION ALL SELECT released_at, -1, business_id FROM active_calls WHERE released_at IS NOT NULL
    ), sums AS (
        SELECT sum(step) OVER (ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS all_slots,
               sum(step) OVER (PARTITION BY business_id ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS of_business
        FROM steps
    )
    SELECT max(all_slots) AS all_slots, max(of_business) AS of_business FROM sums
"""


class Held:
    """What the clients hold by their own count: from the answer to their request to the next one to give it back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self.most = 0
        self.most_of_business = 0
        self.granted = 0

    def take(self, business_id: str) -> None:
        with self._lock:
            self._held[business_id] += 1
            self.granted += 1
            self.most = max(self.most, self._held.total())
            self.most_of_business = max(self.most_of_business, self._held[business_id])

    def leave(self, business_id: str) -> None:
        with self._lock:
            self._held[business_id] -= 1


class CarefulClient:
    """Asks again with the same request until it has an answer, at whichever replica has one."""

    def __init__(self, governors: list[Governor], held: Held, chance: Random, stop: threading.Event):
        self._governors = governors
        self._held = held
        self._chance = chance
        self._stop = stop

    def run(self) -> None:
        while not self._stop.is_set():
            business_id, request_id = self._chance.choice(BUSINESSES), str(uuid.UUID(int=self._chance.getrandbits(128)))
            if self._acquire(business_id, request_id):
                self._held.take(business_id)
                let_pass(self._chance.uniform(0, 0.05))
                # Counted out first: it may be free as soon as it was asked for.
                self._held.leave(business_id)
                self._release(business_id, request_id)

    def _acquire(self, business_id: str, request_id: str) -> bool:
        wait = self._chance.choice((0, 0.2))
        while True:
            for governor in self._governors:
                try:
                    governor.acquire(request_id, wait, seconds=3, business_id=business_id)
                    return True
                except grpc.RpcError as error:
                    if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
                        return False
                    _must_be_a_fault(error)
            let_pass(0.02)

    def _release(self, business_id: str, request_id: str) -> None:
        while True:
            for governor in self._governors:
                try:
                    governor.release(business_id, request_id, seconds=3)
                    return
                except grpc.RpcError as error:
                    _must_be_a_fault(error)
            let_pass(0.02)


def _must_be_a_fault(error: grpc.RpcError) -> None:
    assert reason_of(error) == "NOT_LEADER" or error.code() in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ), error


@pytest.fixture
def stack(make_stack: MakeStack) -> Stack:
    stack = make_stack("embedded")
    other = stack.add_governor("governor-2")
    for service in (stack.governor, other):
        service.overrides.update(
            {
                "TRUNKLINE_GLOBAL_MAX_CALLS": str(GLOBAL_LIMIT),
                "TRUNKLINE_BUSINESS_MAX_CALLS": str(BUSINESS_LIMIT),
                "TRUNKLINE_RESERVATION_TIME": f"{RESERVATION_SECONDS}s",
                # The journal is read at the end.
                "TRUNKLINE_SLOT_MEMORY": "1h",
            }
        )
    stack.start()
    return stack


@pytest.fixture
def channels(stack: Stack) -> Iterator[list[Governor]]:
    token = stack.state.get("service-token") or ""
    opened = [grpc.insecure_channel(address, QUICK_RECONNECT) for address in stack.governors_grpc().split(",")]
    yield [Governor(channel, token) for channel in opened]
    for channel in opened:
        channel.close()


def test_no_limit_is_exceeded_and_no_slot_lost_while_leaders_die(stack: Stack, channels: list[Governor]) -> None:
    chance = seeded_random()
    held, stop = Held(), threading.Event()
    clients = [CarefulClient(channels, held, Random(chance.getrandbits(64)), stop) for _ in range(CLIENTS)]
    epochs = [int(one_value(stack, "SELECT epoch FROM governor_leadership"))]
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client.run) for client in clients]
        try:
            for _ in range(KILLS):
                before = held.granted
                eventually(lambda before=before: held.granted > before + 20, about="slots are granted")  # type: ignore[misc]
                let_pass(chance.uniform(0, 0.3))
                leader = leader_of(stack)
                leader.kill()
                eventually(
                    lambda dead=leader: leader_of(stack) is not dead,  # type: ignore[misc]
                    about="another takes over",
                )
                leader.start()
                epochs.append(int(one_value(stack, "SELECT epoch FROM governor_leadership")))
        finally:
            stop.set()
        for client in running:
            client.result()

    assert held.most <= GLOBAL_LIMIT, "by the clients' own count"
    assert held.most_of_business <= BUSINESS_LIMIT, "by the clients' own count"
    [journal] = rows(stack, MOST_AT_ONCE)
    assert journal["all_slots"] <= GLOBAL_LIMIT, "by the journal"
    assert journal["of_business"] <= BUSINESS_LIMIT, "by the journal"
    # Else there was never a crowd, and nothing was proven.
    assert journal["all_slots"] == GLOBAL_LIMIT or journal["of_business"] == BUSINESS_LIMIT
    assert epochs == sorted(set(epochs)), "each leader has an epoch of its own"

    tokens = rows(stack, "SELECT fencing_token FROM active_calls ORDER BY granted_at, fencing_token")
    assert [row["fencing_token"] for row in tokens] == sorted({row["fencing_token"] for row in tokens})

    # Slots of requests that were granted while their client saw a refusal or nothing end with their reservation.
    eventually(lambda: live_slots(stack), until=lambda live: live == 0, seconds=RESERVATION_SECONDS + 15)
    with governor_of(stack, f"127.0.0.1:{leader_of(stack).port('grpc-port')}") as governor:
        usage = governor.usage()
        assert [level.in_use for level in usage.levels if level.level == slots.LEVEL_GLOBAL] == [0]


def test_a_frozen_leader_is_replaced_and_grants_nothing_when_it_thaws(stack: Stack, channels: list[Governor]) -> None:
    frozen = leader_of(stack)
    addresses = [f"127.0.0.1:{service.port('grpc-port')}" for service in governors_of(stack)]
    at = addresses.index(f"127.0.0.1:{frozen.port('grpc-port')}")
    old, new = channels[at], channels[1 - at]
    old.acquire("before", business_id=BUSINESSES[0])
    frozen.process.freeze()
    try:
        eventually(lambda: leader_of(stack) is not frozen, seconds=30, about="another takes over")

        def taken_over() -> bool:
            try:
                return bool(new.acquire("meanwhile", business_id=BUSINESSES[0]).slot_id)
            except grpc.RpcError as error:
                _must_be_a_fault(error)
                return False

        eventually(taken_over)
    finally:
        frozen.process.thaw()
    for i in range(20):
        with pytest.raises(grpc.RpcError) as refused:
            old.acquire(f"late-{i}", business_id=BUSINESSES[0])
        _must_be_a_fault(refused.value)
    requests = rows(stack, "SELECT request_id FROM active_calls ORDER BY request_id")
    assert [row["request_id"] for row in requests] == ["before", "meanwhile"]


def test_without_its_database_nothing_is_granted_and_afterwards_all_is_there(
    stack: Stack, channels: list[Governor]
) -> None:
    def acquire(request_id: str) -> str:
        """The slot, or why there is none."""
        reasons = []
        for governor in channels:
            try:
                return governor.acquire(request_id, business_id=BUSINESSES[0]).slot_id
            except grpc.RpcError as error:
                reasons.append(reason_of(error))
        return " ".join(reasons)

    slot_id = eventually(lambda: acquire("before"), until=lambda answer: len(answer) == 36)
    stack["postgres"].kill()
    assert "DEPENDENCY_UNAVAILABLE" in eventually(
        lambda: acquire("meanwhile"), until=lambda answer: "NOT_LEADER" not in answer
    )
    stack["postgres"].start()
    assert eventually(lambda: acquire("before"), until=lambda answer: len(answer) == 36) == slot_id
    assert live_slots(stack) == 1
