"""What the kernel knows about a process."""

from __future__ import annotations

import os
from pathlib import Path


def _fields(pid: int | str) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text()
    # The command stands in brackets and may hold anything, so count from its end: field 3 comes first.
    return text[text.rindex(")") + 2 :].split()


def start_time(pid: int) -> str | None:
    """Tells a process from a later one with the same number; None when there is none, or only its remains."""
    try:
        fields = _fields(pid)
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in ("Z", "X"):
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{fields[19]}"


def stands_still(pid: int) -> bool:
    """True when none of its threads can run: each is stopped, has ended, or the process is gone."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return True
    states = []
    for thread in threads:
        try:
            states.append(_fields(f"{pid}/task/{thread}")[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return all(state in "TtZX" for state in states)


def descendants(pid: int) -> list[int]:
    """The children, their children and so on; parents come first."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            parent = int(_fields(int(entry))[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry))
    found = [pid]
    for known in found:
        found.extend(children.get(known, []))
    return found[1:]
