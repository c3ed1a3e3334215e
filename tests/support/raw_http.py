"""HTTP as no well-behaved client sends it: bytes to a socket, and the answer parsed."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def error_code(self) -> str:
        """Of Trunkline's JSON errors."""
        assert self.headers["content-type"].startswith("application/json"), self.headers
        error: dict[str, Any] = json.loads(self.body)["error"]
        assert error["message"], "an error says what is wrong"
        assert sorted(error) == ["code", "message"]
        return str(error["code"])


def exchange(url: str, request: bytes, seconds: float = 20) -> Answer:
    """One request over a connection of its own; what cannot be sent any more because of the answer is left out."""
    with connect(url, seconds) as connection:
        try:
            connection.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(connection)


def connect(url: str, seconds: float = 20) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None and parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=seconds)


def read_answer(connection: socket.socket) -> Answer:
    response = HTTPResponse(connection)
    response.begin()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


def request_bytes(method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """With the right Content-Length, unless `headers` say otherwise."""
    lines = {"Host": "127.0.0.1", "Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body
