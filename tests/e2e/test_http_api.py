"""What a front end may rely on: call control and recordings over HTTP and JSON, as the OpenAPI document tells."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate
from support.client import client_of
from support.database import one_value, rows
from support.http_api import SECONDS, HttpApi, Json
from support.numbers import ANSWERS, NO_ANSWER, number
from support.twilio_webhook import send_twilio_webhook
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.paths import ROOT
from trunkline_local.stack import Stack

# Long enough that nobody hangs up during a test.
LONG_PLAN = {"verbs": [{"pause": {"length": "3600s"}}]}


@pytest.fixture(scope="module")
def api(stack: Stack, twin: Twin) -> HttpApi:
    return HttpApi(stack)


def wait_for_status(api: HttpApi, call_id: str, *statuses: str) -> Json:
    call: Json = eventually(
        lambda: api.ask("GET", f"/api/calls/{call_id}")["call"], until=lambda call: call["record"]["status"] in statuses
    )
    return call


def wait_for_event(stack: Stack, call_id: str, kind: str) -> None:
    sql = "SELECT count(*) FROM call_events WHERE call_id = %s AND type = %s"
    eventually(lambda: one_value(stack, sql, [call_id, kind]) >= 1, about=f"an event {kind}")


def recorded_call(api: HttpApi) -> tuple[str, Json]:
    """A call that was recorded, and its recording."""
    call_id = api.place(number(ANSWERS), record=True)["record"]["callId"]
    recordings = eventually(
        lambda: api.ask("GET", f"/api/calls/{call_id}/recordings")["recordings"],
        until=lambda found: [recording["status"] for recording in found] == ["RECORDING_STATUS_READY"],
    )
    return call_id, recordings[0]


def link_to(api: HttpApi, recording: Json, **fields: Any) -> str:
    url: str = api.ask("POST", f"/api/recordings/{recording['recordingId']}/download-link", json=fields)["url"]
    return url


def test_the_document_is_the_one_in_docs_and_valid(api: HttpApi) -> None:
    assert api.document == json.loads((ROOT / "docs" / "openapi.json").read_text())
    validate(api.document)


def test_every_path_of_the_document_answers(api: HttpApi) -> None:
    for form, methods in api.document["paths"].items():
        path = re.sub(r"\{\w+\}", str(uuid.uuid4()), form)
        for method in methods:
            answer = api.send(method.upper(), path, **({"json": {}} if method == "post" else {}))
            assert answer.status_code not in (405, 500, 501), f"{method} {form}: {answer.text}"
            # Of what is not there the method itself says so, with a reason.
            assert answer.status_code != 404 or "reason" in answer.json()["error"], f"{method} {form}"


def test_nothing_else_is_served(api: HttpApi) -> None:
    for path in ("/", "/metrics", "/healthz", "/api", "/api/calls/", "/telephony-gateway/fly"):
        status, error = api.refusal("GET", path)
        assert (status, error["code"]) == (404, "NOT_FOUND"), path


def test_a_call_is_placed_controlled_and_read(stack: Stack, api: HttpApi) -> None:
    to = number(ANSWERS)
    call_id = api.place(to, plan=LONG_PLAN)["record"]["callId"]
    wait_for_status(api, call_id, "CALL_STATUS_ANSWERED")
    held = api.ask("POST", "/telephony-gateway/hold", json={"callId": call_id})["call"]
    assert held["record"]["callId"] == call_id
    wait_for_event(stack, call_id, "held")
    api.ask("POST", "/telephony-gateway/resume", json={"callId": call_id})
    wait_for_event(stack, call_id, "resumed")
    api.ask("POST", "/telephony-gateway/digits", json={"callId": call_id, "digits": "12#"})
    api.ask("POST", f"/api/calls/{call_id}/sync")
    api.ask("POST", "/telephony-gateway/end", json={"callId": call_id})
    call = wait_for_status(api, call_id, "CALL_STATUS_COMPLETED")
    assert call["record"]["hangup"]["cause"] == "HANGUP_CAUSE_SYSTEM_HANGUP"
    listed = api.ask("GET", "/api/calls", params={"to": to, "statuses": "CALL_STATUS_COMPLETED"})["calls"]
    assert [found["record"]["callId"] for found in listed] == [call_id]
    steps = [entry["step"] for entry in api.ask("GET", f"/api/calls/{call_id}/timeline")["entries"]]
    assert steps[0] == "TIMELINE_STEP_REQUEST" and "TIMELINE_STEP_EVENT" in steps


def test_a_call_stays_on_hold_whatever_comes_late(stack: Stack, api: HttpApi) -> None:
    call = api.place(number(ANSWERS), plan=LONG_PLAN)["record"]
    call_id = call["callId"]
    sid = wait_for_status(api, call_id, "CALL_STATUS_ANSWERED")["record"]["details"]["externalCallId"]
    api.ask("POST", "/telephony-gateway/hold", json={"callId": call_id})
    wait_for_status(api, call_id, "CALL_STATUS_ON_HOLD")
    path = f"/telephony/webhook/twilio/status?account={call['details']['providerAccountId']}&call={call_id}"
    # What a provider sends after the fact: the answer once more, later by its clock, and the ringing after all.
    later = datetime.now(timezone.utc) + timedelta(seconds=2)
    for status, sequence in (("in-progress", "90"), ("ringing", "91")):
        form = {
            "AccountSid": stack.demo.account_sid(),
            "CallSid": sid,
            "CallStatus": status,
            "Timestamp": later.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "SequenceNumber": sequence,
        }
        assert send_twilio_webhook(stack, path, form).status_code < 300
    wait_for_event(stack, call_id, "ringing")
    api.ask("POST", f"/api/calls/{call_id}/sync")
    sql = "SELECT count(*) FROM call_events WHERE call_id = %s AND sequence IN (90, 91)"
    eventually(lambda: one_value(stack, sql, [call_id]) == 2, about="both late webhooks are stored")
    assert api.ask("GET", f"/api/calls/{call_id}")["call"]["record"]["status"] == "CALL_STATUS_ON_HOLD"
    api.ask("POST", "/telephony-gateway/resume", json={"callId": call_id})
    wait_for_status(api, call_id, "CALL_STATUS_ANSWERED")
    api.ask("POST", "/telephony-gateway/end", json={"callId": call_id})


def test_providers_are_compared(api: HttpApi) -> None:
    compared = api.ask("GET", "/api/providers/comparison", params={"direction": "CALL_DIRECTION_OUTBOUND"})
    assert {"startedAfter", "startedBefore", "providers"} <= compared.keys()
    status, error = api.refusal("GET", "/api/providers/comparison", params={"startedAfter": "2020-01-01T00:00:00Z"})
    assert (status, error["reason"]) == (400, "INVALID_FIELD")


OLDER_NAMES = (
    *(f"/telephony-gateway/{name}" for name in ("initiate", "answer", "hold", "resume", "transfer", "end")),
    "/api/calls/initiate",
    f"/api/calls/{uuid.uuid4()}/sync",
)


@pytest.mark.parametrize("path", OLDER_NAMES)
def test_what_older_front_ends_ask_for_is_there(api: HttpApi, path: str) -> None:
    # Without a body, as a sync comes; what is missing is then told by the method, with a reason.
    status, error = api.refusal("POST", path)
    assert status in (400, 404) and error["reason"] in ("INVALID_FIELD", "CALL_NOT_FOUND"), (path, error)


def test_gRPC_sees_the_same_call(stack: Stack, api: HttpApi) -> None:
    call = api.place(number(NO_ANSWER), tags=["http"])
    with client_of(stack) as client:
        assert list(client.get(call["record"]["callId"]).record.details.tags) == ["http"]


def test_an_idempotency_key_places_one_call(api: HttpApi, twin: Twin) -> None:
    to, key = number(ANSWERS), str(uuid.uuid4())
    body = {"to": to, "plan": LONG_PLAN}
    ids = {
        api.ask("POST", "/telephony-gateway/initiate", json=body, headers={"Idempotency-Key": key})["call"]["record"][
            "callId"
        ]
        for _ in range(3)
    }
    assert len(ids) == 1 and len(twin.calls(to=to)) == 1
    status, error = api.refusal(
        "POST", "/api/calls/initiate", json={**body, "to": number(ANSWERS)}, headers={"Idempotency-Key": key}
    )
    assert (status, error["reason"]) == (409, "REQUEST_ID_REUSED")


def test_wrong_fields_are_named_as_in_json(api: HttpApi) -> None:
    status, error = api.refusal(
        "POST", "/api/calls/initiate", json={"requestId": "no uuid", "to": "12", "ringTimeout": "2s"}
    )
    assert (status, error["code"], error["reason"]) == (400, "INVALID_ARGUMENT", "INVALID_FIELD")
    violations = [v for detail in error["details"] for v in detail.get("fieldViolations", [])]
    assert {"requestId", "to", "ringTimeout"} <= {violation["field"] for violation in violations}
    status, error = api.refusal("POST", "/api/calls/initiate", json={"destination": "12"})
    assert status == 400 and "destination" in error["message"]


@pytest.mark.parametrize("key", ["", "tl_wrong"])
def test_nobody_without_a_key_is_served(stack: Stack, twin: Twin, key: str) -> None:
    status, error = HttpApi(stack, key).refusal("GET", "/api/calls")
    assert (status, error["reason"]) == (401, "UNAUTHENTICATED")


def test_http_itself_is_kept_to(api: HttpApi) -> None:
    answer = api.send("PUT", "/api/calls/initiate")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert api.send("POST", "/api/calls/initiate", data="to=1").status_code == 415
    assert api.send("POST", "/api/calls/initiate", data=b" " * 2_000_000).status_code == 413


def test_no_page_may_ask_unless_its_origin_is_configured(api: HttpApi) -> None:
    answer = api.send("GET", "/api/calls", headers={"Origin": "https://console.example.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_recording_is_listened_to_by_a_link(api: HttpApi, twin: Twin) -> None:
    call_id, recording = recorded_call(api)
    assert recording["callId"] == call_id
    assert api.ask("GET", f"/api/recordings/{recording['recordingId']}")["recording"] == recording
    assert recording in api.ask("GET", "/api/recordings")["recordings"]
    url = link_to(api, recording)
    assert url.startswith(api.url) and twin.url not in url
    answer = requests.get(url, timeout=SECONDS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert answer.content.startswith(b"RIFF")
    part = requests.get(url, headers={"Range": "bytes=0-3"}, timeout=SECONDS)
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_a_link_opens_nothing_else_and_ends(api: HttpApi) -> None:
    _, recording = recorded_call(api)
    _, other = recorded_call(api)
    url = link_to(api, recording)
    changed = [
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace(recording["recordingId"], other["recordingId"]),
        re.sub(r"expires=(\d+)", lambda found: f"expires={int(found[1]) + 1}", url),
        url.partition("?")[0],
    ]
    for wrong in changed:
        answer = requests.get(wrong, timeout=SECONDS)
        assert (answer.status_code, answer.json()["error"]["reason"]) == (403, "INVALID_LINK"), wrong
    short = link_to(api, recording, lifetime="1s")
    answer = eventually(lambda: requests.get(short, timeout=SECONDS), until=lambda answer: answer.status_code == 403)
    assert answer.json()["error"]["reason"] == "INVALID_LINK"
    status, error = api.refusal(
        "POST", f"/api/recordings/{recording['recordingId']}/download-link", json={"lifetime": "3601s"}
    )
    assert (status, error["reason"]) == (400, "INVALID_FIELD")


def test_a_deleted_recording_is_gone_here_and_at_the_provider(stack: Stack, api: HttpApi, twin: Twin) -> None:
    call_id, recording = recorded_call(api)
    url, path = link_to(api, recording), f"/api/recordings/{recording['recordingId']}"
    assert api.ask("DELETE", path) == {}
    assert api.ask("GET", f"/api/calls/{call_id}/recordings")["recordings"] == []
    assert api.refusal("GET", path)[1]["reason"] == "RECORDING_NOT_FOUND"
    assert requests.get(url, timeout=SECONDS).status_code == 404
    assert len(twin.requests(method="DELETE")) == 1
    # Again changes nothing.
    assert api.ask("DELETE", path) == {}
    assert len(twin.requests(method="DELETE")) == 1
    sql = "SELECT count(*) FROM audit_log WHERE action = 'recording.delete' AND subject = %s"
    assert one_value(stack, sql, [recording["recordingId"]]) == 1


def test_a_recording_that_can_be_fetched_is_an_event(stack: Stack, api: HttpApi) -> None:
    call_id, _ = recorded_call(api)
    wait_for_event(stack, call_id, "recording_changed")


def test_the_cost_of_a_minute_is_known_where_calls_cost(stack: Stack, api: HttpApi) -> None:
    call_id, _ = recorded_call(api)
    sql = "SELECT cost_micros, cost_currency, talk_milliseconds, cost_micros_per_minute FROM call_history"

    def ask_again() -> list[Json]:
        # Of what a call costs the provider tells when it is asked.
        api.ask("POST", f"/api/calls/{call_id}/sync")
        return rows(stack, sql + " WHERE call_id = %s", [call_id])

    call = eventually(ask_again, until=lambda found: bool(found) and found[0]["cost_micros"] is not None)[0]
    assert call["cost_currency"] == "USD"
    assert call["cost_micros_per_minute"] == round(call["cost_micros"] * 60_000 / call["talk_milliseconds"])
