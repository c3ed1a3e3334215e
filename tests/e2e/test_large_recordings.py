"""Recordings go through the gateway as they come from the provider, however large they are."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from support.businesses import create_business
from support.client import client_of
from support.http_api import SECONDS, HttpApi
from support.numbers import ANSWERS, number
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.stack import Stack

MEBIBYTE = 1024 * 1024
SIZE = 256 * MEBIBYTE
MOST_GROWTH = 32 * MEBIBYTE
# No two of its parts that are next to each other are alike, so that pieces cannot change places unseen.
BLOCK = b"".join(hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(MEBIBYTE // 32))


class LargeFiles(ThreadingHTTPServer):
    """A provider that has one large file, whatever is asked for, and always sends the whole."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LargeFile)
        self.breaks_off = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class LargeFile(BaseHTTPRequestHandler):
    server: LargeFiles

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "audio/x-wav")
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        try:
            for _ in range(SIZE // MEBIBYTE // (2 if self.server.breaks_off else 1)):
                self.wfile.write(BLOCK)
        except ConnectionError:
            pass  # a part was enough
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[LargeFiles]:
    with LargeFiles() as provider:
        thread = threading.Thread(target=provider.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


@dataclass(frozen=True)
class Large:
    provider: LargeFiles
    url: str


@pytest.fixture(scope="module")
def large(stack: Stack, twin: Twin) -> Iterator[Large]:
    """The link to a recording whose provider has moved to a place where it is large."""
    business = create_business(stack, "Large recordings", "+15550108001")
    twin.put_account(sid=business.account_sid, auth_token=business.auth_token)
    api = HttpApi(stack, business.api_key)
    call_id = api.place(number(ANSWERS), record=True)["record"]["callId"]
    recordings = eventually(
        lambda: api.ask("GET", f"/api/calls/{call_id}/recordings")["recordings"],
        until=lambda found: [recording["status"] for recording in found] == ["RECORDING_STATUS_READY"],
    )
    path = f"/api/recordings/{recordings[0]['recordingId']}/download-link"
    url = str(api.ask("POST", path, json={"lifetime": "3600s"})["url"])
    with serving() as provider:
        account = accounts.ProviderAccount(
            provider_account_id=business.provider_account_id,
            settings={"api_url": provider.url, "account_sid": business.account_sid},
        )
        with client_of(stack, business.api_key) as client:
            change = accounts.UpdateProviderAccountRequest(account=account, update_mask={"paths": ["settings"]})
            client.accounts.UpdateProviderAccount(change, metadata=client.metadata, timeout=SECONDS)
        eventually(
            lambda: requests.get(url, headers={"Range": "bytes=0-9"}, timeout=SECONDS).content,
            until=lambda begin: begin == BLOCK[:10],
            about="the large file",
        )
        yield Large(provider, url)


def memory(pid: int, of: str) -> int:
    found = re.search(rf"{of}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_a_large_recording_passes_through_in_little_memory(stack: Stack, large: Large) -> None:
    pid = stack["gateway"].process.pid()
    assert pid is not None
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from here
    before = memory(pid, "VmRSS")
    received, size = hashlib.sha256(), 0
    # In small pieces: slower than the provider sends.
    with requests.get(large.url, stream=True, timeout=SECONDS) as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(SIZE))
        for piece in answer.iter_content(8 * 1024):
            received.update(piece)
            size += len(piece)
    assert size == SIZE
    wanted = hashlib.sha256()
    for _ in range(SIZE // MEBIBYTE):
        wanted.update(BLOCK)
    assert received.digest() == wanted.digest()
    growth = memory(pid, "VmHWM") - before
    assert growth < MOST_GROWTH, f"the gateway grew by {growth // 1024} KiB"


def test_a_range_of_a_large_recording_is_cut_out_on_the_way(large: Large) -> None:
    begin = 3 * MEBIBYTE + 7
    answer = requests.get(large.url, headers={"Range": f"bytes={begin}-{begin + 99}"}, timeout=SECONDS)
    assert (answer.status_code, answer.content) == (206, BLOCK[7:107])
    assert answer.headers["Content-Range"] == f"bytes {begin}-{begin + 99}/{SIZE}"


def test_a_recording_that_breaks_off_is_not_taken_for_whole(large: Large) -> None:
    large.provider.breaks_off = True
    try:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            with requests.get(large.url, stream=True, timeout=SECONDS) as answer:
                assert answer.status_code == 200
                for _ in answer.iter_content(MEBIBYTE):
                    pass
    finally:
        large.provider.breaks_off = False
