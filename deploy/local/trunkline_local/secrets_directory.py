"""The files behind `secret:NAME`, as a deployment would mount them."""

from __future__ import annotations

import os
from pathlib import Path


class SecretsDirectory:
    def __init__(self, path: Path):
        self.path = path

    def write(self, name: str, value: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        unfinished = self.path / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(value + "\n")
        unfinished.replace(self.path / name)
