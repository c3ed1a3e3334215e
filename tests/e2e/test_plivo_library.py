"""Plivo's own helper library as the judge of the simulated Plivo: it needs the twin alone, not a whole stack."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import plivo
import plivo.rest.client
import pytest
from plivo.exceptions import AuthenticationError, PlivoRestError, ResourceNotFoundError
from plivo.utils import validate_v3_signature
from support.customer import Customer
from support.waiting import eventually
from trunkline_local.paths import binaries, preset

AUTH_ID = "MAEXAMPLE00000000001"
TOKEN = "a-token-of-the-tests"
FROM = "15550109999"
ANSWERS, BUSY, REFUSED = "15550100001", "15550100050", "15550100056"
WAIT = '<Response><Wait length="3000"/></Response>'


@pytest.fixture
def customer() -> Iterator[Customer]:
    with Customer(WAIT) as customer:
        yield customer


@pytest.fixture(scope="module")
def twin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port_file: Path = tmp_path_factory.mktemp("twin") / "port"
    process = subprocess.Popen(
        [
            str(binaries(preset()) / "provider-twin"),
            "--port=0",
            f"--port-file={port_file}",
            f"--twin-accounts=plivo/{AUTH_ID}:{TOKEN}",
            '--settings={"time_scale":0.05}',
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(port_file.is_file)
    yield f"http://127.0.0.1:{port_file.read_text().strip()}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def client(twin_url: str, monkeypatch: pytest.MonkeyPatch) -> plivo.RestClient:
    for name in ("PLIVO_API_BASE_URI", *(f"API_VOICE_BASE_URI{end}" for end in ("", "_FALLBACK_1", "_FALLBACK_2"))):
        monkeypatch.setattr(plivo.rest.client, name, f"{twin_url}/v1/Account")
    return plivo.RestClient(AUTH_ID, TOKEN)


def place(client: plivo.RestClient, customer: Customer, to: str, **more: Any) -> Any:
    return client.calls.create(
        from_=FROM,
        to_=to,
        answer_url=f"{customer.url}/answer?x=1",
        hangup_url=f"{customer.url}/hangup#rc=2&rp=all",
        ring_url=f"{customer.url}/ring?b=2&a=%20y",
        **more,
    )


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_its_validator_accepts_the_twins_signatures(client: plivo.RestClient, customer: Customer, method: str) -> None:
    place(client, customer, BUSY, hangup_method=method, ring_method=method)
    eventually(lambda: len(customer.received) >= 2)
    for one in customer.received:
        url, form = customer.url + one.target, dict(parse_qsl(one.body, keep_blank_values=True))
        signature, nonce = one.headers["X-Plivo-Signature-V3"], one.headers["X-Plivo-Signature-V3-Nonce"]
        assert one.method == method
        assert validate_v3_signature(method, url, nonce, TOKEN, signature, dict(form)), one
        assert not validate_v3_signature(method, url + "x", nonce, TOKEN, signature, dict(form)), one


def test_its_client_places_follows_and_ends_a_call(client: plivo.RestClient, customer: Customer) -> None:
    uuid = place(client, customer, ANSWERS).request_uuid
    live = eventually(lambda: client.live_calls.list_ids()["calls"])
    assert live == [uuid]
    eventually(lambda: client.live_calls.get(uuid).call_status == "in-progress")
    client.calls.send_digits(uuid, "1w2")
    client.calls.start_speaking(uuid, "Hello")
    recording = client.calls.start_recording(uuid)
    assert recording.recording_id
    client.calls.delete(uuid)
    ended = eventually(lambda: [call for call in client.calls.list()["objects"] if call.call_uuid == uuid])[0]
    assert (ended.hangup_source, ended.hangup_cause_code) == ("API Request", 4000)
    assert client.recordings.get(recording.recording_id).call_uuid == uuid


def test_a_bulk_has_a_list_of_ids(client: plivo.RestClient, customer: Customer) -> None:
    placed = place(client, customer, f"{BUSY}<15550100150")
    assert len(set(placed.request_uuid)) == 2


def test_its_client_understands_refusals(client: plivo.RestClient, customer: Customer, twin_url: str) -> None:
    with pytest.raises(PlivoRestError):
        place(client, customer, REFUSED)
    with pytest.raises(ResourceNotFoundError):
        client.live_calls.get("5ca1ab1e-0000-4000-8000-000000000099")
    with pytest.raises(AuthenticationError):
        plivo.RestClient(AUTH_ID, "wrong").live_calls.list_ids()
