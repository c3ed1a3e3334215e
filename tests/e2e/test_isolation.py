"""Promise 8: a business sees its own data only."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import grpc
import pytest
from support.businesses import Business, create_business
from support.client import Client, client_of, reason_of
from support.database import connect, rows
from support.numbers import ANSWERS, number
from support.settings import shorten_calls
from support.streams import dead_letters, published_events
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.calls.v1.call_pb2 import CALL_STATUS_COMPLETED
from trunkline_local.stack import Stack

TABLES = (
    "businesses",
    "api_keys",
    "audit_log",
    "telephony_providers",
    "business_phone_numbers",
    "call_queue",
    "call_history",
    "call_events",
    "webhook_logs",
    "call_requests",
    "dial_intents",
    "call_facts_outbox",
    "dial_attempts",
    "destination_rules",
    "rate_counters",
    "rate_takes",
    "api_key_limits",
    "api_key_open_calls",
    "api_key_spending",
)


@dataclass(frozen=True)
class Two:
    """Two businesses, each with a call that has ended."""

    ours: Client
    theirs: Client
    their_business: Business
    our_call: str
    their_call: str


@pytest.fixture(scope="module")
def two(stack: Stack) -> Iterator[Two]:
    twin = shorten_calls(stack)
    business = create_business(stack, "Other", number="+15550109001")
    twin.put_account(sid=business.account_sid, auth_token=business.auth_token)
    with client_of(stack) as ours, client_of(stack, business.api_key) as theirs:
        calls = [client.place(number(ANSWERS)).record.call_id for client in (ours, theirs)]
        for client, call_id in zip((ours, theirs), calls, strict=True):
            eventually(lambda c=client, i=call_id: c.get(i).record.status == CALL_STATUS_COMPLETED)
        yield Two(ours, theirs, business, *calls)


def expect_not_found(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        call()
    assert (error.value.code(), reason_of(error.value)) == (grpc.StatusCode.NOT_FOUND, reason)


def test_another_business_has_no_call_of_ours(two: Two) -> None:
    expect_not_found(lambda: two.theirs.get(two.our_call), "CALL_NOT_FOUND")
    expect_not_found(lambda: two.theirs.end(two.our_call), "CALL_NOT_FOUND")
    assert [call.record.call_id for call in two.theirs.all_calls()] == [two.their_call]
    assert [call.record.call_id for call in two.ours.all_calls()] == [two.our_call]


def test_another_business_watches_no_call_of_ours(two: Two) -> None:
    with two.theirs.watch() as every, two.theirs.watch(call_ids=[two.our_call]) as ours, two.ours.watch() as own:
        our_call = two.ours.place(number(ANSWERS)).record.call_id
        own.wait_for_end(our_call)
        their_call = two.theirs.place(number(ANSWERS)).record.call_id
        every.wait_for_end(their_call)
        assert {arrival.event.business_id for arrival in every.arrivals} == {two.their_business.business_id}
        assert our_call not in {arrival.event.call_id for arrival in every.arrivals}
        assert ours.arrivals == []


def test_a_page_token_is_good_for_its_business_only(two: Two) -> None:
    two.ours.place(number(ANSWERS))
    token = two.ours.page(page_size=1).next_page_token
    with pytest.raises(grpc.RpcError) as error:
        two.theirs.page(page_size=1, page_token=token)
    assert reason_of(error.value) == "INVALID_PAGE_TOKEN"


def test_another_business_has_no_account_of_ours(stack: Stack, two: Two) -> None:
    ours = stack.demo.value("provider_account_id")
    theirs, metadata = two.theirs.accounts, two.theirs.metadata
    reason = "PROVIDER_ACCOUNT_NOT_FOUND"
    get = accounts.GetProviderAccountRequest(provider_account_id=ours)
    expect_not_found(lambda: theirs.GetProviderAccount(get, metadata=metadata, timeout=10), reason)
    validate = accounts.ValidateProviderAccountRequest(provider_account_id=ours)
    expect_not_found(lambda: theirs.ValidateProviderAccount(validate, metadata=metadata, timeout=10), reason)
    update = accounts.UpdateProviderAccountRequest(
        account=accounts.ProviderAccount(provider_account_id=ours, display_name="taken"),
        update_mask={"paths": ["display_name"]},
    )
    expect_not_found(lambda: theirs.UpdateProviderAccount(update, metadata=metadata, timeout=10), reason)
    listed = theirs.ListProviderAccounts(accounts.ListProviderAccountsRequest(), metadata=metadata, timeout=10)
    assert [account.provider_account_id for account in listed.accounts] == [two.their_business.provider_account_id]


def test_another_business_cannot_call_over_our_account(stack: Stack, two: Two) -> None:
    with pytest.raises(grpc.RpcError) as error:
        two.theirs.place(number(ANSWERS), provider_account_id=stack.demo.value("provider_account_id"))
    assert reason_of(error.value) == "PROVIDER_ACCOUNT_NOT_FOUND"
    with pytest.raises(grpc.RpcError) as error:
        two.theirs.place(number(ANSWERS), **{"from": stack.demo.value("number")})
    assert reason_of(error.value) == "NUMBER_NOT_OWNED"


def test_another_business_cannot_take_our_number(stack: Stack, two: Two) -> None:
    put = accounts.PutPhoneNumberRequest(
        phone_number=accounts.PhoneNumber(
            number=stack.demo.value("number"), provider_account_id=two.their_business.provider_account_id
        )
    )
    with pytest.raises(grpc.RpcError):
        two.theirs.accounts.PutPhoneNumber(put, metadata=two.theirs.metadata, timeout=10)
    [row] = rows(
        stack, "SELECT business_id::text FROM business_phone_numbers WHERE number = %s", [stack.demo.value("number")]
    )
    assert row["business_id"] == stack.demo.value("business_id")


def test_a_request_id_belongs_to_its_business(two: Two) -> None:
    request_id = "0190b2c3-0000-7000-8000-0000000000aa"
    first = two.ours.place(number(ANSWERS), request_id=request_id)
    second = two.theirs.place(number(ANSWERS), request_id=request_id)
    assert first.record.call_id != second.record.call_id


def test_a_webhook_of_another_business_changes_no_call_of_ours(stack: Stack, two: Two) -> None:
    before = two.ours.get(two.our_call)
    account = two.their_business.provider_account_id
    path = f"/telephony/webhook/twilio/status?account={account}&call={two.our_call}"
    form = {
        "AccountSid": two.their_business.account_sid,
        "CallSid": "CA" + secrets.token_hex(16),
        "CallStatus": "failed",
        "SequenceNumber": "9",
        "Timestamp": "Tue, 03 Mar 2037 09:15:00 +0000",
    }
    # It is genuine, as far as its signature goes.
    answer = send_twilio_webhook(stack, path, form, auth_token=two.their_business.auth_token)
    assert answer.status_code == 200
    [letter] = eventually(lambda: [letter for letter in dead_letters(stack) if letter.reason == "FOREIGN_CALL"])
    assert form["CallSid"].encode() in letter.raw
    assert two.ours.get(two.our_call) == before
    owners = {found.event.business_id for found in published_events(stack, two.our_call)}
    assert owners == {stack.demo.value("business_id")}


@pytest.mark.parametrize("table", TABLES)
def test_the_database_itself_shows_the_gateway_one_business(stack: Stack, two: Two, table: str) -> None:
    """Row-level security, whatever the gateway's queries are."""
    ours = stack.demo.value("business_id")
    may_read = rows(stack, "SELECT has_table_privilege('trunkline_gateway', %s, 'SELECT') AS may", [table])[0]["may"]
    [security] = rows(stack, "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table])
    assert all(security.values()), "row-level security is on, for the owner too"
    if not may_read:
        return
    with connect(stack, "trunkline_gateway") as connection:
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == [], "no business is set"
        connection.execute("SELECT set_config('app.business_id', %s, false)", [ours])
        seen = connection.execute(f"SELECT DISTINCT business_id::text FROM {table}").fetchall()
        assert {row["business_id"] for row in seen} <= {ours}


def test_the_gateway_cannot_write_for_another_business(stack: Stack, two: Two) -> None:
    with connect(stack, "trunkline_gateway") as connection:
        connection.execute("SELECT set_config('app.business_id', %s, false)", [stack.demo.value("business_id")])
        with pytest.raises(Exception, match="row-level security"):
            connection.execute(
                "INSERT INTO audit_log (business_id, actor, action, subject) VALUES (%s, 'a', 'b', 'c')",
                [two.their_business.business_id],
            )
        changed = connection.execute("UPDATE telephony_providers SET display_name = 'x'").rowcount
        assert changed == 1
