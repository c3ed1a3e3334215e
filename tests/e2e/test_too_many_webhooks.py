"""More webhooks at once than ingest may hold: it says so at once, and keeps those that it took."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from support.settings import restart_with
from support.streams import raw_webhooks
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline_local.stack import Stack

STATUS = "/telephony/webhook/twilio/status"


def form(stack: Stack, call_sid: str) -> dict[str, str]:
    return {"AccountSid": stack.demo.account_sid(), "CallSid": call_sid, "CallStatus": "ringing"}


def test_what_is_too_much_is_sent_back_and_never_kept(stack: Stack) -> None:
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_MAX_IN_FLIGHT": "1", "TRUNKLINE_KAFKA_TIMEOUT": "30s"})
    taken, surplus = "CA" + "a" * 32, "CA" + "b" * 32
    stack["kafka"].freeze()
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(send_twilio_webhook, stack, STATUS, form(stack, taken), seconds=40)
            # Until the first is under way, nothing is too much; a webhook without a call is never under way.
            no_call = {**form(stack, ""), "CallSid": ""}
            eventually(lambda: send_twilio_webhook(stack, STATUS, no_call).status_code == 429)
            answer = send_twilio_webhook(stack, STATUS, form(stack, surplus))
            assert answer.status_code == 429
            assert answer.json()["error"]["code"] == "TOO_MANY_WEBHOOKS"
            assert answer.headers["Retry-After"] == "1"
            stack["kafka"].thaw()
            assert waiting.result().status_code == 200
    finally:
        stack["kafka"].thaw()
    bodies = b" ".join(webhook.http.body for webhook in raw_webhooks(stack))
    assert taken.encode() in bodies
    assert surplus.encode() not in bodies
