"""Further businesses beside the demo's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from support.client import PLAN, Client, client_of
from trunkline.accounts.v1 import provider_account_service_pb2 as accounts
from trunkline_local.stack import Stack


@dataclass(frozen=True)
class Business:
    business_id: str
    api_key: str
    api_key_id: str
    provider_account_id: str
    account_sid: str
    auth_token: str
    number: str


def create_business(stack: Stack, name: str, number: str) -> Business:
    """With a key, a provider account at the twin, which must be told of it, and a number."""
    account_sid, auth_token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    business_id = str(stack.trunkctl.run_json("business", "create", f"--name={name}")["business_id"])
    key = stack.trunkctl.run_json("key", "create", f"--business={business_id}", "--name=tests")
    with client_of(stack, str(key["api_key"])) as client:
        account = accounts.ProviderAccount(
            provider="twilio",
            display_name=name,
            settings={"api_url": stack.twin_url(), "account_sid": account_sid},
            credentials={"auth_token": auth_token},
            is_default=True,
        )
        provider_account_id = add_account(client, account, number)
    return Business(
        business_id,
        str(key["api_key"]),
        str(key["api_key_id"]),
        provider_account_id,
        account_sid,
        auth_token,
        number,
    )


def add_account(client: Client, account: accounts.ProviderAccount, number: str) -> str:
    """Enabled, with a number of its own; gives its id."""
    account.enabled = True
    created = client.accounts.CreateProviderAccount(
        accounts.CreateProviderAccountRequest(account=account), metadata=client.metadata, timeout=20
    ).account
    put = accounts.PutPhoneNumberRequest(
        phone_number=accounts.PhoneNumber(
            number=number, provider_account_id=created.provider_account_id, is_default=True, inbound_plan=PLAN
        )
    )
    client.accounts.PutPhoneNumber(put, metadata=client.metadata, timeout=20)
    return str(created.provider_account_id)
