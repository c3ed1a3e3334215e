"""The provider twin's control API: what it is to do, and what it was asked."""

from __future__ import annotations

from typing import Any

import requests
from trunkline_local.stack import Stack

SECONDS = 20
EVERYTHING = 100_000


class Twin:
    def __init__(self, stack: Stack):
        self.url = stack.twin_url()

    def configure(self, **settings: Any) -> None:
        self._send("PUT", "/twin/config", settings)

    def add_account(self, sid: str, auth_token: str) -> None:
        self._send("POST", "/twin/twilio/accounts", {"sid": sid, "auth_token": auth_token})

    def receive_call(self, **fields: Any) -> str:
        """Somebody calls; returns the CallSid. The caller is `from_party`."""
        fields["from"] = fields.pop("from_party")
        answer = self._send("POST", "/twin/twilio/inbound", fields)
        return str(answer.json()["call_sid"])

    def send_webhook(self, url: str, params: dict[str, str], **fields: Any) -> None:
        self._send("POST", "/twin/twilio/webhook", {"url": url, "params": params, **fields})

    def calls(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("calls", filters)

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("requests", filters)

    def webhooks(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("webhooks", filters)

    def _list(self, name: str, filters: dict[str, str]) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.url}/twin/twilio/{name}", params={**filters, "limit": str(EVERYTHING)}, timeout=SECONDS
        )
        answer.raise_for_status()
        found = answer.json()
        assert found["forgotten"] == 0, f"the twin remembers no more than the newest {name}"
        entries: list[dict[str, Any]] = found[name]
        return entries

    def _send(self, method: str, path: str, body: dict[str, Any]) -> requests.Response:
        answer = requests.request(method, self.url + path, json=body, timeout=SECONDS)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer
