"""How long processes kept a processor busy: on a busy machine a steadier figure than how fast they were."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from trunkline_local import process_table
from trunkline_local.part import Part

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(parts: Iterable[Part]) -> float:
    """User and system time of the parts and their children since they started."""
    return sum(_seconds_of(pid) for part in parts for pid in _family(part))


def _family(part: Part) -> list[int]:
    pid = part.process.pid()
    return [] if pid is None else [pid, *process_table.descendants(pid)]


def _seconds_of(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # The command in brackets may hold anything; user and system time are fields 14 and 15.
    fields = text[text.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
