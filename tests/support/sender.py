"""Sends many signed webhooks at once and notes what became of each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from urllib.parse import urlencode, urlsplit

from support.synthetic_calls import Callback
from support.waiting import eventually
from trunkline_local.stack import Stack
from twilio.request_validator import RequestValidator

STATUS = "/telephony/webhook/twilio/status"
SECONDS = 30
NO_ANSWER = 0


class Sender:
    def __init__(self, stack: Stack, threads: int = 8):
        self._stack = stack
        self._validator = RequestValidator(stack.demo.auth_token())
        self._url = stack.public_url() + STATUS
        self._address = urlsplit(stack.ingest_url()).netloc
        self._pool = ThreadPoolExecutor(threads)
        self._own = threading.local()

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def send_all(self, callbacks: Sequence[Callback]) -> list[int]:
        """The HTTP status of each; NO_ANSWER where the connection broke before it. Waits for a server that is away."""
        return list(self._pool.map(self.send, callbacks))

    def send(self, callback: Callback) -> int:
        form = callback.form(self._stack.demo.account_sid())
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self._validator.compute_signature(self._url, form),
        }
        connection = self._connection()
        try:
            connection.request("POST", STATUS, urlencode(form), head)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (HTTPException, OSError):
            connection.close()
            return NO_ANSWER

    def _connection(self) -> HTTPConnection:
        """One for each thread, open."""
        connection: HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = HTTPConnection(self._address, timeout=SECONDS)
            self._own.connection = connection
        if connection.sock is None:
            eventually(lambda: _connects(connection), seconds=SECONDS, about="webhook-ingest listens")
        return connection


def _connects(connection: HTTPConnection) -> bool:
    try:
        connection.connect()
        return True
    except OSError:
        return False
