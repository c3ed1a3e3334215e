"""Accounts at call-tracking platforms, and webhooks as the platforms send them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import secrets
import uuid
from dataclasses import dataclass, field

import requests
from support.client import Client
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.stack import Stack

PLATFORMS = ("retreaver", "ringba", "trackdrive")

# What an account needs, by platform: settings and credentials.
NEEDED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "retreaver": ({"company_id": "170001"}, {"api_key": "api_key"}),
    "ringba": ({"account_id": "RA0123456789abcdef0123456789abcdef"}, {"api_token": "api_token"}),
    "trackdrive": ({"subdomain": "acme-calls"}, {"public_key": "public_key", "private_key": "private_key"}),
}
# Where webhooks come from, behind a proxy that ingest trusts: an address that fails again and again is held off.
SENDERS = "203.0.113.0/24"
_senders = itertools.cycle(range(1, 255))
# The platform's word for a call that ended.
ENDED = {"retreaver": "ended", "ringba": "finalized", "trackdrive": "call_ended"}


@dataclass
class TrackingAccount:
    """With a secret for every mode of verification, whichever of them the account chose."""

    platform: str
    modes: str
    settings: dict[str, str] = field(default_factory=dict)
    account_id: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)

    def create(self, client: Client) -> TrackingAccount:
        settings, names = NEEDED[self.platform]
        self.credentials = {name: f"planted-{name}-{secrets.token_hex(8)}" for name in names}
        self.credentials |= {
            "webhook_token": secrets.token_urlsafe(32),
            "webhook_hmac_secret": secrets.token_hex(16),
            "webhook_key": secrets.token_hex(16),
            "webhook_username": "tracker",
            "webhook_password": secrets.token_hex(16),
        }
        account = accounts.ProviderAccount(
            provider=self.platform,
            display_name=f"{self.platform} {self.modes}",
            settings={**settings, "webhook_modes": self.modes, **self.settings},
            credentials=self.credentials,
            enabled=True,
        )
        created = client.accounts.CreateProviderAccount(
            accounts.CreateProviderAccountRequest(account=account), metadata=client.metadata, timeout=20
        )
        self.account_id = created.account.provider_account_id
        self.urls = dict(created.webhook_urls)
        return self

    def path(self, event: str = "", token: str | None = None) -> str:
        """Of a webhook; with the account's own token where it chose one."""
        if token is None:
            token = self.credentials["webhook_token"] if "url_token" in self.modes else ""
        return f"/webhooks/{self.platform}/{self.account_id}/{event or ENDED[self.platform]}" + (
            f"/{token}" if token else ""
        )

    def headers(self, message: bytes) -> dict[str, str]:
        """That prove a webhook genuine: `message` is its body, or its query when it has none."""
        proof: dict[str, str] = {}
        if "hmac_sha256" in self.modes:
            key = self.credentials["webhook_hmac_secret"].encode()
            proof["X-Signature"] = hmac.new(key, message, hashlib.sha256).hexdigest()
        if "static_header" in self.modes:
            proof["X-Webhook-Key"] = self.credentials["webhook_key"]
        if "basic_auth" in self.modes:
            pair = f"{self.credentials['webhook_username']}:{self.credentials['webhook_password']}"
            proof["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return proof

    def send(
        self, stack: Stack, call: str, method: str = "GET", headers: dict[str, str] | None = None, **path: str
    ) -> requests.Response:
        """A thin webhook: the event in the path, the call in the query. Genuine, unless `headers` or `token` say else."""
        query = f"call_id={call}"
        proof = self.headers(query.encode()) if headers is None else headers
        url = f"{stack.ingest_url()}{self.path(**path)}?{query}"
        return requests.request(method, url, headers={**forwarded(), **proof}, timeout=20)

    def post(self, stack: Stack, body: str, headers: dict[str, str] | None = None, **path: str) -> requests.Response:
        proof = self.headers(body.encode()) if headers is None else headers
        url = stack.ingest_url() + self.path(**path)
        return requests.post(url, data=body.encode(), headers={**forwarded(), **proof}, timeout=20)


def forwarded() -> dict[str, str]:
    """As from another sender each time."""
    return {"X-Forwarded-For": f"203.0.113.{next(_senders)}"}


def new_call() -> str:
    """The platform's id of a call."""
    return str(uuid.uuid4())
