"""A campaign calls everybody whom it should, once, and tells of it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import numbers
from support.campaigns import TestCampaign, settings
from support.database import one_value, rows
from support.governor import governor_of
from support.numbers import number
from support.settings import shorten_calls
from support.topics import read_topic
from support.twin import Twin, most_at_once
from support.waiting import always, eventually
from trunkline.campaigns.v1 import campaign_pb2 as campaigns
from trunkline.campaigns.v1.campaign_event_pb2 import CampaignEvent, CampaignEventType
from trunkline_local.stack import Stack

CONTACTS = 500
STORIES = (numbers.ANSWERS,) * 7 + (numbers.BUSY, numbers.NO_ANSWER, numbers.DECLINED)


@pytest.fixture(scope="module")
def twin(stack: Stack) -> Twin:
    return shorten_calls(stack)


def called(count: int, story: int = numbers.ANSWERS) -> list[str]:
    return [number(story) for _ in range(count)]


def test_a_campaign_reaches_every_contact_exactly_once(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, [number(STORIES[i % len(STORIES)]) for i in range(CONTACTS)], settings())
    campaign.start()
    eventually(campaign.is_completed, seconds=120)
    assert campaign.problems(twin) == []
    progress = campaign.progress()
    assert progress["contacts_reached"] == CONTACTS * 7 // 10
    assert progress["contacts_exhausted"] == CONTACTS * 3 // 10
    assert progress["attempts_connected"] == CONTACTS * 7 // 10

    endings = Counter(row["disposition"] for row in campaign.attempts())
    assert endings[campaigns.DISPOSITION_CONNECTED] == CONTACTS * 7 // 10
    # Who declines is told as busy by this provider.
    assert endings[campaigns.DISPOSITION_BUSY] == CONTACTS * 2 // 10
    assert endings[campaigns.DISPOSITION_NO_ANSWER] == CONTACTS // 10
    hours = rows(stack, "SELECT sum(attempts) AS attempts FROM campaign_hours WHERE campaign_id = %s", [campaign.id])
    assert hours[0]["attempts"] == CONTACTS

    # Its calls carry it, and its slots ended with them.
    calls = "SELECT count(*) FROM call_history WHERE campaign_id = %s"
    eventually(lambda: one_value(stack, calls, [campaign.id]) == CONTACTS)
    held = "SELECT count(*) FROM active_calls WHERE campaign_id = %s AND released_at IS NULL"
    eventually(lambda: one_value(stack, held, [campaign.id]) == 0)

    # Every fact went to Kafka, in order.
    eventually(lambda: one_value(stack, "SELECT count(*) FROM campaign_events_outbox") == 0)
    events = [CampaignEvent.FromString(message.value()) for message in read_topic(stack, "campaign-events.v1")]
    events = [event for event in events if event.campaign_id == campaign.id]
    kinds = Counter(event.type for event in events)
    assert kinds[CampaignEventType.CAMPAIGN_EVENT_TYPE_ATTEMPT_STARTED] == CONTACTS
    assert kinds[CampaignEventType.CAMPAIGN_EVENT_TYPE_ATTEMPT_ENDED] == CONTACTS
    assert kinds[CampaignEventType.CAMPAIGN_EVENT_TYPE_CONTACT_FINISHED] == CONTACTS
    sequences = [event.sequence for event in events]
    assert sequences == sorted(set(sequences))
    assert events[-1].state_change.to == campaigns.CAMPAIGN_STATE_COMPLETED


def test_who_was_not_reached_is_called_again_and_no_more_than_allowed(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, called(5, numbers.BUSY) + called(5), settings(attempts=3))
    campaign.start()
    eventually(campaign.is_completed, seconds=60)
    assert campaign.problems(twin, most_dials=3) == []
    dialled = Counter(call["to"] for call in twin.calls())
    assert [dialled[to] for to in campaign.numbers] == [3] * 5 + [1] * 5


def test_a_campaign_goes_on_exactly_where_it_was_paused(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, called(200), settings(calls_per_second=40))
    campaign.start()
    for _ in range(10):
        before = campaign.attempts_committed()
        eventually(lambda seen=before: campaign.attempts_committed() > seen or campaign.is_completed())  # type: ignore[misc]
        with ThreadPoolExecutor(3) as pool:
            for _ in range(3):
                pool.submit(campaign.pause)
        if campaign.is_completed():
            break
        paused_at = campaign.attempts_committed()
        always(lambda at=paused_at: campaign.attempts_committed() == at, seconds=0.3)  # type: ignore[misc]
        campaign.start()
    eventually(campaign.is_completed, seconds=60)
    assert campaign.problems(twin) == []


def test_calls_keep_the_distance_that_the_campaign_wants(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, called(6), settings(call_spacing={"nanos": 300_000_000}))
    campaign.start()
    eventually(campaign.is_completed, seconds=60)
    at = [row["committed_at"] for row in campaign.attempts()]
    assert min((later - earlier).total_seconds() for earlier, later in zip(at, at[1:])) >= 0.3


def test_a_campaign_keeps_its_own_limit(stack: Stack, twin: Twin) -> None:
    campaign = TestCampaign(stack, called(30), settings(max_concurrent_calls=3))
    campaign.start()
    eventually(campaign.is_completed, seconds=120)
    assert campaign.problems(twin) == []
    assert most_at_once([call for call in twin.calls() if call["to"] in campaign.numbers]) <= 3


def test_calls_of_a_campaign_without_an_account_count_for_the_one_that_is_chosen(stack: Stack, twin: Twin) -> None:
    account_id = str(stack.demo.value("provider_account_id"))
    campaign = TestCampaign(stack, called(12), settings())
    with governor_of(stack) as governor:
        governor.limit_account(account_id, max_concurrent_calls=2)
        try:
            campaign.start()
            eventually(campaign.is_completed, seconds=120)
        finally:
            governor.clear_account(account_id)
    assert campaign.problems(twin) == []
    assert most_at_once([call for call in twin.calls() if call["to"] in campaign.numbers]) == 2
