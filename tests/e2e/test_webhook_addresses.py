"""Where webhooks may come to, and who may say so."""

from __future__ import annotations

import itertools

import grpc
import pytest
import requests
from google.protobuf.field_mask_pb2 import FieldMask
from support.client import client_of
from support.database import rows
from support.settings import restart_with
from support.streams import raw_webhooks
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.stack import Stack
from twilio.request_validator import RequestValidator

STATUS = "/telephony/webhook/twilio/status"
EVIL = "https://evil.example"
FORGED = [
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    {"Forwarded": "host=evil.example;proto=https"},
    {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"},
    {"X-Original-URL": "/telephony/webhook/twilio/voice", "X-HTTP-Method-Override": "GET"},
]
_sids = itertools.count(1)


def new_sid() -> str:
    return f"CA{next(_sids):032x}"


def form(stack: Stack, call_sid: str, **more: str) -> dict[str, str]:
    return {"AccountSid": stack.demo.account_sid(), "CallSid": call_sid, "CallStatus": "ringing", **more}


def kept(stack: Stack, call_sid: str) -> list[RawWebhook]:
    return [
        webhook
        for webhook in raw_webhooks(stack)
        if call_sid.encode() in webhook.http.body or call_sid in webhook.http.url
    ]


def post_with_headers(
    stack: Stack, signed_base: str, body: dict[str, str], headers: dict[str, str]
) -> requests.Response:
    signature = RequestValidator(stack.demo.auth_token()).compute_signature(signed_base + STATUS, body)
    return requests.post(
        stack.ingest_url() + STATUS, data=body, headers={"X-Twilio-Signature": signature, **headers}, timeout=10
    )


@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: next(iter(headers)))
def test_headers_do_not_change_what_is_signed(stack: Stack, headers: dict[str, str]) -> None:
    sid = new_sid()
    answer = post_with_headers(stack, stack.public_url(), form(stack, sid), headers)
    assert answer.status_code == 200
    [webhook] = kept(stack, sid)
    assert webhook.http.url == stack.public_url() + STATUS
    assert webhook.http.method == "POST"
    assert webhook.remote_address == "127.0.0.1"


@pytest.mark.parametrize("headers", FORGED[:3], ids=lambda headers: next(iter(headers)))
def test_nobody_chooses_the_url_that_his_signature_is_for(stack: Stack, headers: dict[str, str]) -> None:
    sid = new_sid()
    answer = post_with_headers(stack, EVIL, form(stack, sid), headers)
    assert answer.status_code == 403
    assert kept(stack, sid) == []


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("/telephony/webhook/twilio/status", "status"),
        ("/twilio-webhook", "status"),
        ("/api/twilio/status", "status"),
        ("/api/twilio/status?session=4711", "status"),
        ("/api/twilio/voice", "voice"),
        ("/api/twilio/voice?session=4711", "voice"),
        ("/api/twilio/recording?session=4711", "recording"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_unified_and_the_older_urls_take_webhooks(stack: Stack, path: str, event: str, method: str) -> None:
    sid = new_sid()
    fields = form(stack, sid, Direction="inbound", From="+15550001111", To=stack.demo.value("number"))
    if event == "recording":
        fields |= {"RecordingSid": "RE" + sid[2:], "RecordingStatus": "completed", "RecordingDuration": "7"}
    if method == "POST":
        answer = send_twilio_webhook(stack, path, fields)
    else:
        url = requests.Request("GET", stack.ingest_url() + path, params=fields).prepare().url
        signature = RequestValidator(stack.demo.auth_token()).compute_signature(url, {})
        answer = requests.get(str(url), headers={"X-Twilio-Signature": signature}, timeout=10)
    assert answer.status_code == 200, answer.text
    [webhook] = kept(stack, sid)
    assert (webhook.provider, webhook.event, webhook.http.method) == ("twilio", event, method)
    assert webhook.business_id == stack.demo.value("business_id")
    found = eventually(lambda: rows(stack, "SELECT * FROM call_events WHERE call_id = %s", [webhook.call_id]))
    assert found[0]["type"] == {"status": "ringing", "voice": "ringing", "recording": "recording_changed"}[event]


def test_a_trusted_proxy_tells_the_url_and_the_sender(stack: Stack) -> None:
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"})
    sid = new_sid()
    through_proxy = {
        "X-Forwarded-Proto": "https",
        # What a client put in front of the proxy's own word does not count.
        "X-Forwarded-Host": "liar.example, evil.example",
        "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
    }
    answer = post_with_headers(stack, EVIL, form(stack, sid), through_proxy)
    assert answer.status_code == 200
    [webhook] = kept(stack, sid)
    assert webhook.http.url == EVIL + STATUS
    assert webhook.remote_address == "203.0.113.9"


def test_a_proxy_that_is_not_trusted_tells_nothing(stack: Stack) -> None:
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_TRUSTED_PROXIES": "192.0.2.1"})
    sid = new_sid()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    assert post_with_headers(stack, EVIL, form(stack, sid), headers).status_code == 403
    assert kept(stack, sid) == []


def limit_sources(stack: Stack, addresses: str) -> None:
    with client_of(stack, stack.demo.value("api_key")) as client:
        get = accounts.GetProviderAccountRequest(provider_account_id=stack.demo.value("provider_account_id"))
        account = client.accounts.GetProviderAccount(get, metadata=client.metadata, timeout=10).account
        account.settings["webhook_source_addresses"] = addresses
        update = accounts.UpdateProviderAccountRequest(account=account, update_mask=FieldMask(paths=["settings"]))
        client.accounts.UpdateProviderAccount(update, metadata=client.metadata, timeout=10)


def test_a_source_address_that_is_none_is_named(stack: Stack) -> None:
    with pytest.raises(grpc.RpcError) as error:
        limit_sources(stack, "203.0.113.0/24, 203.0.113.0/33")
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "settings.webhook_source_addresses" in error.value.details()
    assert '"203.0.113.0/33"' in error.value.details()


def test_webhooks_come_only_from_where_their_account_allows(stack: Stack) -> None:
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"})
    sid = new_sid()

    def status_from(address: str) -> int:
        # What a client put in front of the proxy's own word does not count.
        headers = {"X-Forwarded-For": f"203.0.113.9, {address}"}
        return post_with_headers(stack, stack.public_url(), form(stack, sid), headers).status_code

    limit_sources(stack, "203.0.113.0/24, 2001:db8::/32")
    eventually(lambda: status_from("198.51.100.1") == 403, about="ingest hears of the limit")
    before = len(kept(stack, sid))
    assert status_from("2001:db9::1") == 403
    assert status_from("203.0.113.7") == 200
    assert status_from("2001:db8::7") == 200
    assert [webhook.remote_address for webhook in kept(stack, sid)][before:] == ["203.0.113.7", "2001:db8::7"]
    audit = "SELECT DISTINCT reason, remote_address FROM webhook_logs WHERE remote_address = '2001:db9::1'"
    [refusal] = eventually(lambda: rows(stack, audit))
    assert refusal["reason"] == "SOURCE_ADDRESS_NOT_ALLOWED"
    limit_sources(stack, "")
    eventually(lambda: status_from("198.51.100.1") == 200, about="ingest hears that there is no limit any more")
