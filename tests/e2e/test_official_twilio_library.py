"""Twilio's own helper library as the judge of our wire formats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
import requests
from support.client import Client
from support.customer import Customer
from support.numbers import ANSWERS, ANSWERS_FOR_LONG, BUSY, REFUSED_NUMBER, number
from support.streams import raw_webhooks
from support.twilio_webhook import send_twilio_webhook
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.plans.v1 import call_plan_pb2 as plans
from trunkline_local.stack import Stack
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client as TwilioClient
from twilio.twiml.voice_response import VoiceResponse

STATUS = "/telephony/webhook/twilio/status"
VOICE = "/telephony/webhook/twilio/voice"
CALL_ID = "0190b2c3-0000-7000-8000-00000000abcd"
WAIT = '<Response><Pause length="3000"/></Response>'


# Its signatures at our door.


def test_its_signature_of_a_form_is_accepted(stack: Stack) -> None:
    sid = "CA" + "6a" * 16
    # Letters beyond ASCII, empty values, signs that are escaped: all of it is signed.
    form = {"AccountSid": stack.demo.account_sid(), "CallSid": sid, "CallStatus": "ringing"}
    form |= {"CallerName": "Zoë & Søn + 100%", "FromCity": "", "ToCity": " Ōsaka ", "a": "=?&;"}
    assert send_twilio_webhook(stack, f"{STATUS}?b=1&a=%20x", form).status_code == 200


def test_its_signature_of_a_json_body_is_accepted(stack: Stack) -> None:
    validator = RequestValidator(stack.demo.auth_token())
    body = json.dumps({"transcript": "Grüße", "parts": [1, 2]})
    account = stack.demo.value("provider_account_id")
    target = f"{STATUS}?account={account}&call={CALL_ID}&bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = validator.compute_signature(stack.public_url() + target, {})
    assert validator.validate(stack.public_url() + target, body, signature)
    answer = requests.post(
        stack.ingest_url() + target,
        data=body.encode(),
        headers={"Content-Type": "application/json", "X-Twilio-Signature": signature},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    assert body.encode() in [webhook.http.body for webhook in raw_webhooks(stack)]


# The twin's signatures before its validator.


@pytest.fixture
def customer() -> Iterator[Customer]:
    with Customer(WAIT) as customer:
        yield customer


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_twins_signatures_are_valid(stack: Stack, twin: Twin, customer: Customer, method: str) -> None:
    twilio = twilio_client(stack)
    twilio.calls.create(
        to=number(BUSY),
        from_=stack.demo.value("number"),
        url=f"{customer.url}/voice?x=1",
        status_callback=f"{customer.url}/status?b=2&a=%20y#rc=2&rp=all",
        status_callback_method=method,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    eventually(lambda: any("CallStatus=busy" in one.body + one.target for one in customer.received))
    validator = RequestValidator(stack.demo.auth_token())
    for one in customer.received:
        form = dict(parse_qsl(one.body, keep_blank_values=True))
        assert validator.validate(customer.url + one.target, form, one.headers["X-Twilio-Signature"]), one
        assert not validator.validate(customer.url + one.target + "x", form, one.headers["X-Twilio-Signature"])


# Its REST client against the twin.


class TwinHttpClient(TwilioHttpClient):
    """Sends what is meant for Twilio to the twin."""

    def __init__(self, twin_url: str):
        super().__init__()
        self._twin_url = twin_url

    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        parts = urlsplit(url)
        assert parts.netloc == "api.twilio.com"
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, self._twin_url + parts.path + query, *arguments, **named)


def twilio_client(stack: Stack, token: str = "") -> TwilioClient:
    http_client = TwinHttpClient(stack.twin_url())
    return TwilioClient(stack.demo.account_sid(), token or stack.demo.auth_token(), http_client=http_client)


def test_its_client_places_and_fetches_a_call(stack: Stack, twin: Twin) -> None:
    twilio, to = twilio_client(stack), number(ANSWERS)
    created = twilio.calls.create(to=to, from_=stack.demo.value("number"), twiml=WAIT)
    assert created.sid is not None and created.sid.startswith("CA")
    assert (created.status, created.direction, created.to) == ("queued", "outbound-api", to)
    assert created.date_created is not None
    fetched = eventually(lambda: twilio.calls(created.sid).fetch(), until=lambda call: call.status == "in-progress")
    assert (fetched.sid, fetched.to, fetched.answered_by) == (created.sid, to, None)
    assert fetched.start_time is not None and fetched.end_time is None


def test_its_client_updates_and_ends_a_call(stack: Stack, twin: Twin) -> None:
    twilio = twilio_client(stack)
    call = twilio.calls.create(to=number(ANSWERS_FOR_LONG), from_=stack.demo.value("number"), twiml=WAIT)
    assert call.sid is not None
    eventually(lambda: call.fetch().status == "in-progress")
    other = "<Response><Say>Wait a moment.</Say><Pause length='3000'/></Response>"
    assert call.update(twiml=other).status == "in-progress"
    assert call.update(status="completed").status == "completed"
    ended = call.fetch()
    assert ended.end_time is not None
    assert int(ended.duration or -1) >= 0


def test_its_client_pages_through_the_calls(stack: Stack, twin: Twin) -> None:
    twilio, to = twilio_client(stack), number(BUSY)
    sids = {twilio.calls.create(to=to, from_=stack.demo.value("number"), twiml=WAIT).sid for _ in range(5)}
    eventually(lambda: {call.status for call in twilio.calls.list(to=to)} == {"busy"})
    assert {call.sid for call in twilio.calls.list(to=to, page_size=2)} == sids
    assert len(twilio.calls.list(to=to, limit=3)) == 3
    assert twilio.calls.list(to=to, status="completed") == []
    page = twilio.calls.page(to=to, page_size=2)
    assert len(list(page)) == 2
    assert page.next_page() is not None


@pytest.mark.parametrize(("digits", "status", "code"), [(REFUSED_NUMBER, 400, 21211)])
def test_its_client_understands_a_refusal(stack: Stack, twin: Twin, digits: int, status: int, code: int) -> None:
    with pytest.raises(TwilioRestException) as error:
        twilio_client(stack).calls.create(to=number(digits), from_=stack.demo.value("number"), twiml=WAIT)
    assert (error.value.status, error.value.code) == (status, code)


def test_its_client_is_refused_with_a_wrong_token(stack: Stack, twin: Twin) -> None:
    with pytest.raises(TwilioRestException) as error:
        twilio_client(stack, token="f" * 32).calls("CA" + "9d" * 16).fetch()
    assert (error.value.status, error.value.code) == (401, 20003)


def test_many_clients_at_once_get_a_call_each(stack: Stack, twin: Twin) -> None:
    twilio, to = twilio_client(stack), number(BUSY)

    def create(_: int) -> str | None:
        return twilio.calls.create(to=to, from_=stack.demo.value("number"), twiml=WAIT).sid

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(24)))) == 24


# Our TwiML beside what its builder makes of the same verbs.

URL_ATTRIBUTES = ("action", "statusCallback", "recordingStatusCallback", "waitUrl")


def meaning(xml: str) -> Any:
    """A document without the order of attributes, and without where its URLs lead."""

    def of(element: ElementTree.Element) -> Any:
        attributes = {
            name: "a URL" if name in URL_ATTRIBUTES else value for name, value in sorted(element.attrib.items())
        }
        return (element.tag, attributes, (element.text or "").strip(), [of(child) for child in element])

    return of(ElementTree.fromstring(xml))


PLAN = plans.CallPlan(
    verbs=[
        plans.Verb(say=plans.Say(text='Hello <you> & "them" – 你好', language="en-US", voice="Polly.Joanna", loop=2)),
        plans.Verb(play=plans.Play(url="https://sounds.example/a.mp3?x=1&y=2")),
        plans.Verb(pause=plans.Pause(length={"seconds": 2})),
        plans.Verb(
            gather=plans.Gather(
                prompts=[plans.Verb(say=plans.Say(text="Press one."))],
                max_digits=1,
                timeout={"seconds": 7},
                finish_on_key="*",
                step="menu",
            )
        ),
        plans.Verb(
            dial=plans.Dial(
                targets=["+15550003333", "client:agent-17", "sip:desk@pbx.example"],
                caller_id="+15550100001",
                ring_timeout={"seconds": 25},
                time_limit={"seconds": 900},
                record=True,
                step="after-dial",
            )
        ),
        plans.Verb(record=plans.Record(max_length={"seconds": 60}, beep=True, finish_on_key="#", step="after-record")),
        plans.Verb(hangup=plans.Hangup()),
    ],
    steps={
        "menu": plans.Step(verbs=[plans.Verb(hangup=plans.Hangup())]),
        "after-dial": plans.Step(verbs=[plans.Verb(hangup=plans.Hangup())]),
        "after-record": plans.Step(verbs=[plans.Verb(hangup=plans.Hangup())]),
    },
)


def built_by_the_library() -> str:
    """The same verbs; its builder leaves URLs to the caller."""
    url, post = "https://x.example/", "POST"
    recording: dict[str, Any] = {
        "recording_status_callback": url,
        "recording_status_callback_method": post,
        "recording_status_callback_event": "in-progress completed absent",
    }
    status: dict[str, Any] = {
        "status_callback": url,
        "status_callback_method": post,
        "status_callback_event": "initiated ringing answered completed",
    }
    response = VoiceResponse()
    response.say('Hello <you> & "them" – 你好', language="en-US", voice="Polly.Joanna", loop=2)
    response.play("https://sounds.example/a.mp3?x=1&y=2")
    response.pause(length=2)
    gather = response.gather(
        input="dtmf", action=url, method=post, timeout=7, finish_on_key="*", num_digits=1
    )
    gather.say("Press one.")
    dial = response.dial(
        action=url,
        method=post,
        timeout=25,
        time_limit=900,
        caller_id="+15550100001",
        answer_on_bridge=True,
        record="record-from-answer-dual",
        **recording,
    )
    dial.number("+15550003333", **status)
    dial.client("agent-17", **status)
    dial.sip("sip:desk@pbx.example", **status)
    response.record(action=url, method=post, max_length=60, play_beep=True, finish_on_key="#", **recording)
    response.hangup()
    return str(response)


def test_our_twiml_is_what_its_builder_makes(stack: Stack, client: Client) -> None:
    number_of_test = "+15550107777"
    client.accounts.PutPhoneNumber(
        accounts.PutPhoneNumberRequest(
            phone_number=accounts.PhoneNumber(
                number=number_of_test,
                provider_account_id=stack.demo.value("provider_account_id"),
                inbound_plan=PLAN,
            )
        ),
        metadata=client.metadata,
        timeout=10,
    )
    form = {"AccountSid": stack.demo.account_sid(), "CallSid": "CA" + "7b" * 16, "CallStatus": "ringing"}
    form |= {"Direction": "inbound", "From": number(ANSWERS), "To": number_of_test}
    answer = send_twilio_webhook(stack, VOICE, form)
    assert answer.status_code == 200
    answer.encoding = "utf-8"
    assert meaning(answer.text) == meaning(built_by_the_library())


def test_the_urls_in_our_twiml_lead_back_to_us_and_ask_for_retries(stack: Stack) -> None:
    form = {"AccountSid": stack.demo.account_sid(), "CallSid": "CA" + "8c" * 16, "CallStatus": "ringing"}
    form |= {"Direction": "inbound", "From": number(ANSWERS), "To": "+15550107777"}
    document = ElementTree.fromstring(send_twilio_webhook(stack, VOICE, form).text)
    urls = [value for element in document.iter() for name, value in element.attrib.items() if name in URL_ATTRIBUTES]
    assert len(urls) == 8
    for url in urls:
        assert url.startswith(stack.public_url() + "/telephony/webhook/twilio/")
        assert dict(parse_qsl(urlsplit(url).query))["account"] == stack.demo.value("provider_account_id")
        overrides = dict(parse_qsl(urlsplit(url).fragment))
        assert int(overrides["rc"]) >= 2
        assert "5xx" in overrides["rp"] or overrides["rp"] == "all"
