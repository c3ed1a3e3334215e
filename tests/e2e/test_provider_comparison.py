"""Providers side by side: after some calls, over the API, the command line and the metrics."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from support import numbers
from support.businesses import create_business
from support.client import Client, client_of, wrong_fields_of
from support.database import one_value
from support.gateway import gateway_channel
from support.numbers import number
from support.progress import metric
from support.simulated_providers import SIMULATED, Account
from support.waiting import eventually
from trunkline.providers.v1 import provider_service_pb2 as providers
from trunkline.providers.v1.provider_service_pb2_grpc import ProviderServiceStub
from trunkline_local.stack import Stack

# Stories of the calls over each account.
STORIES = (numbers.ANSWERS, numbers.ANSWERS, numbers.BUSY, numbers.UNREACHABLE)
ENDED = "trunkline_normalizer_calls_ended_total"
SECONDS = 20


@pytest.fixture(scope="module")
def accounts(stack: Stack, client: Client) -> list[Account]:
    """Each with calls that have ended."""
    accounts = [SIMULATED[name].open_account(stack, client) for name in ("plivo", "twilio")]
    for account in accounts:
        for story in STORIES:
            client.place(account.number(story), provider_account_id=account.id)
    ended = "SELECT count(*) FROM call_history"
    eventually(lambda: one_value(stack, ended) == len(accounts) * len(STORIES), about="all calls have ended")
    asked = "SELECT count(*) FROM provider_requests"
    eventually(lambda: one_value(stack, asked) >= len(accounts) * len(STORIES), about="requests are written")
    return accounts


def compare(stack: Stack, client: Client, **fields: Any) -> providers.CompareProvidersResponse:
    with gateway_channel(stack) as channel:
        return ProviderServiceStub(channel).CompareProviders(
            providers.CompareProvidersRequest(**fields), metadata=client.metadata, timeout=SECONDS
        )


def test_each_provider_and_account_has_its_figures(stack: Stack, client: Client, accounts: list[Account]) -> None:
    compared = compare(stack, client)
    assert [found.provider for found in compared.providers] == ["plivo", "twilio"]
    for account, found in zip(accounts, compared.providers, strict=True):
        [of_account] = found.accounts
        assert of_account.provider_account_id == account.id
        assert of_account.figures == found.figures
        assert found.figures.calls == len(STORIES)
        assert found.figures.success_rate == pytest.approx(3 / 4)
        assert found.figures.answer_rate == pytest.approx(2 / 4)
        assert found.figures.api_latency.count >= len(STORIES)
        assert found.figures.api_latency.median.ToMicroseconds() > 0
        assert found.figures.webhook_time.count >= len(STORIES)


def test_another_business_compares_its_own_calls(stack: Stack, accounts: list[Account]) -> None:
    other = create_business(stack, "other", number(numbers.ANSWERS))
    with client_of(stack, other.api_key) as client:
        assert list(compare(stack, client).providers) == []


def test_a_range_that_makes_no_sense_is_told_so(stack: Stack, client: Client) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        compare(stack, client, started_after={"seconds": 2}, started_before={"seconds": 1})
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert wrong_fields_of(refused.value) == ["started_after"]


def test_the_command_line_shows_them(stack: Stack, accounts: list[Account]) -> None:
    key = {"TRUNKLINE_API_KEY": stack.demo.value("api_key")}
    told = stack.trunkctl.run_json("providers", "compare", "--since=1h", "--direction=outbound", extra=key)
    assert [found["provider"] for found in told["providers"]] == ["plivo", "twilio"]
    text = stack.trunkctl.run("providers", "compare", extra=key)
    for account in accounts:
        [line] = [line for line in text.splitlines() if account.id in line]
        assert "75.0 %" in line and "50.0 %" in line


def test_the_metrics_tell_the_same(stack: Stack, accounts: list[Account]) -> None:
    for account in accounts:
        of = {"provider": account.provider.name, "direction": "outbound"}
        answered = {**of, "status": "completed", "answered": "yes"}
        eventually(lambda wanted=answered: metric(stack.normalizer, ENDED, **wanted) == 2, about=str(answered))
        for status in ("busy", "failed"):
            assert metric(stack.normalizer, ENDED, **of, status=status, answered="no") == 1
