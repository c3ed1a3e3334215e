"""Calls the operator's command line, tools/trunkctl."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trunkline_local.failure import Failure


class Trunkctl:
    def __init__(self, binaries: Path, log: Path, settings: Callable[[], dict[str, str]]):
        self._program = binaries / "trunkctl"
        self._log = log
        self._settings = settings

    def run(self, *words: str, extra: dict[str, str] | None = None, seconds: float = 120) -> str:
        """Its standard output. `extra` are settings that nobody should see on a command line."""
        name = "trunkctl " + " ".join(word for word in words if not word.startswith("--"))
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {name}\n".encode())
            log.flush()
            try:
                done = subprocess.run(
                    [str(self._program), *words],
                    env={**self._settings(), **(extra or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    check=False,
                    cwd="/",
                    timeout=seconds,
                )
            except FileNotFoundError:
                raise Failure(name, f"{self._program} is not built") from None
            except subprocess.TimeoutExpired:
                raise Failure(name, f"did not end within {seconds:.0f} s", self._log) from None
        if done.returncode != 0:
            raise Failure(name, f"failed with exit code {done.returncode}", self._log)
        return done.stdout

    def run_json(self, *words: str, extra: dict[str, str] | None = None, seconds: float = 120) -> dict[str, Any]:
        output = self.run(*words, "--json", extra=extra, seconds=seconds)
        try:
            answer: dict[str, Any] = json.loads(output)
        except json.JSONDecodeError:
            raise Failure(f"trunkctl {words[0]}", f"did not print JSON but {output[:200]!r}", self._log) from None
        return answer
