"""Promise 9: secrets stay secret, and phone numbers are masked in logs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import requests
from support.businesses import Business, create_business
from support.client import Client, client_of
from support.database import rows
from support.numbers import ANSWERS, BUSY, REFUSED_NUMBER, number
from support.secret_search import disguises
from support.settings import shorten_calls
from support.streams import ALL
from support.topics import read_topic
from support.twilio_webhook import send_twilio_webhook
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.postgres import OWNER, PROGRAMS
from trunkline_local.stack import Stack

SERVICES = ("gateway", "webhook-ingest", "normalizer")
# Planted; nothing else can look like them.
API_KEY_SECRET = "planted-api-key-secret-7f3a91"
WRONG_TOKEN = "planted-wrong-token-52c8d0"
FORGERS_TOKEN = "planted-forgers-token-10b6e4"


class Busy:
    """A stack on which much has happened, right and wrong, with secrets that are known."""

    def __init__(self, stack: Stack, twin: Twin, client: Client, business: Business):
        self.stack = stack
        self.business = business
        self.replies: list[str] = []
        self.numbers = [number(outcome) for outcome in (ANSWERS, BUSY, REFUSED_NUMBER)]
        for to in self.numbers:
            self.replies.append(str(client.place(to)))
        self._show_accounts(client)
        self._break_credentials(client)
        form = {"AccountSid": business.account_sid, "CallSid": "CA" + "c4" * 16, "CallStatus": "ringing"}
        form |= {"From": self.numbers[0], "To": business.number, "Direction": "inbound"}
        for path in ("/telephony/webhook/twilio/voice", "/telephony/webhook/twilio/status"):
            for token in (business.auth_token, FORGERS_TOKEN):
                self.replies.append(send_twilio_webhook(stack, path, form, auth_token=token).text)
        with client_of(stack, api_key="tl_planted-wrong-key") as stranger:
            self._note_error(lambda: stranger.page())
        eventually(lambda: all(sent["done"] for sent in twin.webhooks()))
        eventually(lambda: rows(stack, "SELECT 1 FROM webhook_logs WHERE outcome = 'refused'"))

    def _show_accounts(self, client: Client) -> None:
        get = accounts.GetProviderAccountRequest(provider_account_id=self.business.provider_account_id)
        self.replies.append(str(client.accounts.GetProviderAccount(get, metadata=client.metadata, timeout=10)))
        listed = accounts.ListProviderAccountsRequest()
        self.replies.append(str(client.accounts.ListProviderAccounts(listed, metadata=client.metadata, timeout=10)))

    def _break_credentials(self, client: Client) -> None:
        """An account whose API key the provider does not know."""
        account = accounts.ProviderAccount(
            provider="twilio",
            settings={"api_url": self.stack.twin_url(), "account_sid": self.business.account_sid},
            credentials={
                "auth_token": WRONG_TOKEN,
                "api_key_sid": "SK" + "0" * 32,
                "api_key_secret": API_KEY_SECRET,
            },
            enabled=True,
        )
        create = accounts.CreateProviderAccountRequest(account=account)
        created = client.accounts.CreateProviderAccount(create, metadata=client.metadata, timeout=10)
        self.replies.append(str(created))
        validate = accounts.ValidateProviderAccountRequest(provider_account_id=created.account.provider_account_id)
        found = client.accounts.ValidateProviderAccount(validate, metadata=client.metadata, timeout=10)
        assert not found.valid
        self.replies.append(str(found))
        account.settings["account_sid"] = "malformed"
        self._note_error(
            lambda: client.accounts.CreateProviderAccount(create_again(account), metadata=client.metadata, timeout=10)
        )

    def _note_error(self, call: object) -> None:
        with pytest.raises(grpc.RpcError) as error:
            call()  # type: ignore[operator]
        self.replies.append(f"{error.value.details()} {error.value.trailing_metadata()}")

    def secrets(self) -> dict[str, str]:
        stack = self.stack
        planted = {
            "auth token": self.business.auth_token,
            "demo auth token": stack.demo.auth_token(),
            "API key": self.business.api_key,
            "demo API key": stack.demo.value("api_key"),
            "API key secret": API_KEY_SECRET,
            "wrong token": WRONG_TOKEN,
        }
        for file in stack.secrets.path.iterdir():
            planted[file.name] = file.read_text().strip()
        return planted


def create_again(account: accounts.ProviderAccount) -> accounts.CreateProviderAccountRequest:
    return accounts.CreateProviderAccountRequest(account=account)


@pytest.fixture(scope="module")
def busy(stack: Stack) -> Iterator[Busy]:
    twin = shorten_calls(stack)
    business = create_business(stack, "Secretive", number="+15550109002")
    twin.put_account(sid=business.account_sid, auth_token=business.auth_token)
    with client_of(stack, business.api_key) as client:
        yield Busy(stack, twin, client, business)


def expect_no_secret(busy: Busy, where: str, content: bytes) -> None:
    assert content, f"{where} holds something"
    found = [name for name, secret in busy.secrets().items() if any(shape in content for shape in disguises(secret))]
    assert found == [], f"in {where}"


def test_no_secret_is_in_any_log(busy: Busy) -> None:
    for log in sorted((busy.stack.directory / "log").glob("*.log")):
        expect_no_secret(busy, log.name, log.read_bytes())


@pytest.mark.parametrize("topic", ALL)
def test_no_secret_is_in_any_topic(busy: Busy, topic: str) -> None:
    messages = read_topic(busy.stack, topic, isolation="read_uncommitted")
    content = b"\n".join(
        (message.key() or b"") + (message.value() or b"") + repr(message.headers()).encode() for message in messages
    )
    expect_no_secret(busy, topic, content + b"\n")


def test_no_secret_is_in_any_table(busy: Busy) -> None:
    dump = subprocess.run(
        [str(PROGRAMS / "pg_dump"), busy.stack.database.url(OWNER)], capture_output=True, check=True, timeout=60
    )
    expect_no_secret(busy, "the database", dump.stdout)


def test_credentials_are_stored_sealed(busy: Busy) -> None:
    stored = rows(busy.stack, "SELECT credentials FROM telephony_providers")
    values = [value for row in stored for value in row["credentials"].values()]
    assert len(values) >= 4
    assert all(value.startswith("sealed:") for value in values)


def test_no_secret_is_in_any_reply_or_error(busy: Busy) -> None:
    expect_no_secret(busy, "the replies", "\n".join(busy.replies).encode())


def test_no_secret_is_told_over_http(busy: Busy) -> None:
    for name in SERVICES:
        port = busy.stack[name].state.port(f"{name}:admin-port")
        for path in ("/metrics", "/healthz", "/readyz"):
            expect_no_secret(busy, f"{name}{path}", requests.get(f"http://127.0.0.1:{port}{path}", timeout=10).content)


def test_no_secret_is_on_a_command_line(busy: Busy) -> None:
    for name in SERVICES:
        pid = busy.stack[name].process.pid()
        expect_no_secret(busy, f"the command line of {name}", Path(f"/proc/{pid}/cmdline").read_bytes())


def test_secret_files_are_for_their_owner_only(busy: Busy) -> None:
    for file in busy.stack.secrets.path.iterdir():
        assert os.stat(file).st_mode & 0o077 == 0, file.name


def test_phone_numbers_are_masked_in_logs(busy: Busy) -> None:
    for name in SERVICES:
        log = busy.stack[name].log.read_text()
        assert [one for one in busy.numbers if one[1:] in log] == [], name
    masked = busy.numbers[0][-4:]
    assert f"*{masked}" in busy.stack["gateway"].log.read_text(), "numbers can still be told apart"
