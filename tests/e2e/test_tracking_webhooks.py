"""Webhooks of call-tracking platforms, through all processes: what is genuine becomes a row and an event, nothing else
reaches Kafka, and no secret stays behind."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
from collections.abc import Iterator

import pytest
import requests
from google.protobuf.field_mask_pb2 import FieldMask
from support.client import Client
from support.database import one_value, rows
from support.secret_search import disguises
from support.settings import restart_with
from support.streams import ALL, published_events, raw_webhooks
from support.topics import read_topic
from support.tracking import ENDED, PLATFORMS, SENDERS, TrackingAccount, forwarded, new_call
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.postgres import OWNER, PROGRAMS
from trunkline_local.stack import Stack

MODES = (
    "url_token",
    "hmac_sha256",
    "static_header",
    "basic_auth",
    "url_token, ip_allow_list",
    "url_token, static_header, basic_auth, hmac_sha256",
    "url_token, verify_by_fetch",
)


@pytest.fixture(scope="module")
def every(stack: Stack, client: Client) -> dict[tuple[str, str], TrackingAccount]:
    """An account of every platform for every set of modes, known to ingest, which is behind a proxy."""
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"})
    made = {
        (platform, modes): TrackingAccount(platform, modes, {"webhook_source_addresses": SENDERS}).create(client)
        for platform, modes in itertools.product(PLATFORMS, MODES)
    }
    for account in made.values():
        eventually(lambda account=account: account.send(stack, "").status_code == 200)
    return made


def kept(stack: Stack, call: str) -> list[RawWebhook]:
    return [raw for raw in raw_webhooks(stack) if call in raw.http.url or call.encode() in raw.http.body]


@pytest.mark.parametrize("modes", MODES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_genuine_webhook_is_kept_and_a_forged_one_is_not(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount], platform: str, modes: str
) -> None:
    account = every[platform, modes]
    forged, genuine = new_call(), new_call()
    wrong = {
        "X-Signature": "0" * 64,
        "X-Webhook-Key": "0" * 32,
        "Authorization": "Basic " + base64.b64encode(b"tracker:wrong").decode(),
    }
    refused = account.send(stack, forged, headers=wrong, token="z" * 43 if "url_token" in modes else "")
    assert (refused.status_code, refused.text) == (401, "{}")
    nothing = account.send(stack, forged, headers={}, token="")
    assert nothing.status_code == 401
    taken = account.send(stack, genuine)
    assert (taken.status_code, taken.text) == (200, "{}")

    [raw] = kept(stack, genuine)
    assert (raw.provider, raw.provider_account_id, raw.event) == (platform, account.account_id, ENDED[platform])
    assert raw.hint_only == ("verify_by_fetch" in modes)
    assert kept(stack, forged) == []
    refusals = eventually(
        lambda: rows(
            stack,
            "SELECT * FROM webhook_logs WHERE outcome = 'refused' AND provider_account_id = %s",
            [account.account_id],
        ),
        until=lambda found: len(found) == 2,
    )
    assert {row["provider"] for row in refusals} == {platform}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_webhook_becomes_a_row_and_an_event(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount], platform: str
) -> None:
    account = every[platform, "url_token"]
    call = new_call()
    started = {"retreaver": "start", "ringba": "incoming", "trackdrive": "new_call"}[platform]
    answered = {"retreaver": "answered", "ringba": "connected", "trackdrive": "buyer_answered"}[platform]
    assert account.send(stack, call, event=started).status_code == 200
    assert account.send(stack, call, event=answered).status_code == 200
    # Twice, as platforms do.
    assert account.send(stack, call, event=answered).status_code == 200
    [row] = eventually(
        lambda: rows(stack, "SELECT * FROM calls WHERE external_call_id = %s AND answered_at IS NOT NULL", [call])
    )
    assert (row["provider"], str(row["provider_account_id"])) == (platform, account.account_id)
    assert str(row["business_id"]) == stack.demo.value("business_id")
    eventually(
        lambda: one_value(stack, "SELECT count(*) FROM webhook_logs WHERE call_id = %s", [row["call_id"]]) == 3
    )
    types = [event.headers["ce_type"] for event in published_events(stack, str(row["call_id"]))]
    assert types.count("trunkline.call.initiated") == 1
    assert types.count("trunkline.call.answered") == 1
    assert len({event.event.event_id for event in published_events(stack, str(row["call_id"]))}) == len(types)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_any_method_is_taken(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount], platform: str, method: str
) -> None:
    call = new_call()
    answer = every[platform, "url_token"].send(stack, call, method=method)
    assert (answer.status_code, answer.text) == (200, "" if method == "HEAD" else "{}")
    [raw] = kept(stack, call)
    assert raw.http.method == method


@pytest.mark.parametrize("platform", PLATFORMS)
def test_many_calls_in_one_webhook_are_many_messages(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount], platform: str
) -> None:
    calls = [new_call() for _ in range(5)]
    body = json.dumps([{"uuid": call} for call in calls])
    assert every[platform, "url_token"].post(stack, body).status_code == 200
    for call in calls:
        assert len(kept(stack, call)) == 1


def bad_requests(account: TrackingAccount, call: str) -> Iterator[tuple[str, str, str, bytes, int]]:
    """What it is, method, path with query, body, and the answer that was promised."""
    path = account.path()
    other = "0190b2c3-0000-7000-8000-0000000000ff"
    swapped = account.path(token=account.credentials["webhook_token"].swapcase())
    deep = b'{"a":' + b"[" * 40 + b"]" * 40 + b',"call_id":"' + call.encode() + b'"}'
    many = json.dumps({**{f"m{i}": i for i in range(600)}, "call_id": call}).encode()
    yield "another platform", "GET", f"/webhooks/nobody/{account.account_id}/ended?call_id={call}", b"", 404
    yield "a provider", "GET", f"/webhooks/twilio/{account.account_id}/ended?call_id={call}", b"", 404
    yield "too many pieces", "GET", f"{path}/more?call_id={call}", b"", 404
    yield "no account in the path", "GET", f"/webhooks/{account.platform}/ended/x?call_id={call}", b"", 404
    yield "an unknown account", "GET", path.replace(account.account_id, other) + f"?call_id={call}", b"", 401
    yield "no token", "GET", account.path(token="") + f"?call_id={call}", b"", 401
    yield "a wrong token", "GET", account.path(token="y" * 43) + f"?call_id={call}", b"", 401
    yield "a token of another case", "GET", f"{swapped}?call_id={call}", b"", 401
    yield "the wrong method", "DELETE", f"{path}?call_id={call}", b"", 405
    yield "broken JSON", "POST", path, f'{{"call_id":"{call}"'.encode(), 400
    yield "JSON too deep", "POST", path, deep, 413
    yield "too many members", "POST", path, many, 413
    yield "too large", "POST", path, f"call_id={call}&x=".encode() + b"x" * 270_000, 413
    yield "an id that was not replaced", "GET", f"{path}?call_id=[call]&note={call}", b"", 200
    yield "no id", "GET", f"{path}?note={call}", b"", 200
    yield "XML", "POST", path, f"<call>{call}</call>".encode(), 200


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_bad_webhook_gets_its_answer_and_reaches_nobody(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount], platform: str
) -> None:
    account = every[platform, "url_token"]
    call = new_call()
    for what, method, target, body, status in bad_requests(account, call):
        url = stack.ingest_url() + target
        answer = requests.request(method, url, data=body, headers=forwarded(), timeout=20)
        assert answer.status_code == status, what
        assert answer.text == "{}", what
    # Genuine content after it, so that a message which is on its way would be there before.
    last = new_call()
    assert account.send(stack, last).status_code == 200
    assert len(kept(stack, last)) == 1
    assert kept(stack, call) == []


def test_a_sender_that_fails_again_and_again_is_held_off_but_not_for_what_is_genuine(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount]
) -> None:
    account = every["trackdrive", "url_token"]
    sender = {"X-Forwarded-For": "198.51.100.7"}
    answers = [account.send(stack, new_call(), headers=sender, token="y" * 43).status_code for _ in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert account.send(stack, new_call(), headers=sender).status_code == 200
    assert account.send(stack, new_call(), headers={}, token="y" * 43).status_code == 401


def test_without_kafka_a_webhook_waits_on_the_disk_and_without_both_it_is_not_acknowledged(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount]
) -> None:
    account = every["ringba", "url_token"]
    spool = stack.spool()
    waiting, refused = new_call(), new_call()
    stack["kafka"].freeze()
    try:
        assert account.send(stack, waiting).status_code == 200
        assert sum(file.stat().st_size for file in spool.iterdir()) > 0
        # Once its file is full or sent, the next one cannot be made: not by root either in what is no directory.
        restart_with(stack["webhook-ingest"], {"TRUNKLINE_KAFKA_TIMEOUT": "1s"})
        aside = spool.rename(spool.with_name("aside"))
        spool.write_text("")
        eventually(lambda: account.send(stack, refused).status_code == 503)
        spool.unlink()
        aside.rename(spool)
    finally:
        stack["kafka"].thaw()
    eventually(lambda: len(kept_once(stack, waiting)) == 1)
    assert kept_once(stack, refused) == set()


def kept_once(stack: Stack, call: str) -> set[str]:
    """The spool may send a webhook again that Kafka took before it was frozen."""
    return {raw.webhook_id for raw in kept(stack, call)}


def test_a_disabled_account_is_asked_later_and_then_takes_webhooks_again(stack: Stack, client: Client) -> None:
    account = TrackingAccount("retreaver", "url_token").create(client)
    eventually(lambda: account.send(stack, "").status_code == 200)

    def enable(enabled: bool) -> None:
        request = accounts.UpdateProviderAccountRequest(
            account=accounts.ProviderAccount(provider_account_id=account.account_id, enabled=enabled),
            update_mask=FieldMask(paths=["enabled"]),
        )
        client.accounts.UpdateProviderAccount(request, metadata=client.metadata, timeout=20)

    enable(False)
    call = new_call()
    eventually(lambda: account.send(stack, call).status_code == 503)
    enable(True)
    eventually(lambda: account.send(stack, new_call()).status_code == 200)


def test_a_shadow_account_changes_nothing(stack: Stack, client: Client) -> None:
    account = TrackingAccount("retreaver", "url_token", {"apply_mode": "shadow"}).create(client)
    eventually(lambda: account.send(stack, "").status_code == 200)
    call = new_call()
    assert account.send(stack, call, event="start").status_code == 200
    [row] = eventually(lambda: rows(stack, "SELECT * FROM shadow_calls WHERE external_call_id = %s", [call]))
    assert rows(stack, "SELECT 1 FROM calls WHERE external_call_id = %s", [call]) == []
    assert published_events(stack, str(row["call_id"])) == []
    assert one_value(stack, "SELECT outcome FROM webhook_logs WHERE call_id = %s", [row["call_id"]]) == "shadow"


def test_the_configured_accounts_are_a_view_without_secrets(
    stack: Stack, every: dict[tuple[str, str], TrackingAccount]
) -> None:
    shown = {str(row["provider_config_id"]): row for row in rows(stack, "SELECT * FROM provider_configs")}
    account = every["trackdrive", "url_token"]
    row = shown[account.account_id]
    assert (row["type"], row["credential_type"], row["enabled"]) == ("trackdrive", "basic", True)
    assert (row["requests_per_minute"], row["sync_interval_seconds"], row["sync_batch_size"]) == (50, 600, 50)
    assert row["api_base_url"] == "https://acme-calls.trackdrive.com/api/v1"
    planted = {secret for one in every.values() for secret in one.credentials.values()} - {"tracker"}
    assert [secret for secret in planted if secret in str(shown)] == []


def test_no_secret_of_an_account_stays_behind(
    stack: Stack, client: Client, every: dict[tuple[str, str], TrackingAccount]
) -> None:
    """After all the tests above: in no log, topic, table, reply or metric."""
    one = every["ringba", "url_token"]
    assert one.send(stack, new_call(), token="y" * 43).status_code == 401
    assert one.send(stack, new_call()).status_code == 200
    replies = []
    for account in every.values():
        get = accounts.GetProviderAccountRequest(provider_account_id=account.account_id)
        replies.append(str(client.accounts.GetProviderAccount(get, metadata=client.metadata, timeout=20)))
        replies += account.urls.values()
    places = {"replies": "\n".join(replies).encode()}
    for log in sorted((stack.directory / "log").glob("*.log")):
        places[log.name] = log.read_bytes()
    for topic in ALL:
        messages = read_topic(stack, topic, isolation="read_uncommitted")
        places[topic] = b"\n".join(
            (message.key() or b"") + (message.value() or b"") + repr(message.headers()).encode() for message in messages
        )
    places["database"] = subprocess.run(
        [str(PROGRAMS / "pg_dump"), stack.database.url(OWNER)], capture_output=True, check=True, timeout=60
    ).stdout
    for service in ("gateway", "webhook-ingest", "normalizer"):
        port = stack[service].state.port(f"{service}:admin-port")
        places[f"{service}/metrics"] = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).content
    planted = [
        (f"{account.platform} {account.modes} {name}", shape)
        for account in every.values()
        for name, secret in account.credentials.items()
        if name != "webhook_username"
        for shape in disguises(secret)
    ]
    assert len(planted) > 100
    for where, content in places.items():
        assert [name for name, shape in planted if shape in content] == [], f"in {where}"
    text = places["webhook-ingest/metrics"].decode()
    assert 'trunkline_ingest_tracking_webhooks_rejected_total{provider="ringba",reason="TOKEN_MISMATCH"}' in text
    assert 'trunkline_ingest_tracking_webhooks_received_total{event_type="call.ended",provider="ringba"}' in text
    assert "trunkline_normalizer_tracking_webhooks_processed_total" in places["normalizer/metrics"].decode()
