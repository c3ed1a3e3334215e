"""`./trunkline logs`: the ends of all logs, or one part's, or what is written from now on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from trunkline_local.console import say
from trunkline_local.failure import Failure, last_lines
from trunkline_local.paths import LOCAL

DIRECTORY = LOCAL / "log"


def logs(part: str | None, follow: bool, lines: int) -> int:
    files = _files(part)
    if follow:
        tail = shutil.which("tail") or "/usr/bin/tail"
        os.execv(tail, [tail, f"--lines={lines}", "-F", *map(str, files)])
    for file in files:
        say(f"{file}:")
        say(last_lines(file, lines))
    return 0


def _files(part: str | None) -> list[Path]:
    known = sorted(DIRECTORY.glob("*.log"))
    if part is None:
        return known
    chosen = [file for file in known if file.stem == part]
    if not chosen:
        raise Failure("logs", f"no log of {part}; there are {', '.join(file.stem for file in known) or 'none'}")
    return chosen
