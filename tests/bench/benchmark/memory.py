"""How much memory a process has."""

from __future__ import annotations

from pathlib import Path

from trunkline_local.part import Part


def resident_mebibytes(part: Part) -> float:
    """Of the part's process, without its children; 0 when it does not run."""
    try:
        text = Path(f"/proc/{part.process.pid()}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return next((int(line.split()[1]) / 1024 for line in lines), 0)
