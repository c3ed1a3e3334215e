"""The provider twin's control API: what it is to do, and what it was asked."""

from __future__ import annotations

from datetime import datetime
from itertools import accumulate
from typing import Any

import requests
from trunkline_local.stack import Stack

SECONDS = 20
# For lists of everything.
LONG = 300
EVERYTHING = 10_000_000


class Twin:
    def __init__(self, stack: Stack, provider: str = "twilio"):
        self.url = stack.twin_url()
        self.provider = provider

    def configure(self, **settings: Any) -> None:
        self._send("PUT", "/twin/config", settings)

    def put_account(self, **fields: Any) -> None:
        self.ask("POST", "accounts", fields)

    def receive_call(self, **fields: Any) -> str:
        """Somebody calls; returns the CallSid. The caller is `from_party`."""
        fields["from"] = fields.pop("from_party")
        return str(self.ask("POST", "inbound", fields)["call_sid"])

    def send_webhook(self, url: str, params: dict[str, str], **fields: Any) -> None:
        self.ask("POST", "webhook", {"url": url, "params": params, **fields})

    def ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        """Of the provider's own part of the control API; None when there is nothing to tell."""
        answer = self._send(method, f"/twin/{self.provider}/{name}", body)
        return answer.json() if answer.content else None

    def calls(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("calls", filters)

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("requests", filters)

    def webhooks(self, **filters: str) -> list[dict[str, Any]]:
        return self._list("webhooks", filters)

    def placed(self) -> list[dict[str, Any]]:
        """Of an exchange, which remembers no calls that ended: what was begun."""
        return self._list("placed", {})

    def _list(self, name: str, filters: dict[str, str]) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.url}/twin/{self.provider}/{name}", params={**filters, "limit": str(EVERYTHING)}, timeout=LONG
        )
        answer.raise_for_status()
        found = answer.json()
        assert found["forgotten"] == 0, f"the twin remembers no more than the newest {name}"
        entries: list[dict[str, Any]] = found[name]
        return entries

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> requests.Response:
        answer = requests.request(method, self.url + path, json=body, timeout=SECONDS)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


def most_at_once(calls: list[dict[str, str]]) -> int:
    """By the provider's own times: one that ends as another begins makes room for it."""
    steps = [(datetime.fromisoformat(call["created"]), 1) for call in calls]
    steps += [(datetime.fromisoformat(call["ended_at"]), -1) for call in calls]
    return max(accumulate(step for _, step in sorted(steps)))
