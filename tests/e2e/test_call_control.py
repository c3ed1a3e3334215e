"""What a client may rely on when it controls calls."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from support.client import PLAN, Client, client_of, reason_of, wrong_fields_of
from support.database import one_value
from support.numbers import ANSWERS, LOST_REPLY_BUT_PLACED, NO_ANSWER, number
from support.settings import shorten_calls, shorten_doubts
from support.twin import Twin
from support.waiting import eventually
from trunkline.calls.v1 import call_pb2
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Pause, Verb
from trunkline_local.stack import Stack

# Long enough that nobody hangs up during a test.
LONG_PLAN = CallPlan(verbs=[Verb(pause=Pause(length={"seconds": 3600}))])


@pytest.fixture(scope="module")
def twin(stack: Stack) -> Twin:
    shorten_doubts(stack)
    return shorten_calls(stack)


def wait_for_status(client: Client, call_id: str, *statuses: int) -> control.Call:
    return eventually(lambda: client.get(call_id), until=lambda call: call.record.status in statuses)


def test_a_repeated_request_gives_the_first_call(client: Client, twin: Twin) -> None:
    to, request_id = number(ANSWERS), str(uuid.uuid4())
    first = client.place(to, request_id=request_id)
    again = client.place(to, request_id=request_id)
    assert again.record.call_id == first.record.call_id
    assert len(twin.calls(to=to)) == 1


def test_a_request_that_comes_many_times_at_once_is_dialled_once(client: Client, twin: Twin) -> None:
    to, request_id = number(ANSWERS), str(uuid.uuid4())
    with ThreadPoolExecutor(16) as pool:
        calls = list(pool.map(lambda _: client.place(to, request_id=request_id), range(16)))
    assert len({call.record.call_id for call in calls}) == 1
    assert len(twin.requests(method="POST", to=to)) == 1


def test_a_repeated_request_in_doubt_is_not_dialled_again(client: Client, twin: Twin) -> None:
    to, request_id = number(LOST_REPLY_BUT_PLACED), str(uuid.uuid4())
    first = client.place(to, request_id=request_id)
    for _ in range(3):
        assert client.place(to, request_id=request_id).record.call_id == first.record.call_id
    assert len(twin.requests(method="POST", to=to)) == 1


def test_a_request_id_with_another_body_is_refused(client: Client, twin: Twin) -> None:
    request_id, other = str(uuid.uuid4()), number(ANSWERS)
    client.place(number(ANSWERS), request_id=request_id)
    with pytest.raises(grpc.RpcError) as error:
        client.place(other, request_id=request_id)
    assert error.value.code() == grpc.StatusCode.ALREADY_EXISTS
    assert reason_of(error.value) == "REQUEST_ID_REUSED"
    assert twin.calls(to=other) == []


def test_every_wrong_field_is_named(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        client.place("12", request_id="no uuid", ring_timeout={"seconds": 2})
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(error.value) == "INVALID_FIELD"
    assert {"request_id", "to", "ring_timeout"} <= set(wrong_fields_of(error.value))


def test_a_number_that_is_not_ours_is_not_shown(client: Client, twin: Twin) -> None:
    to = number(ANSWERS)
    with pytest.raises(grpc.RpcError) as error:
        client.place(to, **{"from": "+15559990000"})
    assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert reason_of(error.value) == "NUMBER_NOT_OWNED"
    assert twin.requests(method="POST", to=to) == []


@pytest.mark.parametrize("key", ["", "tl_wrong"])
def test_nobody_without_a_key_is_served(stack: Stack, key: str) -> None:
    metadata = [("authorization", f"Bearer {key}")] if key else []
    with client_of(stack) as client:
        client.metadata = metadata
        with pytest.raises(grpc.RpcError) as error:
            client.page()
        assert error.value.code() == grpc.StatusCode.UNAUTHENTICATED
        assert reason_of(error.value) == "UNAUTHENTICATED"


def test_an_answered_call_can_be_ended(stack: Stack, client: Client) -> None:
    call_id = client.place(number(ANSWERS), plan=LONG_PLAN).record.call_id
    wait_for_status(client, call_id, call_pb2.CALL_STATUS_ANSWERED)
    client.end(call_id)
    call = wait_for_status(client, call_id, call_pb2.CALL_STATUS_COMPLETED)
    assert call.record.hangup.cause == call_pb2.HANGUP_CAUSE_SYSTEM_HANGUP
    assert call.record.hangup.source == call_pb2.HANGUP_SOURCE_SYSTEM
    # GetCall knows of its own requests before the row does.
    eventually(
        lambda: one_value(stack, "SELECT hangup_cause FROM call_history WHERE call_id = %s", [call_id])
        == "system_hangup"
    )


def test_a_ringing_call_that_is_ended_is_canceled(client: Client) -> None:
    call_id = client.place(number(NO_ANSWER), ring_timeout={"seconds": 600}).record.call_id
    wait_for_status(client, call_id, call_pb2.CALL_STATUS_RINGING)
    client.end(call_id)
    wait_for_status(client, call_id, call_pb2.CALL_STATUS_CANCELED)


def test_ending_an_ended_call_changes_nothing(client: Client, twin: Twin) -> None:
    call = client.place(number(ANSWERS), plan=PLAN)
    ended = wait_for_status(client, call.record.call_id, call_pb2.CALL_STATUS_COMPLETED)
    asked = len(twin.requests(method="POST"))
    assert client.end(call.record.call_id).record == ended.record
    assert len(twin.requests(method="POST")) == asked


def test_a_call_that_nobody_knows_is_not_found(client: Client) -> None:
    for method in (client.get, client.end):
        with pytest.raises(grpc.RpcError) as error:
            method(str(uuid.uuid4()))
        assert error.value.code() == grpc.StatusCode.NOT_FOUND
        assert reason_of(error.value) == "CALL_NOT_FOUND"
