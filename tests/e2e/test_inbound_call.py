"""Somebody calls: the provider gets the number's plan, and Trunkline gets a call."""

from __future__ import annotations

from typing import Any

from support.client import Client
from support.database import rows
from support.numbers import ANSWERS, number
from support.streams import published_events
from support.twilio_webhook import send_twilio_webhook
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.stack import Stack

VOICE = "/telephony/webhook/twilio/voice"
STATUS = "/telephony/webhook/twilio/status"
CALL_SID = "CA" + "1b" * 16


def call_in(stack: Stack, twin: Twin, **fields: Any) -> str:
    """The caller's number tells the test its call."""
    url = stack.public_url()
    caller = number(ANSWERS)
    twin.receive_call(
        from_party=caller,
        to=stack.demo.value("number"),
        voice_url=url + VOICE,
        status_callback=url + STATUS,
        **fields,
    )
    return caller


def wait_for_history(stack: Stack, caller: str) -> dict[str, Any]:
    return eventually(lambda: rows(stack, "SELECT * FROM call_history WHERE from_number = %s", [caller]))[0]


def test_an_incoming_call_hears_its_numbers_plan_and_becomes_a_call(stack: Stack, twin: Twin, client: Client) -> None:
    caller = call_in(stack, twin)
    row = wait_for_history(stack, caller)
    assert (row["direction"], row["status"]) == ("inbound", "completed")
    assert row["to_number"] == stack.demo.value("number")
    assert str(row["business_id"]) == stack.demo.value("business_id")
    listed = client.all_calls(**{"from": caller})
    assert [call.record.call_id for call in listed] == [str(row["call_id"])]
    assert not listed[0].HasField("dial")
    # What is stored is published a moment later.
    eventually(
        lambda: {found.headers["ce_type"] for found in published_events(stack, str(row["call_id"]))},
        until=lambda types: types == {"trunkline.call.ringing", "trunkline.call.ended"},
    )


def test_a_caller_who_gives_up_at_once_is_told_as_abandoned_or_completed(stack: Stack, twin: Twin) -> None:
    row = wait_for_history(stack, call_in(stack, twin, patience_seconds=0))
    assert row["status"] in ("abandoned", "completed")
    assert row["direction"] == "inbound"


def voice_request(stack: Stack, call_sid: str) -> dict[str, str]:
    return {
        "AccountSid": stack.demo.account_sid(),
        "CallSid": call_sid,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": number(ANSWERS),
        "To": stack.demo.value("number"),
    }


def test_the_voice_url_answers_with_the_numbers_plan(stack: Stack) -> None:
    answer = send_twilio_webhook(stack, VOICE, voice_request(stack, CALL_SID))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<Say>Hello from Trunkline. This call works.</Say>" in answer.text
    assert "<Hangup" in answer.text


def test_a_caller_hears_a_polite_text_while_the_gateway_is_away(stack: Stack) -> None:
    stack["gateway"].kill()
    try:
        call_sid = "CA" + "2c" * 16
        answer = send_twilio_webhook(stack, VOICE, voice_request(stack, call_sid))
        assert answer.status_code == 200
        assert "cannot take your call" in answer.text
        assert "<Hangup" in answer.text
        # The call is known all the same.
        found = eventually(lambda: rows(stack, "SELECT * FROM call_queue WHERE external_call_id = %s", [call_sid]))
        assert found[0]["status"] == "ringing"
    finally:
        stack["gateway"].start()


def test_a_caller_is_not_kept_waiting_for_a_gateway_that_hangs(stack: Stack) -> None:
    stack["gateway"].freeze()
    try:
        answer = send_twilio_webhook(stack, VOICE, voice_request(stack, "CA" + "3d" * 16), seconds=8)
    finally:
        stack["gateway"].thaw()
    assert answer.status_code == 200
    assert "cannot take your call" in answer.text
    assert answer.elapsed.total_seconds() < 5


def test_a_number_without_a_plan_gets_the_polite_text(stack: Stack) -> None:
    form = {**voice_request(stack, "CA" + "4e" * 16), "To": "+15558880000"}
    answer = send_twilio_webhook(stack, VOICE, form)
    assert answer.status_code == 200
    assert "cannot take your call" in answer.text
