"""A call whose account cannot place it goes over another one, and a business's limits hold, through the processes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import pytest
from support.businesses import add_account, create_business
from support.client import Client, client_of, reason_of
from support.database import rows
from support.gateway import gateway_channel
from support.numbers import ANSWERS, LOST_REPLY_BUT_PLACED, REFUSED_NUMBER, TOO_MANY_REQUESTS, number
from support.progress import wait_until_all_is_told
from support.settings import shorten_calls
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import destination_rule_service_pb2 as rules
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.accounts.v1.destination_rule_service_pb2_grpc import DestinationRuleServiceStub
from trunkline.calls.v1.call_pb2 import CALL_ERROR_CODE_UNAUTHORIZED, CALL_STATUS_COMPLETED, CALL_STATUS_FAILED
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.control.v1.call_control_service_pb2 import DIAL_STATE_PLACED, DIAL_STATE_REJECTED
from trunkline_local.ports import find_free
from trunkline_local.stack import Stack

FIRST_NUMBER, SECOND_NUMBER = "+15550107001", "+15550107002"


@dataclass(frozen=True)
class Pair:
    """A business whose first account falls over to its second."""

    stack: Stack
    twin: Twin
    client: Client
    business_id: str
    account_sid: str
    first: str
    second: str

    def change_first(self, *fields: str, **values: object) -> None:
        account = accounts.ProviderAccount(provider_account_id=self.first, **values)
        request = accounts.UpdateProviderAccountRequest(account=account, update_mask={"paths": list(fields)})
        self.client.accounts.UpdateProviderAccount(request, metadata=self.client.metadata, timeout=20)


@pytest.fixture(scope="module")
def pair(stack: Stack) -> Iterator[Pair]:
    twin = shorten_calls(stack)
    business = create_business(stack, "Two accounts", SECOND_NUMBER)
    twin.put_account(sid=business.account_sid, auth_token=business.auth_token)
    with client_of(stack, business.api_key) as client:
        # Its secret is not the one that the provider knows.
        first = accounts.ProviderAccount(
            provider="twilio",
            settings={"api_url": stack.twin_url(), "account_sid": business.account_sid},
            credentials={"auth_token": "0" * 32},
            is_default=True,
            failover_account_ids=[business.provider_account_id],
        )
        first_id = add_account(client, first, FIRST_NUMBER)
        yield Pair(
            stack, twin, client, business.business_id, business.account_sid, first_id, business.provider_account_id
        )


def test_an_account_that_the_provider_refuses_is_gone_over_from(pair: Pair) -> None:
    to = number(ANSWERS)
    call = pair.client.place(to)
    assert call.dial.state == DIAL_STATE_PLACED
    assert [attempt.provider_account_id for attempt in call.dial.attempts] == [pair.first, pair.second]
    assert call.dial.attempts[0].state == DIAL_STATE_REJECTED
    assert call.dial.attempts[0].error.code == CALL_ERROR_CODE_UNAUTHORIZED
    assert call.record.details.provider_account_id == pair.second
    assert getattr(call.record.details, "from") == SECOND_NUMBER
    placed = pair.twin.calls(to=to)
    assert len(placed) == 1
    assert placed[0]["from"] == SECOND_NUMBER

    call_id = call.record.call_id
    ended = eventually(lambda: pair.client.get(call_id), until=lambda c: c.record.status == CALL_STATUS_COMPLETED)
    assert len(ended.dial.attempts) == 2
    assert ended.record.details.provider_account_id == pair.second
    wait_until_all_is_told(pair.stack)
    stored = rows(
        pair.stack,
        f"SELECT type, status, provider_account_id::text FROM call_events WHERE call_id = '{call_id}' "
        "AND source = 'gateway' ORDER BY occurred_at, sequence",
    )
    assert [tuple(row.values()) for row in stored[:3]] == [
        ("requested", "initiated", pair.first),
        ("dial_problem", None, pair.first),
        ("updated", None, pair.second),
    ]


def test_an_account_that_cannot_be_reached_is_gone_over_from(pair: Pair) -> None:
    settings = {"api_url": f"http://127.0.0.1:{find_free(set())}", "account_sid": pair.account_sid}
    pair.change_first("settings", settings=settings)
    to = number(ANSWERS)
    call = pair.client.place(to)
    assert call.dial.state == DIAL_STATE_PLACED
    assert len(call.dial.attempts) == 2
    assert len(pair.twin.calls(to=to)) == 1
    pair.change_first("settings", settings={**settings, "api_url": pair.stack.twin_url()})


def test_what_no_account_can_place_fails_with_both_attempts(pair: Pair) -> None:
    to = number(TOO_MANY_REQUESTS)
    call = pair.client.place(to)
    assert call.record.status == CALL_STATUS_FAILED
    assert [attempt.state for attempt in call.dial.attempts] == [DIAL_STATE_REJECTED, DIAL_STATE_REJECTED]
    assert pair.twin.calls(to=to) == []


def test_what_is_in_doubt_or_refused_for_its_number_is_final(pair: Pair) -> None:
    # The second account falls over to the first.
    order = accounts.ProviderAccount(provider_account_id=pair.second, failover_account_ids=[pair.first])
    request = accounts.UpdateProviderAccountRequest(account=order, update_mask={"paths": ["failover_account_ids"]})
    pair.client.accounts.UpdateProviderAccount(request, metadata=pair.client.metadata, timeout=20)
    doubtful = number(LOST_REPLY_BUT_PLACED)
    assert len(pair.client.place(doubtful, provider_account_id=pair.second).dial.attempts) == 1
    refused = pair.client.place(number(REFUSED_NUMBER), provider_account_id=pair.second)
    assert refused.record.status == CALL_STATUS_FAILED
    assert len(refused.dial.attempts) == 1
    assert len(pair.twin.calls(to=doubtful)) == 1


def test_the_rate_of_an_account_holds_and_says_when_to_come_again(pair: Pair) -> None:
    rate = accounts.ProviderAccount(provider_account_id=pair.second, call_rates={"per_hour": 1000, "per_second": 1})
    request = accounts.UpdateProviderAccountRequest(account=rate, update_mask={"paths": ["call_rates"]})
    pair.client.accounts.UpdateProviderAccount(request, metadata=pair.client.metadata, timeout=20)
    fields = {"provider_account_id": pair.second, "from": SECOND_NUMBER}
    refused = 0
    request_id, to = str(uuid.uuid4()), number(ANSWERS)
    for _ in range(100):
        try:
            pair.client.place(to, request_id=request_id, **fields)
            request_id, to = str(uuid.uuid4()), number(ANSWERS)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert reason_of(error) == "RATE_LIMITED"
            refused += 1
            break
    assert refused == 1
    # The same request passes once the second is over.
    placed = eventually(lambda: accepted(pair.client, to, request_id, fields))
    assert placed.dial.state == DIAL_STATE_PLACED


def accepted(client: Client, to: str, request_id: str, fields: dict[str, str]) -> control.Call | None:
    try:
        return client.place(to, request_id=request_id, **fields)
    except grpc.RpcError as error:
        if reason_of(error) != "RATE_LIMITED":
            raise
        return None


def test_a_rule_of_the_business_blocks_a_destination(pair: Pair) -> None:
    to = number(ANSWERS)
    with gateway_channel(pair.stack) as channel:
        service = DestinationRuleServiceStub(channel)
        rule = rules.DestinationRule(prefix=to, action=rules.DESTINATION_ACTION_BLOCK)
        service.PutDestinationRule(
            rules.PutDestinationRuleRequest(rule=rule), metadata=pair.client.metadata, timeout=20
        )
        with pytest.raises(grpc.RpcError) as error:
            pair.client.place(to)
        assert error.value.code() == grpc.StatusCode.PERMISSION_DENIED
        assert reason_of(error.value) == "DESTINATION_BLOCKED"
        listed = service.ListDestinationRules(
            rules.ListDestinationRulesRequest(), metadata=pair.client.metadata, timeout=20
        )
        assert [found.prefix for found in listed.rules] == [to]
        service.DeleteDestinationRule(
            rules.DeleteDestinationRuleRequest(prefix=to), metadata=pair.client.metadata, timeout=20
        )
    assert pair.twin.calls(to=to) == []


def test_a_key_may_be_limited_while_it_is_in_use(pair: Pair) -> None:
    created = pair.stack.trunkctl.run_json("key", "create", f"--business={pair.business_id}", "--name=capped")
    with client_of(pair.stack, str(created["api_key"])) as client:
        client.place(number(ANSWERS))
        pair.stack.trunkctl.run_json("key", "limit", f"--key={created['api_key_id']}", "--calls-per-day=1")
        eventually(lambda: is_limited(client))


def is_limited(client: Client) -> bool:
    try:
        client.place(number(ANSWERS))
    except grpc.RpcError as error:
        return reason_of(error) == "RATE_LIMITED"
    return False
