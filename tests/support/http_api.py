"""The gateway's HTTP/JSON API, called as a front end would. Every answer is held against the OpenAPI document."""

from __future__ import annotations

import re
import uuid
from typing import Any

import requests
from jsonschema import Draft202012Validator
from trunkline_local.stack import Stack

SECONDS = 20
PLAN = {"verbs": [{"say": {"text": "Good morning."}}, {"hangup": {}}]}

Json = dict[str, Any]


class HttpApi:
    def __init__(self, stack: Stack, api_key: str | None = None):
        self.url = stack.gateway_http()
        self.headers = {"Authorization": f"Bearer {stack.demo.value('api_key') if api_key is None else api_key}"}
        self.document: Json = requests.get(f"{self.url}/openapi.json", timeout=SECONDS).json()

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        answer = requests.request(method, self.url + path, headers=headers, timeout=SECONDS, **more)
        self.check(method, path, answer)
        return answer

    def ask(self, method: str, path: str, **more: Any) -> Json:
        """The answer of a request that must be fine."""
        answer = self.send(method, path, **more)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        body: Json = answer.json()
        return body

    def refusal(self, method: str, path: str, **more: Any) -> tuple[int, Json]:
        """Status and error of a request that must not be fine."""
        answer = self.send(method, path, **more)
        assert answer.status_code >= 400, f"{method} {path}: {answer.status_code} {answer.text}"
        error: Json = answer.json()["error"]
        return answer.status_code, error

    def place(self, to: str, **fields: Any) -> Json:
        body = {"requestId": str(uuid.uuid4()), "to": to, "plan": PLAN, **fields}
        call: Json = self.ask("POST", "/api/calls/initiate", json=body)["call"]
        return call

    def check(self, method: str, path: str, answer: requests.Response) -> None:
        """The answer is one that the document tells of."""
        if not answer.headers.get("Content-Type", "").startswith("application/json"):
            return
        operation = self.operation(method, path.partition("?")[0])
        told = operation["responses"].get(str(answer.status_code)) if operation else None
        if told is None:
            told = self.document["components"]["responses"]["Error"]
        schema = {**told["content"]["application/json"]["schema"], "components": self.document["components"]}
        Draft202012Validator(schema).validate(answer.json())

    def operation(self, method: str, path: str) -> Json | None:
        # A path that is written out comes first.
        for form, methods in sorted(self.document["paths"].items(), key=lambda item: "{" in item[0]):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", form), path) and method.lower() in methods:
                found: Json = methods[method.lower()]
                return found
        return None
