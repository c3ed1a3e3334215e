"""What a stack remembers between two runs: its ports and its random secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from trunkline_local import ports


class State:
    def __init__(self, path: Path):
        self._path = path
        self._values: dict[str, str | int] = {}
        if path.exists():
            self._values = json.loads(path.read_text())

    def get(self, name: str) -> str | None:
        value = self._values.get(name)
        return None if value is None else str(value)

    def put(self, name: str, value: str | int) -> None:
        if self._values.get(name) == value:
            return
        self._values[name] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".unfinished")
        # It holds passwords.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self._values, file, indent=1, sort_keys=True)
        unfinished.replace(self._path)

    def forget(self) -> None:
        self._values.clear()
        self._path.unlink(missing_ok=True)

    def remember(self, name: str, make: Callable[[], str]) -> str:
        """The value of the first time."""
        known = self.get(name)
        if known is None:
            known = make()
            self.put(name, known)
        return known

    def port(self, name: str) -> int:
        key = "port:" + name
        if key not in self._values:
            self.put(key, ports.find_free(self._taken()))
        return int(self._values[key])

    def replace_port_if_taken(self, name: str) -> None:
        """For a part that does not run: somebody else may have got its port since."""
        if not ports.is_free(self.port(name)):
            self.put("port:" + name, ports.find_free(self._taken()))

    def _taken(self) -> set[int]:
        return {int(value) for key, value in self._values.items() if key.startswith("port:")}
