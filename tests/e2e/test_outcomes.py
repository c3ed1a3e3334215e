"""Every way in which a dial can end, and what is told of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from support import numbers
from support.client import Client
from support.database import one_value, rows
from support.numbers import number
from support.settings import shorten_calls, shorten_doubts
from support.twin import Twin
from support.waiting import eventually
from trunkline.calls.v1.call_pb2 import ANSWERED_BY_MACHINE, CallErrorCode, CallStatus, HangupCause
from trunkline.control.v1.call_control_service_pb2 import Call, DialState
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Pause, Verb
from trunkline_local.stack import Stack


@dataclass(frozen=True)
class Outcome:
    dialled: int
    status: str
    cause: str
    dial: str = "placed"
    error: str = "unspecified"
    provider_code: str = ""
    # How often the provider has the call.
    placed: int = 1
    fields: dict[str, Any] = field(default_factory=dict)


SHORT_RING = {"ring_timeout": {"seconds": 5}}

TOO_MANY = "too many requests"
OUTCOMES = {
    "answered": Outcome(numbers.ANSWERS, "completed", "user_hangup"),
    "busy": Outcome(numbers.BUSY, "busy", "busy"),
    "no answer": Outcome(numbers.NO_ANSWER, "no_answer", "timeout", fields=SHORT_RING),
    "unreachable": Outcome(
        numbers.UNREACHABLE, "failed", "invalid_number", error="invalid_number", provider_code="404"
    ),
    "declined": Outcome(numbers.DECLINED, "busy", "rejected"),
    "machine": Outcome(numbers.MACHINE, "completed", "user_hangup", fields={"detect_machine": True}),
    "number refused": Outcome(
        numbers.REFUSED_NUMBER,
        "failed",
        "invalid_number",
        dial="rejected",
        error="invalid_number",
        provider_code="21211",
        placed=0,
    ),
    TOO_MANY: Outcome(
        numbers.TOO_MANY_REQUESTS,
        "failed",
        "provider_error",
        dial="rejected",
        error="rate_limited",
        provider_code="20429",
        placed=0,
    ),
    "error although placed": Outcome(numbers.ERROR_BUT_PLACED, "completed", "user_hangup"),
    "reply lost although placed": Outcome(numbers.LOST_REPLY_BUT_PLACED, "completed", "user_hangup"),
    "reply too late": Outcome(numbers.SLOW_REPLY, "completed", "user_hangup"),
    "error and not placed": Outcome(
        numbers.ERROR_NOT_PLACED, "failed", "provider_error", dial="not_placed", error="unavailable", placed=0
    ),
}
IN_DOUBT = ("error although placed", "reply lost although placed", "reply too late", "error and not placed")


@pytest.fixture(scope="module")
def twin(stack: Stack) -> Twin:
    shorten_doubts(stack)
    return shorten_calls(stack)


def dial_of(call: Call) -> str:
    return DialState.Name(call.dial.state).removeprefix("DIAL_STATE_").lower()


def status_of(call: Call) -> str:
    return CallStatus.Name(call.record.status).removeprefix("CALL_STATUS_").lower()


def cause_of(call: Call) -> str:
    return HangupCause.Name(call.record.hangup.cause).removeprefix("HANGUP_CAUSE_").lower()


def error_of(call: Call) -> str:
    return CallErrorCode.Name(call.record.error.code).removeprefix("CALL_ERROR_CODE_").lower()


@dataclass(frozen=True)
class Placed:
    to: str
    first: Call


@pytest.fixture(scope="module")
def placed(stack: Stack, client: Client) -> dict[str, Placed]:
    """At once, as some outcomes take seconds; but a provider that took one call too many is given fewer from then on, so
    that the others must have their slots by then."""
    to = {name: number(outcome.dialled) for name, outcome in OUTCOMES.items()}
    others = [name for name in OUTCOMES if name != TOO_MANY]
    admitted = "SELECT count(*) FROM dial_intents WHERE to_number = ANY (%s)"

    def place(name: str) -> Placed:
        return Placed(to[name], client.place(to[name], **OUTCOMES[name].fields))

    with ThreadPoolExecutor(len(OUTCOMES)) as pool:
        dials = {name: pool.submit(place, name) for name in others}
        eventually(lambda: one_value(stack, admitted, [[to[name] for name in others]]) == len(others))
        dials[TOO_MANY] = pool.submit(place, TOO_MANY)
        return {name: dial.result() for name, dial in dials.items()}


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_call_ends_as_its_provider_tells(
    stack: Stack, client: Client, twin: Twin, placed: dict[str, Placed], name: str
) -> None:
    expected = OUTCOMES[name]
    to, first = placed[name].to, placed[name].first
    if name in IN_DOUBT:
        assert dial_of(first) == "in_doubt"
        assert first.record.error.retryable is False
    call_id = first.record.call_id

    call = eventually(
        lambda: client.get(call_id),
        seconds=30,
        until=lambda found: (status_of(found), dial_of(found)) == (expected.status, expected.dial),
        about=f"{expected.status}, {expected.dial}",
    )
    assert cause_of(call) == expected.cause
    assert error_of(call) == expected.error
    assert call.record.error.provider_code == expected.provider_code
    assert len(twin.calls(to=to)) == expected.placed
    assert len(twin.requests(method="POST", to=to)) == 1

    stored = eventually(lambda: rows(stack, "SELECT * FROM call_history WHERE call_id = %s", [call_id]))
    assert (stored[0]["status"], stored[0]["hangup_cause"]) == (expected.status, expected.cause)
    intent = one_value(stack, "SELECT state FROM dial_intents WHERE call_id = %s", [call_id])
    assert intent == expected.dial


def test_a_machine_that_answers_is_told(client: Client, twin: Twin) -> None:
    # The detection takes some seconds, in which a plan that hangs up would be at its end.
    plan = CallPlan(verbs=[Verb(pause=Pause(length={"seconds": 60}))])
    call_id = client.place(number(numbers.MACHINE), detect_machine=True, plan=plan).record.call_id
    answered_by = eventually(lambda: client.get(call_id).record.details.answered_by)
    assert answered_by == ANSWERED_BY_MACHINE


def test_a_dial_in_doubt_is_found_by_its_own_webhook(client: Client, twin: Twin) -> None:
    call_id = client.place(number(numbers.LOST_REPLY_BUT_PLACED)).record.call_id
    call = eventually(lambda: client.get(call_id), until=lambda found: dial_of(found) == "placed")
    assert call.dial.resolved_by == "webhook"


def test_a_dial_in_doubt_is_found_in_the_providers_list_without_webhooks(client: Client, twin: Twin) -> None:
    twin.configure(webhook_loss=1.0)
    try:
        call_id = client.place(number(numbers.ERROR_BUT_PLACED)).record.call_id
        call = eventually(lambda: client.get(call_id), until=lambda found: dial_of(found) == "placed")
    finally:
        twin.configure(webhook_loss=0.0)
    assert call.dial.resolved_by in ("listing", "webhook")
    assert call.record.details.external_call_id.startswith("CA")
