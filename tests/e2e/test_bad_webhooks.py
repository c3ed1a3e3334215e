"""What must not enter gets a clear answer, and leaves nothing behind but its row in the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
from support.database import one_value, rows
from support.raw_http import Answer, connect, exchange, read_answer, request_bytes
from support.topics import read_topic
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline_local.stack import Stack
from twilio.request_validator import RequestValidator

STATUS = "/telephony/webhook/twilio/status"
CALL_SID = "CA" + "5f" * 16
FORM = "application/x-www-form-urlencoded"
OTHER_TOKEN = "0" * 32
OTHER_UUID = "0190b2c3-0000-7000-8000-000000000001"
MEBIBYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def nothing_entered(stack: Stack) -> Iterator[None]:
    """After each test: neither a message nor a row, but for refusals in the audit."""
    yield
    assert read_topic(stack, "webhooks.raw.v1") == []
    for table in ("call_queue", "call_history", "call_events", "call_event_sources", "call_facts_outbox"):
        assert one_value(stack, f"SELECT count(*) FROM {table}") == 0
    assert one_value(stack, "SELECT count(*) FROM webhook_logs WHERE outcome <> 'refused'") == 0


def status_form(stack: Stack, **more: str) -> dict[str, str]:
    return {
        "AccountSid": stack.demo.account_sid(),
        "CallSid": CALL_SID,
        "CallStatus": "completed",
        "SequenceNumber": "3",
        "Timestamp": "Tue, 03 Mar 2026 09:15:00 +0000",
        **more,
    }


def signature(stack: Stack, target: str, form: dict[str, str] | None = None) -> str:
    validator = RequestValidator(stack.demo.auth_token())
    return str(validator.compute_signature(stack.public_url() + target, form or {}))


def send(stack: Stack, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return exchange(stack.ingest_url(), request_bytes(method, target, body, named))


def code_of(answer: requests.Response) -> str:
    assert answer.headers["Content-Type"].startswith("application/json")
    return str(answer.json()["error"]["code"])


def refusals(stack: Stack) -> list[str]:
    return [str(row["reason"]) for row in rows(stack, "SELECT reason FROM webhook_logs WHERE outcome = 'refused'")]


# 403: nobody whom we know signed it.


def expect_refusal(stack: Stack, answer: requests.Response, reason: str) -> None:
    assert (answer.status_code, code_of(answer)) == (403, "WEBHOOK_REFUSED")
    # What was wrong with it is not told to who may be an attacker.
    assert reason not in answer.text
    sent = answer.request.body or b""
    digest = hashlib.sha256(sent if isinstance(sent, bytes) else sent.encode()).hexdigest()
    [row] = eventually(
        lambda: rows(stack, "SELECT * FROM webhook_logs WHERE body_sha256 = %s AND reason = %s", [digest, reason]),
        about=f"the audit of {reason}; there is {refusals(stack)}",
    )
    assert (row["outcome"], row["provider"], row["call_id"]) == ("refused", "twilio", None)
    assert row["remote_address"] == "127.0.0.1"
    assert row["path"] == answer.request.path_url.partition("?")[0]


def test_a_webhook_without_a_signature_is_refused(stack: Stack) -> None:
    form = status_form(stack, Test="unsigned")
    answer = requests.post(stack.ingest_url() + STATUS, data=form, timeout=10)
    expect_refusal(stack, answer, "SIGNATURE_MISSING")


def test_a_webhook_signed_with_another_token_is_refused(stack: Stack) -> None:
    form = status_form(stack, Test="other token")
    expect_refusal(stack, send_twilio_webhook(stack, STATUS, form, auth_token=OTHER_TOKEN), "SIGNATURE_MISMATCH")


@pytest.mark.parametrize("given", ["no base64!", "AAAA", "", "=" * 5000])
def test_a_signature_that_is_none_is_refused(stack: Stack, given: str) -> None:
    form = status_form(stack, Test=given[:20])
    headers = {"X-Twilio-Signature": given}
    answer = requests.post(stack.ingest_url() + STATUS, data=form, headers=headers, timeout=10)
    expect_refusal(stack, answer, "SIGNATURE_MISSING" if given == "" else "SIGNATURE_MISMATCH")


def test_a_webhook_whose_body_was_changed_is_refused(stack: Stack) -> None:
    signed = signature(stack, STATUS, status_form(stack, Test="changed"))
    changed = status_form(stack, Test="changed", CallDuration="9999")
    expect_refusal(stack, send_twilio_webhook(stack, STATUS, changed, signature=signed), "SIGNATURE_MISMATCH")


def test_a_webhook_for_another_url_is_refused(stack: Stack) -> None:
    form = status_form(stack, Test="other url")
    signed = signature(stack, STATUS, form)
    other = STATUS.replace("status", "recording")
    expect_refusal(stack, send_twilio_webhook(stack, other, form, signature=signed), "SIGNATURE_MISMATCH")


def test_a_webhook_of_an_account_that_nobody_has_is_refused(stack: Stack) -> None:
    form = {**status_form(stack, Test="nobody's"), "AccountSid": "AC" + "e" * 32}
    expect_refusal(stack, send_twilio_webhook(stack, STATUS, form), "UNKNOWN_ACCOUNT")


def test_a_webhook_that_names_no_account_is_refused(stack: Stack) -> None:
    form = status_form(stack, Test="no account")
    del form["AccountSid"]
    expect_refusal(stack, send_twilio_webhook(stack, STATUS, form), "UNKNOWN_ACCOUNT")


def test_a_url_for_an_account_that_does_not_exist_is_refused(stack: Stack) -> None:
    form = status_form(stack, Test="no such account")
    answer = send_twilio_webhook(stack, f"{STATUS}?account={OTHER_UUID}", form)
    expect_refusal(stack, answer, "UNKNOWN_ACCOUNT")


def test_an_account_does_not_sign_for_another(stack: Stack) -> None:
    account = stack.demo.value("provider_account_id")
    form = {**status_form(stack, Test="foreign"), "AccountSid": "AC" + "e" * 32}
    answer = send_twilio_webhook(stack, f"{STATUS}?account={account}", form)
    expect_refusal(stack, answer, "WRONG_ACCOUNT")


def test_a_json_body_that_is_not_the_signed_one_is_refused(stack: Stack) -> None:
    account = stack.demo.value("provider_account_id")
    digest = hashlib.sha256(b'{"signed": true}').hexdigest()
    target = f"{STATUS}?account={account}&call={OTHER_UUID}&bodySHA256={digest}"
    answer = requests.post(
        stack.ingest_url() + target,
        data=b'{"signed": false}',
        headers={"Content-Type": "application/json", "X-Twilio-Signature": signature(stack, target)},
        timeout=10,
    )
    expect_refusal(stack, answer, "BODY_DIGEST_MISMATCH")


def test_a_json_body_without_a_signed_digest_is_refused(stack: Stack) -> None:
    account = stack.demo.value("provider_account_id")
    target = f"{STATUS}?account={account}&call={OTHER_UUID}"
    answer = requests.post(
        stack.ingest_url() + target,
        data=b'{"digest": "none"}',
        headers={"Content-Type": "application/json", "X-Twilio-Signature": signature(stack, target)},
        timeout=10,
    )
    expect_refusal(stack, answer, "BODY_DIGEST_MISMATCH")


# 404, 405, 415: not a webhook of ours, or not as one comes.


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/telephony/webhook",
        "/telephony/webhook/twilio",
        "/telephony/webhook/twilio/",
        "/telephony/webhook/twilio/status/more",
        "/telephony/webhook/nobody/status",
        "/telephony/webhook/TWILIO/status",
        "/telephony/webhook/../../etc/passwd",
        "/telephony/webhook/twilio/%2e%2e",
        "/metrics",
    ],
)
def test_a_path_that_is_none_of_ours_is_not_found(stack: Stack, target: str) -> None:
    answer = send(stack, "POST", target, b"a=b", Content_Type=FORM)
    assert (answer.status, answer.error_code()) == (404, "NO_SUCH_WEBHOOK")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
def test_a_method_but_get_and_post_is_not_allowed(stack: Stack, method: str) -> None:
    answer = send(stack, method, STATUS)
    assert (answer.status, answer.error_code()) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "application/xml", "", "json"]
)
def test_a_body_that_is_neither_form_nor_json_is_not_supported(stack: Stack, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = exchange(stack.ingest_url(), request_bytes("POST", STATUS, b"CallSid=" + CALL_SID.encode(), headers))
    assert (answer.status, answer.error_code()) == (415, "UNSUPPORTED_MEDIA_TYPE")


# 400: genuine, but nothing that can be kept; or no HTTP.


def test_a_genuine_webhook_that_names_no_call_is_malformed(stack: Stack) -> None:
    form = status_form(stack)
    del form["CallSid"]
    answer = send_twilio_webhook(stack, STATUS, form)
    assert (answer.status_code, code_of(answer)) == (400, "MALFORMED_WEBHOOK")


def test_a_genuine_body_that_is_broken_json_is_malformed(stack: Stack) -> None:
    account, body = stack.demo.value("provider_account_id"), b'{"half": '
    digest = hashlib.sha256(body).hexdigest()
    target = f"{STATUS}?account={account}&call={OTHER_UUID}&bodySHA256={digest}"
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": signature(stack, target)}
    answer = requests.post(stack.ingest_url() + target, data=body, headers=headers, timeout=10)
    assert (answer.status_code, code_of(answer)) == (400, "MALFORMED_WEBHOOK")


@pytest.mark.parametrize("place", ["body", "query"])
def test_too_many_fields_are_malformed(stack: Stack, place: str) -> None:
    fields = urlencode({f"f{i}": "" for i in range(501)})
    if place == "body":
        answer = send(stack, "POST", STATUS, fields.encode(), Content_Type=FORM)
    else:
        answer = send(stack, "GET", f"{STATUS}?{fields}")
    assert (answer.status, answer.error_code()) == (400, "MALFORMED_WEBHOOK")


HEAD = f"POST {STATUS} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n".encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
        HEAD + b"Content-Length: minus one\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
    ids=lambda sent: repr(sent[-24:]),
)
def test_what_is_no_http_is_a_bad_request(stack: Stack, sent: bytes) -> None:
    answer = exchange(stack.ingest_url(), sent)
    assert (answer.status, answer.error_code()) == (400, "BAD_REQUEST")
    assert answer.headers["connection"] == "close"


# 408, 413, 431: limits.


def test_a_body_that_is_too_large_is_not_read(stack: Stack) -> None:
    answer = send(stack, "POST", STATUS, b"a=" + b"b" * MEBIBYTE, Content_Type=FORM)
    assert (answer.status, answer.error_code()) == (413, "BODY_TOO_LARGE")


def test_a_body_that_is_announced_as_too_large_is_not_waited_for(stack: Stack) -> None:
    answer = exchange(stack.ingest_url(), HEAD + b"Content-Length: 99999999999\r\n\r\n")
    assert (answer.status, answer.error_code()) == (413, "BODY_TOO_LARGE")


def test_a_chunked_body_that_grows_too_large_is_not_read_on(stack: Stack) -> None:
    chunk = b"10000\r\n" + b"c" * 0x10000 + b"\r\n"
    answer = exchange(stack.ingest_url(), HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert (answer.status, answer.error_code()) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "head",
    [
        f"GET {STATUS} HTTP/1.1\r\nX-Long: {'x' * 20_000}\r\n\r\n",
        f"GET {STATUS}?{'q' * 20_000} HTTP/1.1\r\n\r\n",
        f"GET {STATUS} HTTP/1.1\r\n" + "".join(f"X-{i}: {i}\r\n" for i in range(3_000)) + "\r\n",
        f"GET {STATUS} HTTP/1.1\r\nX-Endless: {'x' * 70_000}",
    ],
    ids=["long header", "long target", "many headers", "endless header"],
)
def test_a_header_that_is_too_large_is_refused(stack: Stack, head: str) -> None:
    answer = exchange(stack.ingest_url(), head.encode())
    assert (answer.status, answer.error_code()) == (431, "HEADER_TOO_LARGE")


def test_a_request_that_does_not_come_to_an_end_times_out(stack: Stack) -> None:
    with connect(stack.ingest_url()) as connection:
        connection.sendall(HEAD + b"Content-Length: 10\r\n\r\nhalf")
        answer = read_answer(connection)
    assert (answer.status, answer.error_code()) == (408, "REQUEST_TIMEOUT")


def test_errors_keep_what_the_request_held_to_themselves(stack: Stack) -> None:
    secret = "hunter2-hunter2"
    for answer in (
        send(stack, "POST", f"/{secret}", secret.encode(), Content_Type=FORM),
        send(stack, "POST", STATUS, secret.encode(), Content_Type=FORM, X_Twilio_Signature=secret),
        send(stack, "POST", STATUS, secret.encode(), Content_Type=secret),
    ):
        assert answer.status >= 400
        assert secret.encode() not in answer.body
    assert secret not in stack.webhook_ingest.log.read_text()


def test_refusals_are_counted(stack: Stack) -> None:
    send_twilio_webhook(stack, STATUS, status_form(stack, Test="counted"), auth_token=OTHER_TOKEN)
    metrics = requests.get(stack.endpoints()["TRUNKLINE_METRICS_WEBHOOK_INGEST"], timeout=10).text
    [line] = [line for line in metrics.splitlines() if 'outcome="refused"' in line and "twilio" in line]
    assert float(line.rpartition(" ")[2]) >= 1


# 503: not now.


def test_before_the_accounts_are_known_webhooks_are_sent_back(stack: Stack) -> None:
    stack["gateway"].kill()
    stack["webhook-ingest"].kill()
    try:
        stack["webhook-ingest"].launch()
        answer = eventually(lambda: try_to_send(stack), until=lambda found: found is not None)
        assert answer is not None
        assert (answer.status_code, code_of(answer)) == (503, "NOT_KEPT")
        assert answer.headers["Retry-After"] == "1"
    finally:
        stack["gateway"].start()
        stack["webhook-ingest"].wait_until_ready()


def try_to_send(stack: Stack) -> requests.Response | None:
    try:
        return send_twilio_webhook(stack, STATUS, status_form(stack))
    except requests.ConnectionError:
        return None


def test_json_errors_are_json(stack: Stack) -> None:
    answer = send(stack, "POST", "/nowhere")
    assert json.loads(answer.body)["error"]["code"] == "NO_SUCH_WEBHOOK"
