"""Calls that exist in their webhooks only, with what must become of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

BEGIN = datetime(2026, 3, 3, 9, 0, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Callback:
    """A status callback, as the provider fires it."""

    call_sid: str
    status: str
    sequence: int
    at: datetime
    more: tuple[tuple[str, str], ...] = ()

    def form(self, account_sid: str) -> dict[str, str]:
        return {
            "AccountSid": account_sid,
            "CallSid": self.call_sid,
            "CallStatus": self.status,
            "Direction": "outbound-api",
            "From": "+15550100001",
            "To": "+1555" + str(int(self.call_sid[-8:], 16) % 10**7).zfill(7),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.sequence),
            "Timestamp": format_datetime(self.at, usegmt=False),
            **dict(self.more),
        }


@dataclass(frozen=True)
class Fate:
    """What the provider's word for an end means."""

    word: str
    status: str
    cause: str | None
    answered: bool
    more: tuple[tuple[str, str], ...] = ()


FATES = (
    Fate("completed", "completed", "user_hangup", True),
    Fate("busy", "busy", "busy", False, (("SipResponseCode", "486"),)),
    Fate("no-answer", "no_answer", "timeout", False, (("SipResponseCode", "487"),)),
    Fate("failed", "failed", "invalid_number", False, (("SipResponseCode", "404"),)),
    Fate("canceled", "canceled", "system_hangup", False),
    # Goes on.
    Fate("", "answered", None, True),
)


@dataclass(frozen=True)
class SyntheticCall:
    sid: str
    fate: Fate
    talk_seconds: int
    callbacks: tuple[Callback, ...]


def make_calls(count: int, chance: random.Random) -> list[SyntheticCall]:
    return [_make_call(f"CA{chance.randrange(16**32):032x}", chance) for _ in range(count)]


def _make_call(sid: str, chance: random.Random) -> SyntheticCall:
    fate = chance.choices(FATES, weights=(8, 2, 2, 2, 1, 1))[0]
    talk = chance.randrange(1, 600)
    at = BEGIN + timedelta(seconds=chance.randrange(3600))
    words = ["initiated", "ringing"] + (["in-progress"] if fate.answered else [])
    callbacks: list[Callback] = []
    for word in words:
        callbacks.append(Callback(sid, word, len(callbacks), at))
        at += timedelta(seconds=chance.randrange(1, 5))
    if fate.word:
        more = fate.more + ((("CallDuration", str(talk)),) if fate.answered else ())
        callbacks.append(Callback(sid, fate.word, len(callbacks), at + timedelta(seconds=talk), more))
    return SyntheticCall(sid, fate, talk, tuple(callbacks))


def in_disorder(calls: list[SyntheticCall], chance: random.Random, duplicates: float) -> list[Callback]:
    """Every callback once, this share of them twice or more, none where it belongs."""
    deliveries = [callback for call in calls for callback in call.callbacks]
    deliveries += chance.choices(deliveries, k=int(len(deliveries) * duplicates))
    chance.shuffle(deliveries)
    return deliveries
