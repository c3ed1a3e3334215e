"""Plivo's own helper library signs, and the running ingest judges; what ingest answers is what the library writes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from plivo import plivoxml
from plivo.utils import validate_signature
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3
from support.client import Client
from support.database import rows
from support.simulated_providers import SIMULATED, Account
from support.waiting import eventually
from trunkline_local.stack import Stack

CALLER = "15550100001"


@pytest.fixture(scope="module")
def account(stack: Stack, client: Client) -> Account:
    return SIMULATED["plivo"].open_account(stack, client)


@pytest.fixture(scope="module")
def account_with_v2(stack: Stack, client: Client) -> Account:
    return SIMULATED["plivo"].open_account(stack, client, {"webhook_signatures": "v2"})


def answer_form(account: Account) -> dict[str, str]:
    """What is asked when somebody calls."""
    return {
        "CallUUID": str(uuid.uuid4()),
        "From": CALLER,
        "To": account.own_number.removeprefix("+"),
        "Direction": "inbound",
        "CallStatus": "ringing",
        "Event": "StartApp",
        "ParentAuthID": account.form.settings["auth_id"],
        "CallerName": "+15550100001 ☎",
    }


def token_of(account: Account) -> str:
    return account.form.credentials["auth_token"]


def v3_headers(account: Account, method: str, url: str, form: dict[str, str], token: str = "") -> dict[str, str]:
    nonce = secrets.token_hex(10)
    to_sign = construct_get_url(url, dict(form)) if method == "GET" else construct_post_url(url, dict(form))
    signature = get_signature_v3(token or token_of(account), to_sign.decode(), nonce).decode()
    return {"X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": nonce}


def v2_headers(account: Account, url: str) -> dict[str, str]:
    """The library only judges V2; what it accepts is what we send."""
    nonce = secrets.token_hex(10)
    base = urlsplit(url)._replace(query="", fragment="").geturl()
    digest = hmac.new(token_of(account).encode(), (base + nonce).encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    assert validate_signature(url, nonce, signature, token_of(account))
    return {"X-Plivo-Signature-V2": signature, "X-Plivo-Signature-V2-Nonce": nonce}


def url_of(account: Account) -> str:
    """The fragment is for Plivo alone."""
    return account.urls["answer"].partition("#")[0]


def send(method: str, url: str, form: dict[str, str], headers: dict[str, str], target: str = "") -> requests.Response:
    """By GET the parameters are a part of the URL."""
    if method == "GET":
        return requests.get(target or url, params=form, headers=headers, timeout=10)
    return requests.post(target or url, data=form, headers=headers, timeout=10)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_the_library_signs_is_taken(stack: Stack, account: Account, method: str) -> None:
    form, url = answer_form(account), url_of(account)
    answer = send(method, url, form, v3_headers(account, method, url, form))
    assert answer.status_code == 200, answer.text
    found = "SELECT * FROM call_queue WHERE external_call_id = %s"
    [row] = eventually(lambda: rows(stack, found, [form["CallUUID"]]))
    assert (row["direction"], row["from_number"], row["to_number"]) == ("inbound", "+" + CALLER, account.own_number)


def test_the_answer_is_what_the_library_would_write(account: Account) -> None:
    form, url = answer_form(account), url_of(account)
    answer = send("POST", url, form, v3_headers(account, "POST", url, form))
    wanted = plivoxml.ResponseElement()
    wanted.add(plivoxml.SpeakElement("Good morning."))
    wanted.add(plivoxml.HangupElement())

    def parts(xml: str) -> list[tuple[str, str]]:
        return [(element.tag, (element.text or "").strip()) for element in ElementTree.fromstring(xml)]

    assert parts(answer.text) == parts(wanted.to_string())


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("tampered", ["parameter", "more", "path", "nonce", "token", "unsigned"])
def test_what_was_tampered_with_is_refused(stack: Stack, account: Account, method: str, tampered: str) -> None:
    form, url = answer_form(account), url_of(account)
    headers = v3_headers(account, method, url, form, token="x" * 40 if tampered == "token" else "")
    target = url
    if tampered == "parameter":
        form["From"] = "15550100666"
    elif tampered == "more":
        form["Extra"] = "1"
    elif tampered == "path":
        target = url.replace("/answer", "/hangup")
    elif tampered == "nonce":
        headers["X-Plivo-Signature-V3-Nonce"] += "0"
    elif tampered == "unsigned":
        headers = {}
    answer = send(method, url, form, headers, target)
    assert answer.status_code == 403
    assert rows(stack, "SELECT FROM call_queue WHERE external_call_id = %s", [form["CallUUID"]]) == []


def test_v2_is_taken_where_the_business_allows_it(stack: Stack, account_with_v2: Account) -> None:
    form, url = answer_form(account_with_v2), url_of(account_with_v2)
    headers = v2_headers(account_with_v2, url)
    assert send("POST", url, form, headers).status_code == 200
    headers["X-Plivo-Signature-V2-Nonce"] += "0"
    assert send("POST", url, form, headers).status_code == 403


def test_v2_is_refused_elsewhere(account: Account) -> None:
    form, url = answer_form(account), url_of(account)
    assert send("POST", url, form, v2_headers(account, url)).status_code == 403
