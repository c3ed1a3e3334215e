"""The same through every provider: requests, webhooks or links, rows, events, watches and control agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import grpc
import pytest
from support import numbers
from support.client import Client, reason_of
from support.database import one_value, rows
from support.gateway import gateway_channel
from support.progress import wait_until_all_is_told
from support.settings import SHORT_DOUBTS
from support.simulated_providers import SIMULATED, Account
from support.stacks import StackKeeper
from support.streams import latest_record, published_events
from support.waiting import always, eventually
from support.watch import Watch
from trunkline.calls.v1 import call_pb2
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.events.v1 import call_event_pb2
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Dial, Hangup, Pause, Verb
from trunkline.providers.v1 import feature_pb2, provider_service_pb2
from trunkline.providers.v1.provider_service_pb2_grpc import ProviderServiceStub
from trunkline_local.stack import Stack

SECONDS = 20
ONE_SECOND = timedelta(seconds=1)
# Long enough for everything that is done to a call here, at the twin's pace.
WAITS = CallPlan(verbs=[Verb(pause=Pause(length={"seconds": 3000})), Verb(hangup=Hangup())])


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with StackKeeper(request.module.__name__) as keeper:
        stack = keeper.make()
        stack["gateway"].overrides.update(SHORT_DOUBTS)
        stack.start()
        yield stack


@pytest.fixture(scope="module", params=sorted(SIMULATED))
def account(request: pytest.FixtureRequest, stack: Stack, client: Client) -> Account:
    account = SIMULATED[request.param].open_account(stack, client)
    if account.provider.has_link:
        # Calls are placed over another connection, but their news come over this one.
        eventually(lambda: account.twin.ask("GET", "stats")["sessions"] > 0, about="the link is up")
    return account


@pytest.fixture(scope="module")
def features(stack: Stack, client: Client) -> dict[str, set[int]]:
    with gateway_channel(stack) as channel:
        listed = ProviderServiceStub(channel).ListProviders(
            provider_service_pb2.ListProvidersRequest(), metadata=client.metadata, timeout=SECONDS
        )
    return {provider.name: set(provider.features) for provider in listed.providers}


def wait_for(client: Client, call_id: str, *statuses: int, seconds: float = SECONDS) -> control.Call:
    return eventually(
        lambda: client.get(call_id),
        seconds=seconds,
        until=lambda call: call.record.status in statuses,
        about=" or ".join(call_pb2.CallStatus.Name(status) for status in statuses),
    )


def name_of(status: int) -> str:
    return call_pb2.CallStatus.Name(status).removeprefix("CALL_STATUS_").lower()


def expect_agreement(stack: Stack, watch: Watch, call: control.Call) -> dict[str, Any]:
    """GetCall, PostgreSQL, both topics and WatchCalls tell the same call; gives its row."""
    call_id = call.record.call_id
    # The gateway's own facts may come after a quick call's webhooks.
    wait_until_all_is_told(stack)
    [row] = eventually(lambda: rows(stack, "SELECT * FROM call_history WHERE call_id = %s", [call_id]))

    def stored() -> list[str]:
        return [
            str(found["event_id"])
            for found in rows(stack, "SELECT event_id FROM call_events WHERE call_id = %s", [call_id])
        ]

    # News may still come after the end. What is stored is published a moment later, and then watched.
    eventually(
        lambda: (
            sorted(stored()),
            sorted(found.event.event_id for found in published_events(stack, call_id)),
            sorted(arrival.event.event_id for arrival in watch.events_of(call_id)),
        ),
        until=lambda told: told[0] == told[1] == told[2],
        about="the same events in PostgreSQL, the topic and the watch",
    )
    assert len(set(stored())) == len(stored()), "every event once"
    published = latest_record(stack, call_id)
    assert published is not None
    assert name_of(published.status) == row["status"] == name_of(call.record.status)
    for details in (published.details, call.record.details):
        assert details.external_call_id == row["external_call_id"]
        assert (details.provider, details.provider_account_id) == (row["provider"], str(row["provider_account_id"]))
    assert published.times.ended_at.ToMicroseconds() == call.record.times.ended_at.ToMicroseconds()
    assert row["ended_at"].timestamp() == pytest.approx(call.record.times.ended_at.ToMicroseconds() / 1e6)
    return row


def test_a_call_is_placed_once_and_told_the_same_everywhere(stack: Stack, client: Client, account: Account) -> None:
    to = account.number(numbers.ANSWERS)
    with client.watch() as watch:
        placed = client.place(to, provider_account_id=account.id)
        call_id = placed.record.call_id
        assert placed.dial.state == control.DIAL_STATE_PLACED
        call = wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED)
        row = expect_agreement(stack, watch, call)
    assert account.asked_to_dial().count(to) == account.dialled().count(to) == 1
    assert row["direction"] == "outbound"
    assert (row["from_number"], row["to_number"]) == (account.own_number, to)
    assert row["external_call_id"] == placed.record.details.external_call_id
    times = [row[name] for name in ("requested_at", "ringing_at", "answered_at", "ended_at") if row[name] is not None]
    # Some providers tell whole seconds.
    assert all(earlier - ONE_SECOND <= later for earlier, later in pairwise(times)), times
    assert row["answered_at"] is not None
    types = {arrival.event.type for arrival in watch.events_of(call_id)}
    assert types >= {
        call_event_pb2.CALL_EVENT_TYPE_REQUESTED,
        call_event_pb2.CALL_EVENT_TYPE_ANSWERED,
        call_event_pb2.CALL_EVENT_TYPE_ENDED,
    }


def test_a_busy_number_is_told_as_busy(stack: Stack, client: Client, account: Account) -> None:
    with client.watch() as watch:
        call_id = client.place(account.number(numbers.BUSY), provider_account_id=account.id).record.call_id
        call = wait_for(client, call_id, call_pb2.CALL_STATUS_BUSY)
        row = expect_agreement(stack, watch, call)
    assert (row["hangup_cause"], row["answered_at"]) == ("busy", None)


def test_somebody_calls_and_the_number_answers(stack: Stack, client: Client, account: Account) -> None:
    caller = account.number(numbers.ANSWERS)
    with client.watch() as watch:
        external_call_id = account.receive_call(caller)
        [row] = eventually(
            lambda: rows(stack, "SELECT * FROM call_history WHERE external_call_id = %s", [external_call_id]),
            about="the call in the history",
        )
        expect_agreement(stack, watch, client.get(str(row["call_id"])))
    assert (row["direction"], row["provider"]) == ("inbound", account.provider.name)
    assert (row["from_number"], row["to_number"]) == (caller, account.own_number)
    assert str(row["business_id"]) == stack.demo.value("business_id")
    # What the provider asked was answered with what it understands.
    webhooks = [] if account.provider.has_link else account.twin.webhooks(call_sid=external_call_id)
    assert [webhook["status"] for webhook in webhooks if not 200 <= (webhook["status"] or 0) < 300] == []


@pytest.mark.parametrize(
    "story",
    [numbers.ERROR_BUT_PLACED, numbers.LOST_REPLY_BUT_PLACED, numbers.SLOW_REPLY],
    ids=["error", "lost reply", "time-out"],
)
def test_a_dial_in_doubt_that_was_placed_is_found_out(
    stack: Stack, client: Client, account: Account, story: int
) -> None:
    to = account.number(story)
    call = client.place(to, provider_account_id=account.id, plan=WAITS)
    assert call.dial.state == control.DIAL_STATE_IN_DOUBT
    assert not call.record.error.retryable
    found = eventually(
        lambda: client.get(call.record.call_id),
        seconds=30,
        until=lambda found: found.dial.state == control.DIAL_STATE_PLACED,
        about="the dial is found out as placed",
    )
    assert found.record.details.external_call_id != ""
    assert account.asked_to_dial().count(to) == account.dialled().count(to) == 1


def test_a_dial_in_doubt_is_found_in_the_list_when_nothing_else_tells(client: Client, account: Account) -> None:
    if account.provider.has_link:
        pytest.skip("its news come over a link, which nobody can lose alone")
    to = account.number(numbers.LOST_REPLY_BUT_PLACED)
    account.twin.configure(webhook_loss=1.0)
    try:
        call_id = client.place(to, provider_account_id=account.id, plan=WAITS).record.call_id
        found = eventually(
            lambda: client.get(call_id),
            seconds=30,
            until=lambda found: found.dial.state == control.DIAL_STATE_PLACED,
        )
    finally:
        account.twin.configure(webhook_loss=0.0)
    assert found.dial.resolved_by == "listing" or account.provider.asks_for_plans
    assert account.dialled().count(to) == 1


def test_a_dial_in_doubt_that_was_not_placed_is_not_dialled_again(client: Client, account: Account) -> None:
    to = account.number(numbers.ERROR_NOT_PLACED)
    call_id = client.place(to, provider_account_id=account.id).record.call_id
    if account.provider.lists_all_calls:
        found = eventually(
            lambda: client.get(call_id),
            seconds=30,
            until=lambda found: found.dial.state == control.DIAL_STATE_NOT_PLACED,
            about="the list is believed",
        )
        assert found.record.status == call_pb2.CALL_STATUS_FAILED
        assert found.record.error.retryable
    else:
        # Nobody can tell; the business said that it would rather never call twice.
        always(lambda: client.get(call_id).dial.state == control.DIAL_STATE_IN_DOUBT, seconds=6)
    assert account.asked_to_dial().count(to) == 1
    assert account.dialled().count(to) == 0


def answered(stack: Stack, client: Client, account: Account, plan: CallPlan = WAITS) -> str:
    """A call that lasts, at a provider whose calls can be controlled."""
    to = account.number(numbers.ANSWERS_FOR_LONG)
    call_id = str(client.place(to, plan=plan, provider_account_id=account.id).record.call_id)
    call = wait_for(client, call_id, call_pb2.CALL_STATUS_ANSWERED)
    account.provider.wait_until_joined(account, call.record.details.external_call_id)
    # A provider that tells whole seconds cannot tell what came first within one; people are slower than that.
    eventually(lambda: time.time() > call.record.times.answered_at.seconds + 1, about="the next second")
    return call_id


def expect_unsupported(request: Callable[[], Any], account: Account) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        request()
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert reason_of(refused.value) == "UNSUPPORTED_BY_PROVIDER"
    assert account.provider.name in refused.value.details()


def test_a_call_is_held_and_taken_back(
    stack: Stack, client: Client, account: Account, features: dict[str, set[int]]
) -> None:
    call_id = answered(stack, client, account)
    asking = {"metadata": client.metadata, "timeout": SECONDS}
    if feature_pb2.FEATURE_HOLD not in features[account.provider.name]:
        expect_unsupported(lambda: client.calls.HoldCall(control.HoldCallRequest(call_id=call_id), **asking), account)
        return
    if account.provider.holds_members_only:
        client.calls.JoinConference(control.JoinConferenceRequest(call_id=call_id, conference="room42"), **asking)
    client.calls.HoldCall(control.HoldCallRequest(call_id=call_id), **asking)
    wait_for(client, call_id, call_pb2.CALL_STATUS_ON_HOLD)
    client.calls.ResumeCall(control.ResumeCallRequest(call_id=call_id), **asking)
    wait_for(client, call_id, call_pb2.CALL_STATUS_ANSWERED)
    client.end(call_id)
    wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED)


def test_a_call_is_transferred(stack: Stack, client: Client, account: Account, features: dict[str, set[int]]) -> None:
    other = Verb(dial=Dial(targets=[account.number(numbers.ANSWERS_FOR_LONG)]))
    call_id = answered(stack, client, account, CallPlan(verbs=[other, *WAITS.verbs]))
    asking = {"metadata": client.metadata, "timeout": SECONDS}
    wish = control.TransferCallRequest(call_id=call_id, target=account.number(numbers.ANSWERS_FOR_LONG))
    if feature_pb2.FEATURE_BLIND_TRANSFER not in features[account.provider.name]:
        expect_unsupported(lambda: client.calls.TransferCall(wish, **asking), account)
        return
    client.calls.TransferCall(wish, **asking)
    told = "SELECT count(*) FROM call_events WHERE call_id = %s AND type = 'transferred'"
    eventually(lambda: one_value(stack, told, [call_id]) == 1, about="the transfer is told")
    client.end(call_id)
    wait_for(client, call_id, call_pb2.CALL_STATUS_COMPLETED, call_pb2.CALL_STATUS_TRANSFERRED)


def test_a_forged_webhook_is_refused(stack: Stack, account: Account) -> None:
    refused = "SELECT * FROM webhook_logs WHERE outcome = 'refused' AND provider = %s"
    assert rows(stack, refused, [account.provider.name]) == []
    account.send_forgery()
    [refusal] = eventually(lambda: rows(stack, refused, [account.provider.name]), about="the refusal in the audit")
    assert refusal["call_id"] is None


def test_an_exchange_without_a_manager_interface_tells_by_signed_webhooks(stack: Stack, client: Client) -> None:
    account = SIMULATED["sip"].open_account(stack, client, {"mode": "http"})
    caller, external_call_id = account.number(numbers.ANSWERS), f"{int(time.time())}.7"
    call = {
        "call_id": external_call_id,
        "channel": "PJSIP/trunk-00000007",
        "caller_id": caller,
        "destination": account.own_number,
        "direction": "inbound",
    }
    end = {"dial_status": "ANSWER", "hangup_cause": 16, "hangup_source": "caller", "duration": 8, "billsec": 7}
    for event in ("incoming_call", "call_answered", "call_ended"):
        body = {**call, **(end if event == "call_ended" else {}), "event": event, "timestamp": f"{time.time():.3f}"}
        wish = {"url": account.urls["events"], "body": body, "proof": "hmac"}
        account.twin.ask("POST", "webhook", {**wish, "secret": account.form.credentials["webhook_secret"]})
    found = "SELECT * FROM call_history WHERE external_call_id = %s"
    [row] = eventually(lambda: rows(stack, found, [external_call_id]), about="the call in the history")
    assert (row["status"], row["direction"]) == ("completed", "inbound")
    assert (row["from_number"], row["to_number"]) == (caller, account.own_number)


def test_nothing_came_twice(stack: Stack, client: Client, account: Account) -> None:
    """After all that was done above."""
    twice = "SELECT event_id FROM call_events GROUP BY event_id HAVING count(*) > 1"
    assert rows(stack, twice) == []
    dialled = account.dialled()
    assert len(set(dialled)) == len(dialled)
    assert one_value(stack, "SELECT count(*) FROM webhook_logs WHERE outcome = 'dead_letter'") == 0
