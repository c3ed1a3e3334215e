"""Dead letters, seen and sent again by an operator."""

from __future__ import annotations

import base64
import json
import secrets
import uuid

import pytest
from support.businesses import create_business
from support.database import connect, one_value, rows
from support.streams import RAW, published_events
from support.topics import headers, produce, read_topic
from support.twilio_webhook import send_twilio_webhook
from support.waiting import eventually
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack


def letters(stack: Stack, *filters: str) -> list[dict[str, object]]:
    done = stack.trunkctl.run("dead-letters", "list", *filters, "--json")
    return [json.loads(line) for line in done.splitlines()]


def outcomes(stack: Stack, webhook_id: object) -> list[str]:
    found = rows(stack, "SELECT outcome FROM webhook_logs WHERE webhook_id = %s ORDER BY raw_offset", [webhook_id])
    return [str(row["outcome"]) for row in found]


def test_a_dead_letter_is_replayed_once_its_cause_is_mended(stack: Stack) -> None:
    # A call is ours by mistake: the webhook of its owner is refused.
    owner = create_business(stack, "Owner", "+15550100091")
    call_id, sid = str(uuid.uuid4()), "CA" + secrets.token_hex(16)
    form = {"AccountSid": stack.demo.account_sid(), "CallSid": sid, "CallStatus": "ringing"}
    assert send_twilio_webhook(stack, f"/telephony/webhook/twilio/status?call={call_id}", form).status_code == 200
    eventually(lambda: rows(stack, "SELECT 1 FROM call_queue WHERE call_id = %s", [call_id]))
    path = f"/telephony/webhook/twilio/status?account={owner.provider_account_id}&call={call_id}"
    form |= {"AccountSid": owner.account_sid}
    assert send_twilio_webhook(stack, path, form, auth_token=owner.auth_token).status_code == 200
    mine = f"--account={owner.provider_account_id}"
    [letter] = eventually(lambda: letters(stack, mine))
    assert (letter["reason"], letter["call_id"], letter["attempt"]) == ("FOREIGN_CALL", call_id, 1)
    assert letters(stack, mine, "--reason=FOREIGN_CALL", "--since=1h") == [letter]
    assert letters(stack, mine, "--reason=MAPPING_FAILED") == letters(stack, mine, "--before=1h") == []
    # The letter, and on a line of its own the webhook in it.
    _, webhook = stack.trunkctl.run("dead-letters", "show", str(letter["id"]), "--json").splitlines()
    assert sid.encode() in base64.b64decode(json.loads(webhook)["http"]["body"])

    with connect(stack) as connection:
        connection.execute("DELETE FROM call_queue WHERE call_id = %s", [call_id])
    stack.trunkctl.run("dead-letters", "replay", str(letter["id"]), "--dry-run")
    for replays in (1, 2):
        stack.trunkctl.run("dead-letters", "replay", str(letter["id"]))
        eventually(lambda: len(outcomes(stack, letter["webhook_id"])) == 1 + replays)
    assert outcomes(stack, letter["webhook_id"]) == ["dead_letter", "processed", "duplicate"]
    assert str(one_value(stack, "SELECT business_id FROM call_queue WHERE call_id = %s", [call_id])) == owner.business_id
    theirs = [found for found in published_events(stack, call_id) if found.event.business_id == owner.business_id]
    assert len(theirs) == 1

    first, second, third = (
        message
        for message in read_topic(stack, RAW)
        if headers(message)["ce_id"] == letter["webhook_id"]
    )
    assert first.value() == second.value() == third.value()
    assert first.key() == second.key() == third.key()
    assert headers(second) == headers(third) == headers(first) | {"attempt": "2"}


def test_what_is_no_webhook_is_shown_and_replayed_too(stack: Stack) -> None:
    produce(stack, RAW, "nonsense", b"\xff\xfe")
    [letter] = eventually(lambda: letters(stack, "--reason=UNREADABLE_MESSAGE"))
    assert letter["key"] == "nonsense"
    assert "//4=" in stack.trunkctl.run("dead-letters", "show", str(letter["id"]))
    stack.trunkctl.run("dead-letters", "replay", "--reason=UNREADABLE_MESSAGE")
    eventually(lambda: len(letters(stack, "--reason=UNREADABLE_MESSAGE")) == 2)


@pytest.mark.parametrize("words", [["replay"], ["replay", "no/0/1"], ["show", "no/0/1"], ["list", "--since=soon"]])
def test_a_choice_that_cannot_be_meant_is_refused(stack: Stack, words: list[str]) -> None:
    with pytest.raises(Failure):
        stack.trunkctl.run("dead-letters", *words)
