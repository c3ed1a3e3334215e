"""Promise 5: a call has a slot from before its dial until its end, and none is dialled without."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from support import numbers
from support.client import Client, reason_of
from support.database import one_value, rows
from support.governor import Governor, governor_of, live_slots
from support.numbers import number
from support.settings import TIME_SCALE, restart_with
from support.twin import Twin
from support.waiting import eventually
from trunkline.calls.v1 import call_pb2
from trunkline.governor.v1 import governor_service_pb2 as slots
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Hangup, Pause, Verb
from trunkline_local.stack import Stack

# Long enough for everything that is done to a call here, at the twin's pace.
WAITS = CallPlan(verbs=[Verb(pause=Pause(length={"seconds": 3000})), Verb(hangup=Hangup())])


@pytest.fixture
def lasting_calls(twin: Twin) -> Iterator[None]:
    """Calls that last as long as the test takes."""
    twin.configure(time_scale=1.0)
    yield
    twin.configure(time_scale=TIME_SCALE)


@pytest.fixture(scope="module")
def governor(stack: Stack) -> Iterator[Governor]:
    with governor_of(stack) as governor:
        yield governor


def slots_of(stack: Stack, call_id: str) -> list[dict[str, Any]]:
    return rows(stack, "SELECT * FROM active_calls WHERE call_id = %s", [call_id])


def ended_slot(stack: Stack, call_id: str) -> dict[str, Any]:
    found = eventually(
        lambda: slots_of(stack, call_id), until=lambda found: all(slot["released_at"] for slot in found)
    )
    assert len(found) == 1
    return found[0]


def place_long(client: Client, **fields: str) -> str:
    return str(client.place(number(numbers.ANSWERS_FOR_LONG), plan=WAITS, **fields).record.call_id)


def test_a_slot_is_held_from_before_the_dial_until_the_end_of_the_call(stack: Stack, client: Client) -> None:
    call_id = place_long(client, campaign_id="spring")
    [slot] = slots_of(stack, call_id)
    assert slot["released_at"] is None
    assert (slot["kind"], slot["campaign_id"]) == (slots.SLOT_KIND_ORDINARY, "spring")
    assert slot["provider_account_id"] == stack.demo.value("provider_account_id")
    assert slot["caller_number"] == stack.demo.value("number")
    [dialled] = rows(stack, "SELECT committed_at FROM dial_intents WHERE call_id = %s", [call_id])
    assert slot["granted_at"] <= dialled["committed_at"]
    client.end(call_id)
    assert ended_slot(stack, call_id)["release_reason"] == slots.RELEASE_REASON_CALL_ENDED


@pytest.mark.parametrize("outcome", [numbers.ANSWERS, numbers.BUSY, numbers.REFUSED_NUMBER])
def test_the_slot_ends_however_the_call_does(stack: Stack, client: Client, outcome: int) -> None:
    call_id = client.place(number(outcome)).record.call_id
    assert ended_slot(stack, call_id)["release_reason"] == slots.RELEASE_REASON_CALL_ENDED


def test_an_inbound_call_is_counted_while_it_lasts(stack: Stack, twin: Twin) -> None:
    sid = twin.receive_call(
        from_party="+15550166001",
        to=stack.demo.value("number"),
        voice_url=f"{stack.ingest_url()}/telephony/webhook/twilio/voice",
        status_callback=f"{stack.ingest_url()}/telephony/webhook/twilio/status",
    )
    found = "SELECT s.* FROM active_calls s JOIN call_history c ON s.call_id = c.call_id::text WHERE external_call_id = %s"
    [slot] = eventually(lambda: rows(stack, found, [sid]))
    assert slot["kind"] == slots.SLOT_KIND_INBOUND
    assert ended_slot(stack, slot["call_id"])["release_reason"] == slots.RELEASE_REASON_CALL_ENDED


def test_a_business_at_its_limit_is_refused_and_told_where(stack: Stack, client: Client, governor: Governor) -> None:
    business_id = stack.demo.value("business_id")
    in_use = "SELECT * FROM active_calls WHERE released_at IS NULL"
    eventually(lambda: rows(stack, in_use), until=lambda found: found == [])
    governor.limit_business(business_id, max_concurrent_calls=1)
    try:
        first = place_long(client)
        with pytest.raises(grpc.RpcError) as refused:
            place_long(client)
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(refused.value) == "LIMIT_REACHED"
        details = status_pb2.Status()
        details.ParseFromString(dict(refused.value.trailing_metadata())["grpc-status-details-bin"])
        [quota] = [detail for detail in details.details if detail.Is(error_details_pb2.QuotaFailure.DESCRIPTOR)]
        failure = error_details_pb2.QuotaFailure()
        quota.Unpack(failure)
        assert [violation.subject for violation in failure.violations] == [f"business {business_id}"]
        assert any(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR) for detail in details.details)
        client.end(first)
        ended_slot(stack, first)
        client.end(place_long(client))
    finally:
        governor.clear_business(business_id)


def test_a_call_uses_the_slot_that_its_attempt_brings(stack: Stack, client: Client, governor: Governor) -> None:
    business_id, attempt_id = stack.demo.value("business_id"), str(uuid.uuid4())
    held = governor.acquire(attempt_id, business_id=business_id, campaign_id="spring")
    call_id = place_long(client, attempt_id=attempt_id)
    [slot] = slots_of(stack, call_id)
    assert str(slot["slot_id"]) == held.slot_id
    client.end(call_id)
    ended_slot(stack, call_id)
    # An attempt whose slot has ended gets one of the call's own.
    again = place_long(client, attempt_id=attempt_id)
    [slot] = slots_of(stack, again)
    assert str(slot["slot_id"]) != held.slot_id
    client.end(again)


def test_without_the_governor_nothing_is_dialled(stack: Stack, client: Client, twin: Twin) -> None:
    to = number(numbers.ANSWERS)
    stack["concurrency-governor"].kill()
    try:
        with pytest.raises(grpc.RpcError) as away:
            client.place(to)
        assert away.value.code() == grpc.StatusCode.UNAVAILABLE
        assert reason_of(away.value) == "DEPENDENCY_UNAVAILABLE"
        assert twin.requests(method="POST", to=to) == []
    finally:
        stack["concurrency-governor"].start()
    call_id = client.place(to).record.call_id
    ended_slot(stack, call_id)


@pytest.mark.usefixtures("lasting_calls")
def test_a_silent_call_is_asked_about_and_its_slot_ends_only_if_it_has_ended(stack: Stack, client: Client) -> None:
    # A minute is the shortest silence.
    restart_with(stack["concurrency-governor"], {"CALL_TIMEOUT_MINUTES": "1", "CLEANUP_INTERVAL": "1000"})
    call_id, goes_on = place_long(client), place_long(client)
    for placed in (call_id, goes_on):
        eventually(lambda placed=placed: client.get(placed).record.status == call_pb2.CALL_STATUS_ANSWERED)  # type: ignore[misc]
    stack["webhook-ingest"].kill()
    try:
        client.end(call_id)
        [slot] = eventually(
            lambda: slots_of(stack, call_id), until=lambda found: bool(found[0]["released_at"]), seconds=100
        )
        assert slot["release_reason"] == slots.RELEASE_REASON_FOUND_ENDED
        assert (slot["released_at"] - slot["granted_at"]).total_seconds() >= 60
        # The missing fact is entered.
        eventually(lambda: rows(stack, "SELECT * FROM call_history WHERE call_id = %s", [call_id]))
        ends = "SELECT source FROM call_events WHERE call_id = %s AND type = 'ended'"
        assert rows(stack, ends, [call_id]) == [{"source": "reconciliation"}]
        # The other call lasts longer than the time-out; the answer that it is alive is as good as news of it.
        [kept] = eventually(
            lambda: slots_of(stack, goes_on),
            until=lambda found: (found[0]["heard_at"] - found[0]["granted_at"]).total_seconds() >= 60,
            seconds=30,
        )
        assert kept["released_at"] is None
    finally:
        stack["webhook-ingest"].start()
    client.end(goes_on)
    assert ended_slot(stack, goes_on)["release_reason"] == slots.RELEASE_REASON_CALL_ENDED


@pytest.mark.usefixtures("lasting_calls")
def test_a_lowered_limit_ends_no_call_and_grants_nothing_until_enough_have_ended(
    stack: Stack, client: Client, governor: Governor, twin: Twin
) -> None:
    eventually(lambda: live_slots(stack), until=lambda live: live == 0)
    governor.limit_all(50)
    try:
        calls = [place_long(client) for _ in range(40)]
        governor.limit_all(10)
        in_progress = "SELECT count(*) FROM active_calls WHERE released_at IS NULL AND call_id = ANY (%s)"
        # One by one, down to the new limit: nothing is granted on the way.
        for ended in range(31):
            with pytest.raises(grpc.RpcError) as refused:
                place_long(client)
            assert reason_of(refused.value) == "LIMIT_REACHED"
            assert one_value(stack, in_progress, [calls]) == 40 - ended, "only those that were ended have ended"
            client.end(calls[ended])
            ended_slot(stack, calls[ended])
        alive = {call["to"] for call in twin.calls() if not call["ended"]}
        assert {client.get(call_id).record.details.to for call_id in calls[31:]} <= alive
        calls.append(place_long(client))
        with pytest.raises(grpc.RpcError):
            place_long(client)
        for call_id in calls[31:]:
            client.end(call_id)
    finally:
        governor.limit_all(100_000)
    eventually(lambda: live_slots(stack), until=lambda live: live == 0)
