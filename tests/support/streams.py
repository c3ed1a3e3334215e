"""The messages of Trunkline's topics, decoded."""

from __future__ import annotations

from dataclasses import dataclass

from support.topics import headers, read_topic
from trunkline.calls.v1.call_pb2 import CallRecord
from trunkline.events.v1.call_event_pb2 import CallEvent
from trunkline.webhooks.v1.dead_letter_pb2 import DeadLetter
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.stack import Stack

RAW = "webhooks.raw.v1"
EVENTS = "call-events.v1"
CALLS = "calls.v1"
DEAD_LETTERS = "webhooks.dead-letter.v1"
ALL = (RAW, EVENTS, CALLS, DEAD_LETTERS, "campaign-events.v1")


@dataclass(frozen=True)
class PublishedEvent:
    key: str
    headers: dict[str, str]
    event: CallEvent


def raw_webhooks(stack: Stack) -> list[RawWebhook]:
    return [RawWebhook.FromString(message.value()) for message in read_topic(stack, RAW)]


def published_events(stack: Stack, call_id: str = "") -> list[PublishedEvent]:
    """What a read_committed consumer sees; of one call when it is named."""
    found = [
        PublishedEvent(message.key().decode(), headers(message), CallEvent.FromString(message.value()))
        for message in read_topic(stack, EVENTS)
    ]
    return [event for event in found if not call_id or event.event.call_id == call_id]


def latest_record(stack: Stack, call_id: str) -> CallRecord | None:
    """What a compacted topic keeps of the call."""
    records = [message for message in read_topic(stack, CALLS) if message.key().decode() == call_id]
    return CallRecord.FromString(records[-1].value()) if records else None


def dead_letters(stack: Stack) -> list[DeadLetter]:
    return [DeadLetter.FromString(message.value()) for message in read_topic(stack, DEAD_LETTERS)]
