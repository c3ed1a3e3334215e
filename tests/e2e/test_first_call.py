"""One call, from the gRPC API over the provider and its webhooks to the rows, the streams and the watchers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from support.client import Client
from support.database import rows
from support.numbers import ANSWERS, number
from support.progress import wait_until_all_is_told
from support.streams import latest_record, published_events
from support.twin import Twin
from support.waiting import eventually
from support.watch import Arrival
from trunkline.calls.v1 import call_pb2
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.events.v1 import call_event_pb2 as events
from trunkline_local.stack import Stack

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
TAGS = ["spring", "west"]
CUSTOM_DATA = {"crm_id": "4711", "name": "Zoë"}


class FirstCall:
    """A call that was answered and has ended, with what the watcher saw of it."""

    def __init__(self, stack: Stack, client: Client, twin: Twin):
        self.stack = stack
        wait_for_first_partitions(client)
        self.to = number(ANSWERS)
        with client.watch() as watch:
            placed = client.place(self.to, traceparent=TRACEPARENT, tags=TAGS, custom_data=CUSTOM_DATA)
            self.placed = placed
            self.id = placed.record.call_id
            watch.wait_for_end(self.id)
            # Some webhooks may come after the one about the end.
            eventually(lambda: all(sent["done"] for sent in twin.webhooks(to=self.to)), about="all webhooks are sent")
            wait_until_all_is_told(stack)
            eventually(lambda: len(rows(stack, EVENTS_OF_CALL, [self.id])) == len(watch.events_of(self.id)))
            self.watched: list[Arrival] = watch.events_of(self.id)
        self.webhooks = twin.webhooks(to=self.to)


def wait_for_first_partitions(client: Client) -> None:
    """A consumer group without members takes some seconds to begin; that is not what is measured here."""
    call_id = client.place(number(ANSWERS)).record.call_id
    eventually(lambda: client.get(call_id).record.status == call_pb2.CALL_STATUS_COMPLETED)


EVENTS_OF_CALL = "SELECT * FROM call_events WHERE call_id = %s ORDER BY raw_offset"


@pytest.fixture(scope="module")
def call(stack: Stack, client: Client, twin: Twin) -> FirstCall:
    return FirstCall(stack, client, twin)


def test_the_reply_tells_that_the_provider_took_the_call(call: FirstCall) -> None:
    record = call.placed.record
    assert call.placed.dial.state == control.DIAL_STATE_PLACED
    assert call.placed.dial.resolved_by == "reply"
    assert record.status == call_pb2.CALL_STATUS_INITIATED
    assert record.details.to == call.to
    assert getattr(record.details, "from") == call.stack.demo.value("number")
    assert record.details.external_call_id.startswith("CA")


def test_the_provider_was_asked_once(call: FirstCall) -> None:
    twin = Twin(call.stack)
    asked = twin.requests(method="POST", to=call.to)
    assert [request["call_sid"] for request in asked] == [call.placed.record.details.external_call_id]
    assert len(twin.calls(to=call.to)) == 1


def test_every_webhook_was_taken(call: FirstCall) -> None:
    assert {webhook["kind"] for webhook in call.webhooks} == {"voice", "status"}
    assert {webhook["status"] for webhook in call.webhooks} == {200}
    told = [webhook["params"]["CallStatus"] for webhook in call.webhooks if webhook["kind"] == "status"]
    assert sorted(told) == ["completed", "in-progress", "initiated", "ringing"]


def test_the_ended_call_is_one_row_of_call_history(call: FirstCall) -> None:
    assert rows(call.stack, "SELECT 1 FROM call_queue WHERE call_id = %s", [call.id]) == []
    [row] = rows(call.stack, "SELECT * FROM call_history WHERE call_id = %s", [call.id])
    assert str(row["business_id"]) == call.stack.demo.value("business_id")
    assert str(row["provider_account_id"]) == call.stack.demo.value("provider_account_id")
    assert row["external_call_id"] == row["twilio_call_sid"] == call.placed.record.details.external_call_id
    assert (row["direction"], row["status"]) == ("outbound", "completed")
    assert (row["from_number"], row["to_number"]) == (call.stack.demo.value("number"), call.to)
    assert (row["hangup_cause"], row["error_code"]) == ("user_hangup", None)
    # The provider tells its times in whole seconds.
    assert row["requested_at"] < row["ended_at"] + timedelta(seconds=1)
    assert None not in (row["initiated_at"], row["ringing_at"], row["answered_at"])
    assert row["talk_milliseconds"] >= 0
    assert (row["tags"], row["custom_data"]) == (TAGS, CUSTOM_DATA)


def test_every_fact_is_one_row_of_call_events(call: FirstCall) -> None:
    found = rows(call.stack, EVENTS_OF_CALL, [call.id])
    assert len({row["event_id"] for row in found}) == len(found)
    types = [row["type"] for row in found]
    for once in ("requested", "initiated", "ringing", "ended"):
        assert types.count(once) == 1
    # The answer is told by the status callback and by the request for instructions.
    assert types.count("answered") == 2
    from_provider = [row for row in found if row["source"] == "provider"]
    assert len(from_provider) == len(call.webhooks)


def test_every_message_is_one_row_of_the_audit(call: FirstCall) -> None:
    logged = rows(call.stack, "SELECT * FROM webhook_logs WHERE call_id = %s", [call.id])
    assert {row["outcome"] for row in logged} == {"processed"}
    told = {row["webhook_id"] for row in rows(call.stack, EVENTS_OF_CALL, [call.id])}
    assert {row["webhook_id"] for row in logged} == told


def test_the_stream_has_each_event_once_under_the_call(call: FirstCall) -> None:
    published = published_events(call.stack, call.id)
    stored = {str(row["event_id"]) for row in rows(call.stack, EVENTS_OF_CALL, [call.id])}
    assert sorted(found.event.event_id for found in published) == sorted(stored)
    assert {found.key for found in published} == {call.id}


def test_the_last_event_of_the_stream_holds_the_whole_call(call: FirstCall) -> None:
    last = published_events(call.stack, call.id)[-1].event
    assert last.call == latest_record(call.stack, call.id)
    assert last.call.status == call_pb2.CALL_STATUS_COMPLETED
    assert list(last.call.details.tags) == TAGS
    assert dict(last.call.details.custom_data) == CUSTOM_DATA


def test_the_headers_are_those_of_a_cloud_event(call: FirstCall) -> None:
    for found in published_events(call.stack, call.id):
        assert found.headers["ce_specversion"] == "1.0"
        assert found.headers["ce_id"] == found.event.event_id
        assert found.headers["ce_subject"] == call.id
        name = events.CallEventType.Name(found.event.type).removeprefix("CALL_EVENT_TYPE_").lower()
        assert found.headers["ce_type"] == f"trunkline.call.{name}"
        assert found.headers["ce_source"] == "/trunkline/normalizer"
        assert found.headers["ce_time"].endswith("Z")
        assert found.headers["content-type"] == "application/protobuf"
        assert found.headers["business_id"] == call.stack.demo.value("business_id")


def test_the_trace_leads_from_the_request_to_the_rows(call: FirstCall) -> None:
    stored = {str(row["event_id"]): row["traceparent"] for row in rows(call.stack, EVENTS_OF_CALL, [call.id])}
    for found in published_events(call.stack, call.id):
        assert found.headers["traceparent"] == found.event.traceparent == stored[found.event.event_id]
        of_the_request = found.event.source == events.EVENT_SOURCE_GATEWAY
        assert (found.event.traceparent.split("-")[1] == TRACE_ID) == of_the_request
    [row] = rows(call.stack, "SELECT traceparent FROM call_history WHERE call_id = %s", [call.id])
    assert row["traceparent"] in stored.values()


def test_a_watcher_sees_each_event_within_a_second_of_its_webhook(call: FirstCall) -> None:
    assert [arrival.event for arrival in call.watched] == [
        found.event for found in published_events(call.stack, call.id)
    ]
    delays = [arrival.delay() for arrival in call.watched]
    assert max(delays) < 1, delays


def test_get_call_and_list_calls_agree_with_the_stream(call: FirstCall, client: Client) -> None:
    got = client.get(call.id)
    assert got.record == latest_record(call.stack, call.id)
    assert got.dial == call.placed.dial
    assert [listed for listed in client.all_calls() if listed.record.call_id == call.id] == [got]


def test_a_list_has_what_its_filters_say_page_by_page(call: FirstCall, client: Client) -> None:
    completed = call_pb2.CALL_STATUS_COMPLETED
    assert [found.record.call_id for found in client.all_calls(to=call.to, statuses=[completed])] == [call.id]
    assert client.all_calls(to=call.to, statuses=[call_pb2.CALL_STATUS_BUSY]) == []
    assert client.all_calls(direction=call_pb2.CALL_DIRECTION_INBOUND) == []
    placed = {client.place(number(ANSWERS)).record.call_id for _ in range(2)}
    # A call may move in the list, and so be on two pages, until the provider has told when it began.
    eventually(lambda: placed <= {found.record.call_id for found in client.all_calls(statuses=[completed])})
    pages = client.all_calls(page_size=1)
    assert placed | {call.id} <= {found.record.call_id for found in pages}
    assert len(pages) == len(client.all_calls())
    # The provider tells in whole seconds when it began, which may be before it was asked.
    started = [found.record.times.requested_at.seconds for found in pages]
    assert started == sorted(started, reverse=True)


def test_a_watch_of_one_call_is_silent_on_others(call: FirstCall, client: Client) -> None:
    with client.watch(call_ids=[str(uuid.uuid4())]) as other, client.watch() as every:
        call_id = client.place(number(ANSWERS)).record.call_id
        every.wait_for_end(call_id)
        assert other.arrivals == []
