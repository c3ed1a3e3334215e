"""Numbers to call: the provider twin decides by the last two digits what happens (tools/provider-twin/README.md)."""

from __future__ import annotations

import itertools

ANSWERS = 0
ANSWERS_FOR_LONG = 44
BUSY = 50
NO_ANSWER = 51
UNREACHABLE = 52
DECLINED = 54
MACHINE = 55
REFUSED_NUMBER = 56
ERROR_BUT_PLACED = 57
LOST_REPLY_BUT_PLACED = 58
SLOW_REPLY = 59
ERROR_NOT_PLACED = 60
TOO_MANY_REQUESTS = 61

_next = itertools.count(1)


def number(outcome: int) -> str:
    """One that was not given out before."""
    return next_number("+1555", 7, outcome)


def next_number(prefix: str, digits: int, outcome: int) -> str:
    """The same in another country: `digits` follow the prefix."""
    return f"{prefix}{next(_next):0{digits - 2}d}{outcome:02d}"
