"""Where tests keep their stacks: .local/test/NAME-PID. The logs stay until a later run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from trunkline_local import process_table
from trunkline_local.paths import LOCAL
from trunkline_local.state import State

HOME = LOCAL / "test"


def new_directory(name: str) -> Path:
    plain = re.sub(r"[^A-Za-z0-9_.]+", "_", name)
    directory = HOME / f"{plain}-{os.getpid()}"
    number = 1
    while directory.exists():
        number += 1
        directory = HOME / f"{plain}-{number}-{os.getpid()}"
    directory.mkdir(parents=True)
    return directory


def remove_old_directories() -> None:
    """Those of processes that are gone."""
    for directory in HOME.glob("*-*"):
        pid = directory.name.rpartition("-")[2]
        if pid.isdigit() and process_table.start_time(int(pid)) is None:
            for state in directory.rglob("state.json"):
                # A run that was ended by force left its database, which may be elsewhere.
                home = State(state).get("postgres-home")
                if home is not None:
                    shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(directory, ignore_errors=True)
