"""The demo business: one provider account at the twin, one number, one API key, and a first call."""

from __future__ import annotations

import secrets
from typing import Any

from trunkline_local.failure import Failure
from trunkline_local.state import State
from trunkline_local.trunkctl import Trunkctl

CALLED_NUMBER = "+15550100002"
SEEDED = ("business_id", "api_key", "number", "provider_account_id")


class Demo:
    def __init__(self, trunkctl: Trunkctl, state: State):
        self._trunkctl = trunkctl
        self._state = state

    def account_sid(self) -> str:
        return self._state.remember("demo:account_sid", lambda: "AC" + secrets.token_hex(16))

    def auth_token(self) -> str:
        return self._state.remember("demo:auth_token", lambda: secrets.token_hex(16))

    def value(self, name: str) -> str:
        """One of SEEDED; empty before the first seed."""
        return self._state.get("demo:" + name) or ""

    def seed(self, twin_url: str) -> str:
        answer = self._trunkctl.run_json(
            "seed",
            "demo",
            "--provider=twilio",
            f"--setting=api_url={twin_url}",
            f"--setting=account_sid={self.account_sid()}",
            extra={"TRUNKLINE_DEMO_CREDENTIAL": f"auth_token={self.auth_token()}"},
        )
        for name in SEEDED:
            # An API key is told once, when it is made; a later seed leaves it out.
            if answer.get(name):
                self._state.put("demo:" + name, str(answer[name]))
            if not self.value(name):
                raise Failure("demo business", f"trunkctl seed demo told no {name}")
        return f"business {self.value('business_id')}, number {self.value('number')}"

    def place_call(self, gateway: str) -> dict[str, Any]:
        return self._trunkctl.run_json(
            "call",
            "place",
            f"--to={CALLED_NUMBER}",
            f"--gateway={gateway}",
            "--wait",
            extra={"TRUNKLINE_API_KEY": self.value("api_key")},
            seconds=60,
        )
