"""Webhooks are entered at call-tracking platforms, and taken out again, with trunkctl: what a platform takes over its API
once, the rest is for a person."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

from support.client import Client
from support.database import one_value
from support.tracking_platforms import PLATFORMS, CreatedAccount, Platform, create_account
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.service_settings import operator_settings
from trunkline_local.stack import Stack

RETREAVER, TRACKDRIVE, _ = PLATFORMS
REGISTERED = "WEBHOOK_REGISTRATION_STATE_REGISTERED"
UNREGISTERED = "WEBHOOK_REGISTRATION_STATE_UNREGISTERED"


def account_at(stack: Stack, client: Client, platform: Platform) -> CreatedAccount:
    Twin(stack, platform.name).put_account(description=platform.description)
    return create_account(stack, client, platform, {"sync_interval_seconds": "10"})


def webhooks(stack: Stack, *words: str, token: str = "") -> dict[str, Any]:
    """The answer of trunkctl tracking webhooks."""
    done = subprocess.run(
        [str(stack.bin_dir / "trunkctl"), "tracking", "webhooks", *words, "--json"],
        env={
            **operator_settings(stack),
            "TRUNKLINE_API_KEY": stack.demo.value("api_key"),
            "TRUNKLINE_WEBHOOK_TOKEN": token,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def hooks(stack: Stack, platform: Platform) -> dict[str, str]:
    """URLs by the id at the platform."""
    there = Twin(stack, platform.name).ask("GET", f"hooks?account={platform.account}")["hooks"]
    return {hook["id"]: hook["url"] for hook in there if hook["active"]}


def test_a_platform_that_takes_webhooks_has_each_once_until_they_are_taken_out(stack: Stack, client: Client) -> None:
    account = account_at(stack, client, TRACKDRIVE)

    def register() -> dict[str, Any]:
        return webhooks(stack, "register", account.account_id)

    # The synchronization hears of the account a moment later.
    shown = eventually(register, until=lambda answer: answer["state"] == REGISTERED, seconds=60)
    assert not shown.get("person_needed")
    there = hooks(stack, TRACKDRIVE)
    assert set(there.values()) == set(account.webhook_urls.values())
    assert {webhook["external_id"] for webhook in shown["webhooks"]} == set(there)

    assert register()["state"] == REGISTERED
    assert hooks(stack, TRACKDRIVE) == there, "asked again, nothing is entered twice"

    gone = next(iter(there))
    Twin(stack, TRACKDRIVE.name).ask("DELETE", f"hooks/{gone}?account={TRACKDRIVE.account}")
    assert len(hooks(stack, TRACKDRIVE)) == len(there) - 1
    assert register()["state"] == REGISTERED
    assert sorted(hooks(stack, TRACKDRIVE).values()) == sorted(there.values()), "what somebody took out is there again"

    # They do what they are for.
    now = datetime.now(UTC)
    span = {"from": now.isoformat(), "to": (now + timedelta(seconds=1)).isoformat()}
    wish = {"account": TRACKDRIVE.account, "count": 1, "talk_seconds": [1, 1], "webhooks": "all", **span}
    Twin(stack, TRACKDRIVE.name).ask("POST", "calls", wish)
    count = f"SELECT count(*) FROM webhook_logs WHERE provider_account_id = '{account.account_id}' AND outcome <> 'refused'"
    eventually(lambda: one_value(stack, count), seconds=60)

    assert webhooks(stack, "unregister", account.account_id)["state"] == UNREGISTERED
    assert hooks(stack, TRACKDRIVE) == {}


def test_where_a_person_is_needed_the_urls_are_ready_to_paste(stack: Stack, client: Client) -> None:
    account = account_at(stack, client, RETREAVER)
    shown = eventually(
        lambda: webhooks(stack, "register", account.account_id),
        until=lambda answer: answer["state"] == REGISTERED,
        seconds=60,
    )
    assert shown["person_needed"]
    assert all("/WEBHOOK_TOKEN?" in webhook["url"] for webhook in shown["webhooks"]), "no reply holds the token"

    token = account.webhook_urls["start"].split("?")[0].rsplit("/", 1)[1]
    listed = webhooks(stack, "list", account.account_id, token=token)
    assert {webhook["url"] for webhook in listed["webhooks"]} == set(account.webhook_urls.values())
