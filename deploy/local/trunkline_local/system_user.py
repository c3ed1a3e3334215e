"""PostgreSQL refuses to run as root; root lends it the system user that its package made."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

NAME = "postgres"


def is_needed() -> bool:
    return os.geteuid() == 0


def command_as(command: list[str]) -> list[str]:
    if not is_needed():
        return command
    setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
    # It replaces itself by the command, so the process keeps the number that we know.
    return [setpriv, f"--reuid={NAME}", f"--regid={NAME}", "--init-groups", *command]


def give(path: Path) -> None:
    if is_needed():
        account = pwd.getpwnam(NAME)
        os.chown(path, account.pw_uid, account.pw_gid)


def can_reach(directory: Path) -> bool:
    return subprocess.run(command_as(["test", "-x", str(directory)]), check=False, cwd="/").returncode == 0
