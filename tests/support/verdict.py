"""Whether every fact is there exactly once, and every call as its facts say (promises 3 and 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from support.database import rows
from support.streams import CALLS, published_events
from support.synthetic_calls import Callback, SyntheticCall
from support.topics import read_topic
from trunkline.calls.v1.call_pb2 import CallRecord, CallStatus
from trunkline_local.stack import Stack

FACTS = """
SELECT event_id::text, call_id::text, sequence, external_call_id AS sid
FROM call_events
JOIN (SELECT call_id, external_call_id FROM call_queue UNION ALL SELECT call_id, external_call_id FROM call_history) c
USING (call_id)
WHERE source = 'provider'
"""


def expect_each_fact_once(
    stack: Stack, sent: Collection[Callback], unanswered: Collection[Callback] = frozenset()
) -> None:
    """Each of `sent`, which is without duplicates, is one fact, stored once and published once. So is any of
    `unanswered` that is there at all. Nothing else is there of their calls."""
    sids = {callback.call_sid for callback in (*sent, *unanswered)}
    facts = [fact for fact in rows(stack, FACTS) if fact["sid"] in sids]
    calls = {fact["call_id"] for fact in facts}
    stored = Counter(fact["event_id"] for fact in facts)
    events = [found.event for found in published_events(stack)]
    published = Counter(event.event_id for event in events if event.call_id in calls)

    told = Counter((fact["sid"], fact["sequence"]) for fact in facts)
    assert [key for key, times in told.items() if times != 1] == [], "stored twice"
    must = {(callback.call_sid, callback.sequence) for callback in sent}
    may = {(callback.call_sid, callback.sequence) for callback in unanswered}
    assert sorted(must - told.keys()) == [], "acknowledged, but not stored"
    assert sorted(told.keys() - must - may) == [], "stored, but never sent"
    assert [fact for fact, times in stored.items() if times != 1] == [], "stored twice"
    assert [fact for fact, times in published.items() if times != 1] == [], "published twice"
    assert sorted(stored.keys() - published.keys()) == [], "stored, but never published"
    assert sorted(published.keys() - stored.keys()) == [], "published, but not stored"


def expect_final_states(stack: Stack, calls: Collection[SyntheticCall]) -> None:
    found = {row["external_call_id"]: row for row in rows(stack, "SELECT * FROM call_history")}
    live = {row["external_call_id"]: row for row in rows(stack, "SELECT * FROM call_queue")}
    assert found.keys().isdisjoint(live.keys())
    assert len(found) + len(live) == len(calls)
    latest = latest_records(stack)
    for call in calls:
        row = (found if call.fate.word else live)[call.sid]
        expected = (call.fate.status, call.fate.cause, call.talk_seconds * 1000 if has_talked(call) else None)
        assert (row["status"], row["hangup_cause"], row["talk_milliseconds"]) == expected, call
        assert row["initiated_at"] == call.callbacks[0].at
        assert row["ringing_at"] == call.callbacks[1].at
        assert row["answered_at"] == (call.callbacks[2].at if call.fate.answered else None)
        assert row["ended_at"] == (call.callbacks[-1].at if call.fate.word else None)
        record = latest[str(row["call_id"])]
        assert CallStatus.Name(record.status) == f"CALL_STATUS_{row['status'].upper()}"
        assert record.last_event_at.ToMicroseconds() == int(row["last_event_at"].timestamp() * 1_000_000)
    assert len(latest) == len(calls)


def has_talked(call: SyntheticCall) -> bool:
    return call.fate.answered and call.fate.word != ""


def latest_records(stack: Stack) -> dict[str, CallRecord]:
    """What the compacted topic holds in the end."""
    return {message.key().decode(): CallRecord.FromString(message.value()) for message in read_topic(stack, CALLS)}
