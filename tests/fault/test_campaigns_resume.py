"""Promise 7: a campaign goes on exactly where it stopped, whoever dies, freezes or leaves."""

from __future__ import annotations

import time

import pytest
from support import numbers
from support.campaign_faults import CampaignFaults
from support.campaigns import TestCampaign, settings
from support.chance import seeded_random
from support.database import one_value
from support.numbers import number
from support.settings import shorten_calls
from support.stacks import MakeStack
from support.twin import Twin
from support.waiting import always, eventually
from trunkline_local.service import Service
from trunkline_local.stack import Stack

CONTACTS = 500
KILLS = 10
SCHEDULERS = ("campaign-scheduler", "scheduler-2")
SILENCE_SECONDS = 2
BEATS = {"HEARTBEAT_INTERVAL": "500", "ORPHAN_DETECTION_THRESHOLD": str(SILENCE_SECONDS * 1000)}


def called(count: int) -> list[str]:
    return [number(numbers.ANSWERS) for _ in range(count)]


def test_nobody_is_called_twice_or_skipped_while_schedulers_die(make_stack: MakeStack) -> None:
    """`./trunkline bench campaign_faults` is the same with governor and gateway, and as many contacts as one likes."""
    seed = seeded_random().randrange(2**32)
    run = CampaignFaults(make_stack("embedded"), CONTACTS, KILLS, seed, victims=("campaign-scheduler",))
    outcome = run.go()
    print("\n".join(outcome.lines()))
    assert outcome.problems == []
    assert outcome.kills.total() > 0, "else nothing was proven"
    assert max(outcome.recoveries) < 10


@pytest.fixture
def stack(make_stack: MakeStack) -> Stack:
    """With two schedulers."""
    stack = make_stack("embedded")
    stack.add_scheduler(SCHEDULERS[1])
    for name in SCHEDULERS:
        stack[name].overrides.update(BEATS)
    stack.start()
    return stack


@pytest.fixture
def twin(stack: Stack) -> Twin:
    return shorten_calls(stack)


def owner_of(stack: Stack, campaign: TestCampaign) -> Service | None:
    """The scheduler that runs it, if any does."""
    address = campaign.owner()
    schedulers = [service for service in stack.services() if service.name in SCHEDULERS]
    return next((service for service in schedulers if address.endswith(f":{service.port('grpc-port')}")), None)


def begin(stack: Stack, contacts: int = 300, attempts: int = 1) -> tuple[TestCampaign, Service]:
    """A campaign at work, and who runs it."""
    campaign = TestCampaign(stack, called(contacts), settings(attempts, calls_per_second=20))
    campaign.start()
    eventually(lambda: campaign.attempts_committed() > 10)
    owner = owner_of(stack, campaign)
    assert owner is not None
    return campaign, owner


def test_a_frozen_owner_writes_nothing_and_dials_nothing_when_it_thaws(stack: Stack, twin: Twin) -> None:
    campaign, frozen = begin(stack)
    epoch = campaign.progress()["epoch"]
    frozen.process.freeze()
    try:
        eventually(lambda: campaign.progress()["epoch"] > epoch, seconds=30, about="another takes over")
        taken_over = campaign.attempts_committed()
        eventually(lambda: campaign.attempts_committed() > taken_over + 20, about="the campaign goes on")
    finally:
        frozen.process.thaw()
    eventually(campaign.is_completed, seconds=90)
    assert campaign.problems(twin) == []
    late = "SELECT count(*) FROM attempts WHERE campaign_id = %s AND epoch = %s AND committed_at > %s"
    takeover = campaign.attempts()[taken_over - 1]["committed_at"]
    assert one_value(stack, late, [campaign.id, epoch, takeover]) == 0
    assert frozen.is_ready()


def test_a_killed_owner_is_replaced_within_seconds(stack: Stack, twin: Twin) -> None:
    campaign, killed = begin(stack)
    before, at = campaign.attempts_committed(), time.monotonic()
    killed.kill()
    eventually(lambda: campaign.attempts_committed() > before + 5, about="the campaign goes on")
    assert time.monotonic() - at < 10
    assert owner_of(stack, campaign) is not killed
    eventually(campaign.is_completed, seconds=90)
    assert campaign.problems(twin) == []


def test_an_owner_that_is_told_to_end_hands_over_at_once(stack: Stack, twin: Twin) -> None:
    campaign, leaving = begin(stack)
    epoch, at = campaign.progress()["epoch"], time.monotonic()
    leaving.process.send(15)
    # The epoch is raised once as it is handed over, and once as it is taken.
    eventually(lambda: campaign.progress()["epoch"] >= epoch + 2, about="another takes over")
    took = time.monotonic() - at
    print(f"handed over in {took:.2f} s")
    assert took < 1
    leaving.stop()
    eventually(campaign.is_completed, seconds=90)
    assert campaign.problems(twin) == []


def test_outcomes_that_are_told_late_are_waited_for(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, called(20), settings())
    stack["normalizer"].kill()
    campaign.start()
    eventually(lambda: campaign.attempts_committed() == 20)
    always(lambda: campaign.progress()["contacts_in_flight"] == 20, seconds=2, about="nothing is guessed")
    for name in SCHEDULERS:
        stack[name].kill()
        stack[name].start()
    stack["normalizer"].start()
    eventually(campaign.is_completed, seconds=90)
    assert campaign.problems(twin) == []


def test_without_its_gateway_an_attempt_waits_for_a_certain_answer(stack: Stack, twin: Twin) -> None:
    # An intent that died with the gateway before the provider was asked is a failed attempt: those are tried again.
    campaign, _ = begin(stack, contacts=150, attempts=3)
    stack["gateway"].kill()
    always(lambda: not campaign.is_completed(), seconds=1)
    stack["gateway"].start()
    eventually(campaign.is_completed, seconds=120)
    assert campaign.problems(twin) == []
