"""What an agent's console may rely on: calls and their events, live, over WebSockets."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

import pytest
from support.businesses import Business, create_business
from support.http_api import HttpApi, Json
from support.numbers import ANSWERS, number
from support.progress import metric
from support.settings import restart_with, shorten_calls
from support.twilio_webhook import send_twilio_webhook
from support.twin import Twin
from support.waiting import eventually
from support.web_socket import PROTOCOL, SECONDS, Socket, open_socket
from trunkline_local.service import Service
from trunkline_local.stack import Stack
from websockets.exceptions import ConnectionClosed, InvalidStatus

LONG_PLAN = {"verbs": [{"pause": {"length": "3600s"}}]}
CONSOLE = "https://console.example.com"
ENDED = "CALL_EVENT_TYPE_ENDED"


@pytest.fixture(scope="module")
def api(stack: Stack) -> HttpApi:
    shorten_calls(stack)
    restart_with(stack["gateway"], {"TRUNKLINE_CORS_ORIGINS": CONSOLE})
    eventually(lambda: HttpApi(stack).document, about="the gateway after its restart")
    return HttpApi(stack)


@pytest.fixture(scope="module")
def other(stack: Stack, api: HttpApi) -> Business:
    business = create_business(stack, "Other", number="+15550109001")
    Twin(stack).put_account(sid=business.account_sid, auth_token=business.auth_token)
    return business


@pytest.fixture
def watch(api: HttpApi) -> Iterator[Callable[..., Socket]]:
    sockets: list[Socket] = []

    def begin(path: str, **more: object) -> Socket:
        sockets.append(eventually_open(api, path, **more))
        return sockets[-1]

    yield begin
    for opened in sockets:
        opened.leave()


def eventually_open(api: HttpApi, path: str, **more: object) -> Socket:
    """A gateway that has just started follows no events yet, and says so."""

    def attempt() -> Socket | None:
        try:
            return Socket(api, path, **more)
        except InvalidStatus as refused:
            assert refused.response.status_code == 503, refused.response.body
            return None

    opened = eventually(attempt, about="a gateway that follows the events")
    assert opened is not None
    return opened


def refusal(api: HttpApi, path: str, **more: object) -> tuple[int, Json]:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(api, path, **more)
    response = refused.value.response
    assert response.body is not None
    return response.status_code, json.loads(response.body)["error"]


def seconds_since(text: str, at: float) -> float:
    return at - datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_a_call_is_told_and_its_events_follow_within_a_second(api: HttpApi, watch: Callable[..., Socket]) -> None:
    # A consumer group without members takes some seconds to begin; that is not what is measured here.
    warm_up = watch("/ws/calls")
    warm_up.started()
    warm_up.wait_for_event(api.place(number(ANSWERS))["record"]["callId"], ENDED)

    call_id = api.place(number(ANSWERS), plan=LONG_PLAN)["record"]["callId"]
    watched = watch(f"/ws/calls/{call_id}")
    assert watched.started()["call"]["record"]["callId"] == call_id
    watched.wait_for_event(call_id, "CALL_EVENT_TYPE_ANSWERED")
    api.ask("POST", "/telephony-gateway/hold", json={"callId": call_id})
    held = watched.wait_for_event(call_id, "CALL_EVENT_TYPE_HELD")[-1]
    assert held["call"]["status"] == "CALL_STATUS_ON_HOLD"
    api.ask("POST", "/telephony-gateway/end", json={"callId": call_id})
    events = watched.wait_for_event(call_id, ENDED)
    assert {event["callId"] for event in events} == {call_id}
    assert len({event["eventId"] for event in events}) == len(events)
    late = [
        message["event"]["type"]
        for message, at in watched.messages
        if message["type"] == "event" and seconds_since(message["event"]["receivedAt"], at) > 1
    ]
    assert late == []


def test_the_call_as_it_is_told_and_the_events_leave_nothing_out(api: HttpApi, watch: Callable[..., Socket]) -> None:
    call_id = api.place(number(ANSWERS))["record"]["callId"]
    watched = watch(f"/ws/calls/{call_id}")
    status = watched.started()["call"]["record"]["status"]
    # Whatever was not in the call yet comes as an event.
    if status != "CALL_STATUS_COMPLETED":
        watched.wait_for_event(call_id, ENDED)


def test_all_calls_are_watched_with_filters(api: HttpApi, watch: Callable[..., Socket]) -> None:
    campaign = str(uuid.uuid4())
    watched = watch(f"/ws/calls?campaignId={campaign}&types={ENDED}")
    assert "call" not in watched.started()
    api.place(number(ANSWERS))
    ours = [api.place(number(ANSWERS), campaignId=campaign)["record"]["callId"] for _ in range(3)]
    eventually(lambda: len(watched.events()) == 3, about="the ends of the campaign's calls")
    assert sorted(event["callId"] for event in watched.events()) == sorted(ours)
    assert {event["type"] for event in watched.events()} == {ENDED}


def test_a_page_gives_its_key_as_a_subprotocol(api: HttpApi, watch: Callable[..., Socket]) -> None:
    key = api.headers["Authorization"].removeprefix("Bearer ")
    watched = watch("/ws/calls", additional_headers={}, subprotocols=[PROTOCOL, f"bearer.{key}"], origin=CONSOLE)
    assert watched.connection.subprotocol == PROTOCOL
    watched.started()


def test_what_is_wrong_is_told_as_any_error_before_the_upgrade(stack: Stack, api: HttpApi) -> None:
    assert refusal(api, "/ws/calls", additional_headers={})[1]["reason"] == "UNAUTHENTICATED"
    wrong = {"additional_headers": {}, "subprotocols": [PROTOCOL, "bearer.tl_wrong"]}
    assert refusal(api, "/ws/calls", **wrong)[0] == 401
    status, error = refusal(api, "/ws/calls", origin="https://evil.example.com")
    assert (status, error["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    assert refusal(api, "/ws/calls", subprotocols=["graphql-ws"])[1]["code"] == "BAD_HANDSHAKE"
    assert refusal(api, "/ws/calls/4711")[1]["reason"] == "INVALID_FIELD"
    assert refusal(api, "/ws/calls?colour=red")[1]["reason"] == "INVALID_FIELD"
    assert refusal(api, f"/ws/calls/{uuid.uuid4()}")[1]["reason"] == "CALL_NOT_FOUND"
    status, error = api.refusal("GET", "/ws/calls")
    assert (status, error["code"]) == (426, "UPGRADE_REQUIRED")


def test_another_business_sees_nothing(
    stack: Stack, api: HttpApi, other: Business, watch: Callable[..., Socket]
) -> None:
    call_id = api.place(number(ANSWERS), plan=LONG_PLAN)["record"]["callId"]
    theirs = HttpApi(stack, other.api_key)
    status, error = refusal(theirs, f"/ws/calls/{call_id}")
    assert (status, error["reason"]) == (404, "CALL_NOT_FOUND")
    their_watch, our_watch = eventually_open(theirs, "/ws/calls"), watch(f"/ws/calls/{call_id}")
    their_watch.started()
    our_watch.started()
    api.ask("POST", "/telephony-gateway/end", json={"callId": call_id})
    our_watch.wait_for_event(call_id, ENDED)
    # Their own event comes after ours in the stream, and is the first that they see.
    their_call = theirs.place(number(ANSWERS))["record"]["callId"]
    their_watch.wait_for_event(their_call, ENDED)
    assert {event["callId"] for event in their_watch.events()} == {their_call}
    their_watch.leave()


def test_a_client_may_ping_and_control_nothing(api: HttpApi, watch: Callable[..., Socket]) -> None:
    watched = watch("/ws/calls")
    watched.started()
    watched.send({"type": "ping"})
    eventually(lambda: any(message["type"] == "pong" for message, _ in watched.messages), about="a pong")
    assert watched.connection.ping().wait(SECONDS)
    watched.send({"type": "hold", "callId": str(uuid.uuid4())})
    assert watched.wait_for_close() == (4400, "INVALID_MESSAGE")


def test_a_client_that_sends_too_much_is_closed(watch: Callable[..., Socket]) -> None:
    watched = watch("/ws/calls")
    watched.started()
    watched.connection.send("x" * 5000)
    assert watched.wait_for_close()[0] == 1009


def send_ringing(stack: Stack) -> None:
    """Of a new call from outside."""
    form = {
        "AccountSid": stack.demo.account_sid(),
        "CallSid": "CA" + uuid.uuid4().hex,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": number(ANSWERS),
        "To": "+15550101000",
    }
    assert send_twilio_webhook(stack, "/telephony/webhook/twilio/status", form).status_code < 300


def test_a_client_that_does_not_read_is_closed_and_the_others_go_on(
    stack: Stack, api: HttpApi, watch: Callable[..., Socket]
) -> None:
    restart_with(stack["gateway"], {"TRUNKLINE_WATCHER_QUEUE": "20"})
    fast = watch("/ws/calls")
    fast.started()
    host, _, port = api.url.removeprefix("http://").partition(":")
    with closing(socket.socket()) as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect((host, int(port)))
        # Nothing is read beyond a message or two, since the library stops reading when its queue is full.
        slow = open_socket(api, "/ws/calls", sock=narrow, max_queue=1, ping_interval=None)
        gateway = stack["gateway"]
        assert isinstance(gateway, Service)
        for _ in range(100):
            if metric(gateway, "trunkline_gateway_slow_watchers_total") > 0:
                break
            for _ in range(50):
                send_ringing(stack)
        assert metric(gateway, "trunkline_gateway_web_socket_closes_total", code="1013") == 1
        # It had some seconds to read up to the close, and did not.
        with pytest.raises(ConnectionClosed):
            while True:
                slow.recv(SECONDS)
    assert fast.close is None
    fast.wait_for_event(api.place(number(ANSWERS))["record"]["callId"], ENDED)


def test_a_gateway_that_stops_says_goodbye(stack: Stack, watch: Callable[..., Socket]) -> None:
    sockets = [watch("/ws/calls") for _ in range(5)]
    for opened in sockets:
        opened.started()
    stack["gateway"].stop()
    assert {opened.wait_for_close() for opened in sockets} == {(1001, "SHUTTING_DOWN")}
    stack["gateway"].start()
