"""Control of calls in progress, over a provider with webhooks and over one with a link; bulk dials; timelines."""

from __future__ import annotations

import uuid

import grpc
import pytest
from support import numbers
from support.businesses import add_account
from support.client import Client, reason_of
from support.database import one_value
from support.gateway import gateway_channel
from support.numbers import number
from support.waiting import eventually
from trunkline.accounts.v1.provider_account_service_pb2 import ProviderAccount
from trunkline.calls.v1 import call_pb2
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Hangup, Pause, Verb
from trunkline.providers.v1 import feature_pb2, provider_service_pb2
from trunkline.providers.v1.provider_service_pb2_grpc import ProviderServiceStub
from trunkline_local.stack import Stack

# Long enough for everything that is done to a call here, at the twin's pace.
WAITS = CallPlan(verbs=[Verb(pause=Pause(length={"seconds": 3000})), Verb(hangup=Hangup())])
SECONDS = 20


@pytest.fixture(scope="module")
def mock_account(client: Client) -> str:
    """Of a provider whose news come over a link."""
    account = ProviderAccount(provider="mock", display_name="mock", settings={"time_scale": "0.05"})
    return add_account(client, account, "+15550107777")


def wait_for(client: Client, call_id: str, status: int) -> control.Call:
    return eventually(
        lambda: client.get(call_id),
        until=lambda call: bool(call.record.status == status),
        about=call_pb2.CallStatus.Name(status),
    )


def answered(client: Client, **fields: str) -> str:
    call_id = str(client.place(number(numbers.ANSWERS_FOR_LONG), plan=WAITS, **fields).record.call_id)
    wait_for(client, call_id, call_pb2.CALL_STATUS_ANSWERED)
    return call_id


@pytest.mark.parametrize("provider", ["twilio", "mock"])
def test_a_call_is_held_taken_back_and_ended(client: Client, mock_account: str, provider: str) -> None:
    call_id = answered(client, **({"provider_account_id": mock_account} if provider == "mock" else {}))
    client.calls.HoldCall(control.HoldCallRequest(call_id=call_id), metadata=client.metadata, timeout=SECONDS)
    wait_for(client, call_id, call_pb2.CALL_STATUS_ON_HOLD)
    client.calls.ResumeCall(control.ResumeCallRequest(call_id=call_id), metadata=client.metadata, timeout=SECONDS)
    wait_for(client, call_id, call_pb2.CALL_STATUS_ANSWERED)
    client.end(call_id)
    wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED)
    with pytest.raises(grpc.RpcError) as refused:
        client.calls.HoldCall(control.HoldCallRequest(call_id=call_id), metadata=client.metadata, timeout=SECONDS)
    assert reason_of(refused.value) == "CALL_ENDED"


def test_what_comes_over_a_link_makes_a_whole_call(client: Client, stack: Stack, mock_account: str) -> None:
    call_id = client.place(number(numbers.ANSWERS), provider_account_id=mock_account).record.call_id
    record = wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED).record
    assert record.details.provider == "mock"
    assert record.details.cost.micros > 0
    busy = client.place(number(numbers.BUSY), provider_account_id=mock_account).record.call_id
    wait_for(client, busy, call_pb2.CALL_STATUS_BUSY)
    # Each message of the link went the way of every webhook, once.
    twice = "SELECT count(*) FROM (SELECT 1 FROM call_events GROUP BY event_id HAVING count(*) > 1) AS twice"
    assert one_value(stack, twice) == 0


def test_many_numbers_are_dialled_once_each(client: Client, stack: Stack, mock_account: str) -> None:
    to = [number(numbers.ANSWERS) for _ in range(30)] + ["nobody"]
    request = control.InitiateCallsRequest(
        request_id=str(uuid.uuid4()),
        to=to,
        common=control.InitiateCallRequest(plan=WAITS, provider_account_id=mock_account),
    )
    first = client.calls.InitiateCalls(request, metadata=client.metadata, timeout=60)
    again = client.calls.InitiateCalls(request, metadata=client.metadata, timeout=60)
    ids = [result.call.record.call_id for result in first.results[:30]]
    assert len(set(ids)) == 30
    assert [result.call.record.call_id for result in again.results[:30]] == ids
    assert first.results[30].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    for call_id in ids:
        wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED)
    dialled = "SELECT count(*) FROM provider_requests WHERE operation = 'place_calls'"
    eventually(lambda: one_value(stack, dialled) == 30)


def test_the_timeline_tells_a_call_from_request_to_end(client: Client) -> None:
    call_id = answered(client)
    client.calls.HoldCall(control.HoldCallRequest(call_id=call_id), metadata=client.metadata, timeout=SECONDS)
    client.end(call_id)
    wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED)

    def timeline() -> list[control.TimelineEntry]:
        request = control.GetCallTimelineRequest(call_id=call_id)
        return list(client.calls.GetCallTimeline(request, metadata=client.metadata, timeout=SECONDS).entries)

    # What was asked of the provider is written a moment later.
    asked = {"place_call", "hold", "end_call"}
    entries = eventually(
        timeline, until=lambda found: asked <= {entry.details.get("operation", "") for entry in found}
    )
    steps = [control.TimelineStep.Name(entry.step).removeprefix("TIMELINE_STEP_") for entry in entries]
    assert steps[:2] == ["REQUEST", "INTENT"]
    assert {"PROVIDER_REQUEST", "RESOLUTION", "WEBHOOK", "EVENT"} <= set(steps)
    times = [entry.at.ToMicroseconds() for entry in entries]
    assert times == sorted(times)
    events = {entry.details["type"] for entry in entries if entry.step == control.TIMELINE_STEP_EVENT}
    assert {"requested", "answered", "held", "ended"} <= events


def test_a_call_that_is_asked_about_is_as_the_provider_tells(client: Client) -> None:
    call_id = answered(client)
    client.calls.SyncCall(control.SyncCallRequest(call_id=call_id), metadata=client.metadata, timeout=SECONDS)
    assert client.get(call_id).record.status == call_pb2.CALL_STATUS_ANSWERED
    client.end(call_id)


def test_providers_tell_what_they_can_do(client: Client, stack: Stack) -> None:
    with gateway_channel(stack) as channel:
        listed = ProviderServiceStub(channel).ListProviders(
            provider_service_pb2.ListProvidersRequest(), metadata=client.metadata, timeout=SECONDS
        )
    features = {provider.name: set(provider.features) for provider in listed.providers}
    assert set(features) == {"exotel", "mock", "plivo", "sip", "twilio"}
    assert feature_pb2.FEATURE_HOLD in features["twilio"]
    assert feature_pb2.FEATURE_HOLD not in features["exotel"]
