"""Every provider that is built in, as the twin plays it: what a test must know of each to use them all alike.

    account = SIMULATED["exotel"].open_account(stack, client)
    to = account.number(ANSWERS)
    client.place(to, provider_account_id=account.id)
    assert account.dialled() == [to]
"""

from __future__ import annotations

import re
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from support.client import PLAN, Client
from support.numbers import next_number
from support.twin import Twin
from support.waiting import eventually
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.stack import Stack

SECONDS = 20


@dataclass(frozen=True)
class AccountForm:
    """What Trunkline is told of an account."""

    settings: Mapping[str, str]
    credentials: Mapping[str, str] = field(default_factory=dict)


class Simulated(ABC):
    name: ClassVar[str]
    # What the numbers of calls begin with, and how many digits follow: the last two choose the story.
    prefix: ClassVar[str] = "+15"
    digits: ClassVar[int] = 9
    own_number: ClassVar[str] = "+15550100953"
    # Its news come over a connection that Trunkline keeps, not by webhook.
    has_link: ClassVar[bool] = False
    # It asks for the plans of the calls that it places, so that not all of their webhooks can be lost.
    asks_for_plans: ClassVar[bool] = True
    # Its list of calls is believed when a call is not in it.
    lists_all_calls: ClassVar[bool] = True
    # Only members of a conference can be held.
    holds_members_only: ClassVar[bool] = False

    @abstractmethod
    def form(self, twin: Twin, name: str) -> AccountForm:
        """An account at the twin, made there; `name` is new."""

    @abstractmethod
    def asked_to_dial(self, twin: Twin) -> list[str]:
        """The number of every request to place a call, in their order, whatever was answered."""

    @abstractmethod
    def dialled(self, twin: Twin) -> list[str]:
        """The number of every call that was placed."""

    def ids_by_number(self, twin: Twin) -> dict[str, str]:
        """Of every call that was placed, the provider's id; empty for a provider that does not remember."""
        return {}

    @abstractmethod
    def receive_call(self, account: Account, caller: str) -> str:
        """Somebody calls the account's number; gives the provider's id of the call."""

    @abstractmethod
    def send_forgery(self, account: Account) -> None:
        """A webhook that is right but for its secret."""

    def wait_until_joined(self, account: Account, external_call_id: str) -> None:
        """Until a call that was answered has another side, where that takes a while."""

    def number(self, story: int) -> str:
        """One that was not given out before."""
        return next_number(self.prefix, self.digits, story)

    def open_account(self, stack: Stack, client: Client, settings: Mapping[str, str] | None = None) -> Account:
        """At the twin and of the client's business, with a number whose calls say something and hang up."""
        twin = Twin(stack, self.name)
        form = self.form(twin, "account" + secrets.token_hex(4))
        account = accounts.ProviderAccount(
            provider=self.name,
            display_name=self.name,
            enabled=True,
            settings={**form.settings, **(settings or {})},
            credentials=form.credentials,
        )
        created = client.accounts.CreateProviderAccount(
            accounts.CreateProviderAccountRequest(account=account), metadata=client.metadata, timeout=SECONDS
        )
        provider_account_id = created.account.provider_account_id
        own_number = self.number(int(self.own_number[-2:]))
        put = accounts.PutPhoneNumberRequest(
            phone_number=accounts.PhoneNumber(
                number=own_number, provider_account_id=provider_account_id, is_default=True, inbound_plan=PLAN
            )
        )
        client.accounts.PutPhoneNumber(put, metadata=client.metadata, timeout=SECONDS)
        return Account(self, twin, provider_account_id, own_number, form, dict(created.webhook_urls))


@dataclass(frozen=True)
class Account:
    provider: Simulated
    twin: Twin
    id: str
    own_number: str
    form: AccountForm
    # What a person would enter at the provider, by kind.
    urls: Mapping[str, str]

    def number(self, story: int) -> str:
        return self.provider.number(story)

    def asked_to_dial(self) -> list[str]:
        return self.provider.asked_to_dial(self.twin)

    def dialled(self) -> list[str]:
        return self.provider.dialled(self.twin)

    def receive_call(self, caller: str) -> str:
        """Somebody calls; gives the provider's id of the call."""
        return self.provider.receive_call(self, caller)

    def send_forgery(self) -> None:
        self.provider.send_forgery(self)


class _Rest(Simulated):
    """A provider with a REST API, which asks for its instructions and tells its news by webhook."""

    # The kinds of the URLs that a number is given: for its instructions, and for its end.
    voice: ClassVar[str]
    status: ClassVar[str]
    parameter: ClassVar[str] = "To"

    def asked_to_dial(self, twin: Twin) -> list[str]:
        return [self.full(request["params"][self.parameter]) for request in twin.requests(method="POST")]

    def dialled(self, twin: Twin) -> list[str]:
        return [self.full(call["to"]) for call in twin.calls() if call["direction"] != "inbound"]

    def ids_by_number(self, twin: Twin) -> dict[str, str]:
        return {self.full(call["to"]): call["sid"] for call in twin.calls()}

    def full(self, number: str) -> str:
        """As Trunkline writes it."""
        return number

    def account_at_twin(self, account: Account) -> str:
        return account.form.settings["account_sid"]

    def url(self, account: Account, kind: str) -> str:
        return account.urls[kind]

    def send_forgery(self, account: Account) -> None:
        account.twin.send_webhook(
            self.url(account, self.status),
            self.form_of_an_end(account),
            account=self.account_at_twin(account),
            auth_token="not-the-token",
        )

    @abstractmethod
    def form_of_an_end(self, account: Account) -> dict[str, str]:
        """What is sent to the status URL."""

    def receive_call(self, account: Account, caller: str) -> str:
        return account.twin.receive_call(
            account=self.account_at_twin(account),
            from_party=caller,
            to=account.own_number,
            voice_url=self.url(account, self.voice),
            status_callback=self.url(account, self.status),
        )


class Twilio(_Rest):
    name = "twilio"
    voice, status = "voice", "status"

    def form(self, twin: Twin, name: str) -> AccountForm:
        sid, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
        twin.put_account(sid=sid, auth_token=token)
        return AccountForm({"account_sid": sid, "api_url": twin.url}, {"auth_token": token})

    def form_of_an_end(self, account: Account) -> dict[str, str]:
        sid = "CA" + secrets.token_hex(16)
        return {"AccountSid": self.account_at_twin(account), "CallSid": sid, "CallStatus": "completed"}


class Plivo(_Rest):
    name = "plivo"
    voice, status = "answer", "hangup"
    parameter = "to"
    holds_members_only = True

    def form(self, twin: Twin, name: str) -> AccountForm:
        auth_id, token = "MA" + secrets.token_hex(9).upper(), secrets.token_hex(20)
        twin.put_account(sid=auth_id, auth_token=token)
        return AccountForm({"auth_id": auth_id, "api_url": twin.url}, {"auth_token": token})

    def form_of_an_end(self, account: Account) -> dict[str, str]:
        return {"CallUUID": str(uuid.uuid4()), "Event": "Hangup", "CallStatus": "completed"}

    def full(self, number: str) -> str:
        return "+" + number.removeprefix("+")

    def account_at_twin(self, account: Account) -> str:
        return account.form.settings["auth_id"]


class Exotel(_Rest):
    name = "exotel"
    # It writes numbers in national form, so that only Indian ones come back as they went out.
    prefix, digits = "+919", 9
    voice, status = "passthru", "end"
    asks_for_plans = False

    def form(self, twin: Twin, name: str) -> AccountForm:
        key, token = secrets.token_hex(8), secrets.token_hex(16)
        twin.put_account(sid=name, api_key=key, api_token=token)
        return AccountForm(
            # An agent is dialled first, so that a call tells of its whole life.
            {"account_sid": name, "api_url": twin.url, "agent_number": "+918040000001"},
            {"api_key": key, "api_token": token, "webhook_token": secrets.token_urlsafe(24)},
        )

    def form_of_an_end(self, account: Account) -> dict[str, str]:
        return {"CallSid": secrets.token_hex(16), "CallFrom": self.number(0), "CallTo": account.own_number}

    def send_forgery(self, account: Account) -> None:
        # Nothing is signed: the secret in the URL stands for all of it.
        url = account.urls[self.status].replace("{webhook_token}", secrets.token_urlsafe(24))
        account.twin.send_webhook(url, self.form_of_an_end(account), content_type="application/x-www-form-urlencoded")

    def full(self, number: str) -> str:
        return number if number.startswith("+") else "+91" + number.removeprefix("0")

    def url(self, account: Account, kind: str) -> str:
        # The person writes the secret where the URL shows its place.
        return account.urls[kind].replace("{webhook_token}", account.form.credentials["webhook_token"])


class Sip(Simulated):
    """An exchange, whose news come over its manager interface."""

    name = "sip"
    has_link = True
    lists_all_calls = False

    def form(self, twin: Twin, name: str) -> AccountForm:
        secret = secrets.token_hex(16)
        twin.put_account(user=name, secret=secret)
        endpoint = twin.ask("GET", "endpoint")
        return AccountForm(
            {
                "mode": "both",
                "ami_host": endpoint["host"],
                "ami_port": str(endpoint["tls_port"]),
                "ami_tls": "true",
                # The twin signs its certificate itself.
                "ami_tls_verify": "false",
                "dial_string": "PJSIP/{number}@trunk",
                "dial_context": "from-internal",
                # Extensions of the twin's dialplan.
                "dial_exten": "agent-long",
                "hold_context": "held",
                "hold_exten": "wait",
            },
            {"ami_username": name, "ami_secret": secret, "webhook_secret": secrets.token_hex(16)},
        )

    def asked_to_dial(self, twin: Twin) -> list[str]:
        return [self._number_of(request["fields"]["Channel"]) for request in twin.requests(action="Originate")]

    def dialled(self, twin: Twin) -> list[str]:
        return [self._number_of(call["channel"]) for call in twin.placed()]

    def receive_call(self, account: Account, caller: str) -> str:
        wish = {"account": account.form.credentials["ami_username"], "from": caller, "to": account.own_number}
        return str(account.twin.ask("POST", "inbound", wish)["call"])

    def send_forgery(self, account: Account) -> None:
        body = {"event": "call_ended", "call_id": "1795171296.7", "timestamp": "1795171296"}
        wish = {"url": account.urls["events"], "body": body, "proof": "hmac", "secret": "not-the-secret"}
        account.twin.ask("POST", "webhook", wish)

    def wait_until_joined(self, account: Account, external_call_id: str) -> None:
        # The agent's phone rings only once the customer has answered.
        def is_joined() -> bool:
            user = account.form.credentials["ami_username"]
            calls = account.twin.ask("GET", f"calls?account={user}")["calls"]
            channels = next((call["channels"] for call in calls if call["call"] == external_call_id), [])
            return len(channels) == 2 and channels[0]["bridge"] == channels[1]["bridge"] != ""

        eventually(is_joined, about="the agent talks")

    def _number_of(self, channel: str) -> str:
        found = re.fullmatch(r"PJSIP/(\d+)@trunk", channel)
        assert found is not None, channel
        return "+" + found[1]


SIMULATED: dict[str, Simulated] = {provider.name: provider for provider in (Exotel(), Plivo(), Sip(), Twilio())}
