"""Accounts at the twins of the call-tracking platforms, which our webhooks are entered at.

    account = create_account(stack, client, PLATFORMS[0], {"sync_interval_seconds": "10"})
    enter_webhooks(Twin(stack, "retreaver"), PLATFORMS[0], account)
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from support.client import SECONDS, Client
from support.twin import Twin
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.stack import Stack

# What stands for the token in the URLs that the gateway gives.
TOKEN_PLACE = "WEBHOOK_TOKEN"


@dataclass(frozen=True)
class Platform:
    name: str
    account: str  # at the twin
    description: str
    path: str
    settings: dict[str, str]
    credentials: dict[str, str]


PLATFORMS = (
    Platform("retreaver", "170001", "170001:rt-key-0123456789", "/retreaver", {"company_id": "170001"}, {"api_key": "rt-key-0123456789"}),
    Platform(
        "trackdrive",
        "acme-calls",
        "acme-calls:tdpub-0123456789:tdprv-0123456789",
        "/trackdrive/api/v1",
        {"subdomain": "acme-calls"},
        {"public_key": "tdpub-0123456789", "private_key": "tdprv-0123456789"},
    ),
    Platform("ringba", "RA0123", "RA0123:rb-token-0123456789", "/ringba/v2", {"account_id": "RA0123"}, {"api_token": "rb-token-0123456789"}),
)


@dataclass(frozen=True)
class CreatedAccount:
    account_id: str
    webhook_urls: dict[str, str]  # whole, by the platform's word for the event


def create_account(stack: Stack, client: Client, platform: Platform, shared: dict[str, str]) -> CreatedAccount:
    """Through the gateway, which asks the twin first whether it takes the credentials. `shared` are settings."""
    token = secrets.token_urlsafe(32)
    account = accounts.ProviderAccount(
        provider=platform.name,
        display_name=platform.name,
        settings={**shared, **platform.settings, "api_url": stack.twin_url() + platform.path},
        credentials={**platform.credentials, "webhook_token": token},
        enabled=True,
    )
    request = accounts.CreateProviderAccountRequest(account=account)
    created = client.accounts.CreateProviderAccount(request, metadata=client.metadata, timeout=SECONDS)
    urls = {event: url.replace(TOKEN_PLACE, token) for event, url in created.webhook_urls.items()}
    assert urls, f"no URLs to enter at {platform.name}"
    return CreatedAccount(created.account.provider_account_id, urls)


def enter_webhooks(twin: Twin, platform: Platform, account: CreatedAccount) -> None:
    """As a person would."""
    for event, url in account.webhook_urls.items():
        twin.ask("POST", "hooks", {"account": platform.account, "event": event, "url": url})
