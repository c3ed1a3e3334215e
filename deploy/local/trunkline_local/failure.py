"""What went wrong, in which part, and where it says more."""

from __future__ import annotations

from pathlib import Path

LINES_SHOWN = 30


class Failure(Exception):
    def __init__(self, part: str, problem: str, log: Path | None = None):
        super().__init__(f"{part}: {problem}")
        self.part = part
        self.problem = problem
        self.log = log

    def __str__(self) -> str:
        text = f"{self.part}: {self.problem}"
        if self.log is not None and self.log.exists():
            text += f"\nThe end of {self.log}:\n{last_lines(self.log)}"
        return text


def last_lines(log: Path, count: int = LINES_SHOWN) -> str:
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 64 * 1024))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join("    " + line for line in lines[-count:])
