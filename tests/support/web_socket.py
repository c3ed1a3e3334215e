"""A WebSocket of the HTTP API, read by a thread, with a client library that shares no code with the server. Every
message is held against the OpenAPI document."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from jsonschema import Draft202012Validator
from support.http_api import HttpApi, Json
from support.waiting import eventually
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

SECONDS = 20
PROTOCOL = "trunkline.v1"


def open_socket(api: HttpApi, path: str, **more: Any) -> ClientConnection:
    """`more` is for websockets.sync.client.connect; without it, the key goes into the header."""
    more.setdefault("additional_headers", api.headers)
    # "legacy": a connection that outlives a with-statement.
    return connect(api.url.replace("http", "ws", 1) + path, open_timeout=SECONDS, proxy=None, legacy=True, **more)


class Socket:
    def __init__(self, api: HttpApi, path: str, **more: Any):
        told = api.document["paths"]["/ws/calls"]["get"]["x-websocket"]["serverMessages"]
        self._schema = Draft202012Validator({**told, "components": api.document["components"]})
        self.connection = open_socket(api, path, **more)
        self.messages: list[tuple[Json, float]] = []
        # Code and reason of the server's close; None while it goes on.
        self.close: tuple[int, str] | None = None
        self.failure: Exception | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while True:
                message = json.loads(self.connection.recv())
                at = time.time()
                self._schema.validate(message)
                self.messages.append((message, at))
        except ConnectionClosed as closed:
            self.close = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        except Exception as failure:
            self.failure = failure

    def send(self, message: Json) -> None:
        self.connection.send(json.dumps(message))

    def started(self) -> Json:
        self.wait_for(1)
        first = self.messages[0][0]
        assert first["type"] == "started"
        return first

    def wait_for(self, count: int) -> None:
        eventually(lambda: len(self.messages) >= count or self.failure, about=f"{count} messages over the WebSocket")
        assert self.failure is None, self.failure

    def events(self, call_id: str = "") -> list[Json]:
        events = [message["event"] for message, _ in list(self.messages) if message["type"] == "event"]
        return [event for event in events if call_id in ("", event["callId"])]

    def wait_for_event(self, call_id: str, kind: str) -> list[Json]:
        eventually(
            lambda: any(event["type"] == kind for event in self.events(call_id)), about=f"{kind} over the WebSocket"
        )
        assert self.failure is None, self.failure
        return self.events(call_id)

    def wait_for_close(self) -> tuple[int, str]:
        eventually(lambda: self.close is not None, about="the close of the WebSocket")
        assert self.close is not None
        return self.close

    def leave(self) -> None:
        self.connection.close()
        self._reader.join(SECONDS)
