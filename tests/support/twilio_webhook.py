"""Webhooks as Twilio sends them, signed by Twilio's own library."""

from __future__ import annotations

import requests
from trunkline_local.stack import Stack
from twilio.request_validator import RequestValidator


def send_twilio_webhook(
    stack: Stack,
    path: str,
    form: dict[str, str],
    auth_token: str | None = None,
    signature: str | None = None,
    seconds: float = 10,
) -> requests.Response:
    """`path` with its query, such as "/telephony/webhook/twilio/status". Signed with the demo account's token."""
    token = stack.demo.auth_token() if auth_token is None else auth_token
    signed = signature or RequestValidator(token).compute_signature(stack.public_url() + path, form)
    return requests.post(stack.ingest_url() + path, data=form, headers={"X-Twilio-Signature": signed}, timeout=seconds)
