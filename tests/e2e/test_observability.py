"""What operators and their tools see of each service: metrics, health, readiness, logs, and its orderly end."""

from __future__ import annotations

import json
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
import requests
from support.client import Client, reason_of
from support.gateway import gateway_channel
from support.numbers import ANSWERS, number
from support.progress import metric
from support.settings import restart_with, shorten_calls
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline.calls.v1.call_pb2 import CALL_STATUS_COMPLETED
from trunkline_local.stack import Stack

SERVICES = ("gateway", "webhook-ingest", "normalizer")
NO_CALL = "0190b2c3-0000-7000-8000-000000000001"
SAMPLE = re.compile(r'^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? (-?[0-9.e+-]+|[+-]Inf|NaN)$')
# A metric that only a call leaves behind.
AFTER_A_CALL = {
    "gateway": ("trunkline_gateway_dials_total", {"provider": "twilio", "outcome": "placed"}),
    "webhook-ingest": ("trunkline_ingest_webhooks_total", {"provider": "twilio", "outcome": "accepted"}),
    "normalizer": ("trunkline_normalizer_events_total", {"outcome": "new"}),
}


@pytest.fixture(scope="module")
def client(client: Client) -> Client:
    """One that has had a call."""
    call_id = client.place(number(ANSWERS)).record.call_id
    eventually(lambda: client.get(call_id).record.status == CALL_STATUS_COMPLETED)
    return client


def ask(stack: Stack, service: str, path: str) -> requests.Response:
    port = stack.state.port(f"{service}:admin-port")
    return requests.get(f"http://127.0.0.1:{port}{path}", timeout=10)


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_are_in_prometheus_format(stack: Stack, client: Client, service: str) -> None:
    answer = ask(stack, service, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    helped = {line.split()[2] for line in lines if line.startswith("# HELP")}
    typed = {line.split()[2]: line.split()[3] for line in lines if line.startswith("# TYPE")}
    samples = [line for line in lines if line and not line.startswith("#")]
    assert samples and helped == typed.keys()
    for sample in samples:
        assert SAMPLE.match(sample), sample
    for name, kind in typed.items():
        assert name.startswith("trunkline_"), "one prefix for all"
        assert name.endswith("_total") == (kind == "counter"), name


@pytest.mark.parametrize("service", SERVICES)
def test_a_call_is_counted(stack: Stack, client: Client, service: str) -> None:
    name, labels = AFTER_A_CALL[service]
    part = {"gateway": stack.gateway, "webhook-ingest": stack.webhook_ingest, "normalizer": stack.normalizer}[service]
    eventually(lambda: metric(part, name, **labels) >= 1)


@pytest.mark.parametrize("service", SERVICES)
def test_a_healthy_service_says_so(stack: Stack, client: Client, service: str) -> None:
    assert ask(stack, service, "/healthz").status_code == 200
    assert ask(stack, service, "/readyz").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_every_line_of_a_log_is_json(stack: Stack, client: Client, service: str) -> None:
    lines = [line for line in stack[service].log.read_text().splitlines() if not line.startswith("---")]
    assert lines
    for line in lines:
        entry = json.loads(line)
        assert {"ts", "level", "service", "msg"} <= entry.keys()
        assert entry["service"] == service


@pytest.mark.parametrize("service", ["gateway", "normalizer"])
def test_a_service_without_its_database_is_alive_but_not_ready(stack: Stack, client: Client, service: str) -> None:
    stack["postgres"].kill()
    try:
        if service == "normalizer":
            # It learns of it with the next message.
            form = {"AccountSid": stack.demo.account_sid(), "CallSid": "CA" + "d5" * 16, "CallStatus": "ringing"}
            send_twilio_webhook(stack, "/telephony/webhook/twilio/status", form)
        answer = eventually(lambda: ask(stack, service, "/readyz"), until=lambda found: found.status_code == 503)
        assert "secret" not in answer.text and "password" not in answer.text
        assert ask(stack, service, "/healthz").status_code == 200
    finally:
        stack["postgres"].start()
    eventually(lambda: ask(stack, service, "/readyz").status_code == 200)


# gRPC's own services, spoken without their classes: a few bytes each.


def test_grpc_health_tells_readiness(stack: Stack, client: Client) -> None:
    with gateway_channel(stack) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=5) == b"\x08\x01"  # SERVING
        eventually(lambda: check(b"\x0a\x05ready", timeout=5) == b"\x08\x01")


def test_grpc_reflection_lists_the_services(stack: Stack, client: Client) -> None:
    with gateway_channel(stack) as channel:
        ask_reflection = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        [answer] = list(ask_reflection(iter([b"\x3a\x01*"]), timeout=5))
    for service in (b"trunkline.control.v1.CallControlService", b"trunkline.accounts.v1.ProviderAccountService"):
        assert service in answer


def test_a_database_that_is_away_is_told_without_its_address(stack: Stack, client: Client) -> None:
    stack["postgres"].kill()
    try:
        for call in (client.page, lambda: client.get(NO_CALL), lambda: client.place(number(ANSWERS))):
            with pytest.raises(grpc.RpcError) as error:
                call()
            assert (error.value.code(), reason_of(error.value)) == (
                grpc.StatusCode.UNAVAILABLE,
                "DEPENDENCY_UNAVAILABLE",
            )
            told = str(error.value.details())
            assert "PostgreSQL" not in told and "127.0.0.1" not in told
    finally:
        stack["postgres"].start()
    eventually(lambda: ask(stack, "gateway", "/readyz").status_code == 200)


# The end.


def expect_orderly_end(stack: Stack, service: str) -> None:
    part = stack[service]
    eventually(lambda: not part.process.is_running(), seconds=20, about=f"{service} ends")
    assert part.process.exit_description() == "it ended with exit code 0"


def test_ingest_answers_what_is_under_way_before_it_ends(stack: Stack, client: Client) -> None:
    form = {"AccountSid": stack.demo.account_sid(), "CallSid": "CA" + "e6" * 16, "CallStatus": "ringing"}
    ingest = stack["webhook-ingest"]
    restart_with(ingest, {"TRUNKLINE_MAX_IN_FLIGHT": "1", "TRUNKLINE_KAFKA_TIMEOUT": "30s"})
    stack["kafka"].freeze()
    try:
        with ThreadPoolExecutor(1) as pool:
            path = "/telephony/webhook/twilio/status"
            waiting = pool.submit(send_twilio_webhook, stack, path, form)
            # One may be under way: a second one is too much.
            no_call = {**form, "CallSid": ""}
            eventually(lambda: send_twilio_webhook(stack, path, no_call).status_code == 429)
            ingest.process.send(signal.SIGTERM)
            eventually(lambda: '"msg":"draining"' in ingest.log.read_text())
            assert not waiting.done()
            stack["kafka"].thaw()
            assert waiting.result().status_code == 200
        expect_orderly_end(stack, "webhook-ingest")
    finally:
        stack["kafka"].thaw()
        ingest.start()


def test_the_gateway_answers_what_is_under_way_and_sends_watchers_on(stack: Stack, client: Client) -> None:
    twin = shorten_calls(stack)
    twin.configure(rest_latency_ms=1500)
    to = number(ANSWERS)
    try:
        with client.watch() as watch, ThreadPoolExecutor(1) as pool:
            placing = pool.submit(client.place, to)
            eventually(lambda: twin.requests(method="POST", to=to), about="the provider is asked")
            stack["gateway"].process.send(signal.SIGTERM)
            assert placing.result().record.details.to == to
            error = eventually(lambda: watch.error)
            assert error is not None
            assert (error.code(), reason_of(error)) == (grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")
        expect_orderly_end(stack, "gateway")
    finally:
        twin.configure(rest_latency_ms=0)
        stack["gateway"].start()


def test_the_normalizer_finishes_its_batch_and_ends(stack: Stack, client: Client) -> None:
    stack["normalizer"].process.send(signal.SIGTERM)
    expect_orderly_end(stack, "normalizer")
    stack["normalizer"].start()
