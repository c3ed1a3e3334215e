"""Ends a stack when the process that started it is gone, even by SIGKILL.

A small process holds one end of a pipe, the test process the other; the kernel closes it whatever happens.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from trunkline_local.process import BackgroundProcess


class Guard:
    def __init__(self, directory: Path):
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "trunkline_local.guard", str(self._directory)],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[1],
            start_new_session=True,
        )


def end_everything(directory: Path) -> None:
    for pid_file in sorted((directory / "run").glob("*.json")):
        BackgroundProcess(pid_file.stem, pid_file, directory / "log" / f"{pid_file.stem}.log").kill()


if __name__ == "__main__":
    sys.stdin.buffer.read()
    end_everything(Path(sys.argv[1]))
