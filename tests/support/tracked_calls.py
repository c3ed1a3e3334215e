"""What our tables and topics tell of the calls of call-tracking accounts, in the words of the twin's truth.

Topics are read message by message, because there may be more in them than memory has room for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from support.database import rows
from support.streams import CALLS, EVENTS, RAW
from support.topics import each_message
from trunkline.calls.v1 import call_pb2 as calls
from trunkline.events.v1.call_event_pb2 import CallEvent
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.stack import Stack

READING_SECONDS = 600
Told = dict[str, Any]


def text_of(time_: Any) -> str | None:
    """As the twin writes times; None for none."""
    if time_ is None:
        return None
    if isinstance(time_, datetime):
        at = time_.astimezone(UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    if time_.seconds == 0 and time_.nanos == 0:
        return None
    return text_of(datetime.fromtimestamp(time_.seconds, UTC).replace(microsecond=time_.nanos // 1000))


def money_of(details: calls.CallDetails, name: str) -> str:
    micros = getattr(details, name).micros if details.HasField(name) else 0  # type: ignore[arg-type]
    return f"{micros / 1_000_000:.4f}"


def told_by(record: calls.CallRecord) -> Told:
    """What of a record the truth has a word on."""
    details = record.details
    name = calls.CallStatus.Name(record.status).removeprefix("CALL_STATUS_").lower()
    return {
        "status": name,
        "campaign_id": details.tracking_campaign_id or None,
        "tracking_number": details.to or None,
        "destination_number": details.forwarded_to or None,
        "publisher_id": details.publisher_id or None,
        "buyer_id": details.buyer_id or None,
        "started_at": text_of(details.started_at),
        "ended_at": text_of(details.ended_at) if details.HasField("ended_at") else None,
        "revenue": money_of(details, "revenue"),
        "payout": money_of(details, "payout"),
        "cost": money_of(details, "cost"),
        "converted": details.converted,
        "provider_updated_at": text_of(details.record_changed_at) if details.HasField("record_changed_at") else None,
        "tags": dict(details.tracking_tags.values),
    }


def rows_of(stack: Stack, account_id: str) -> dict[str, Told]:
    """The account's rows by the platform's id; fails when a call has two."""
    sql = (
        "SELECT external_call_id, status, started_at, ended_at FROM call_history WHERE provider_account_id = %s "
        "UNION ALL SELECT external_call_id, status, started_at, ended_at FROM call_queue WHERE provider_account_id = %s"
    )
    found = rows(stack, sql, [account_id, account_id])
    told = {
        row["external_call_id"]: {
            "status": row["status"],
            "started_at": text_of(row["started_at"]),
            "ended_at": text_of(row["ended_at"]),
        }
        for row in found
    }
    assert len(told) == len(found), "a call has two rows"
    return told


def published_calls(stack: Stack, account_ids: Collection[str]) -> dict[str, dict[str, Told]]:
    """The latest that was published of each call, by account and by the platform's id."""
    found: dict[str, dict[str, Told]] = {account_id: {} for account_id in account_ids}
    latest: dict[bytes, bytes] = {
        message.key(): message.value() for message in each_message(stack, CALLS, seconds=READING_SECONDS)
    }
    for value in latest.values():
        record = calls.CallRecord.FromString(value)
        of_account = found.get(record.details.provider_account_id)
        if of_account is not None:
            of_account[record.details.external_call_id] = told_by(record)
    return found


def published_event_ids(stack: Stack) -> Counter[str]:
    """How often each event was published."""
    return Counter(
        CallEvent.FromString(message.value()).event_id
        for message in each_message(stack, EVENTS, seconds=READING_SECONDS)
    )


def stored_event_ids(stack: Stack) -> set[str]:
    return {str(row["event_id"]) for row in rows(stack, "SELECT event_id FROM call_events")}


def kept_webhooks(stack: Stack) -> Counter[str]:
    """How many webhooks of each account were kept; records that were read are none."""
    kept: Counter[str] = Counter()
    for message in each_message(stack, RAW, seconds=READING_SECONDS):
        raw = RawWebhook.FromString(message.value())
        kept[raw.provider_account_id] += not raw.HasField("record")
    return kept
