"""Remembers which files clang-tidy found clean, so that only what changed since is analysed again.

The name of a record is a digest of all that the finding depends on: the file, every header of ours that it reads, the
versions of the packages that bring the others, the command, the rules. Only clean files have one, and records that a run
of everything did not use are removed."""

from __future__ import annotations

import hashlib
import re
import subprocess
from functools import cache
from pathlib import Path

from trunkline_local.analysis_tool import VERSION
from trunkline_local.packages import BUILD
from trunkline_local.paths import ROOT

INCLUDE = re.compile(rb'^#include "([^"]+)"', re.MULTILINE)


class AnalysisCache:
    def __init__(self, build_directory: Path) -> None:
        self._roots = (ROOT, build_directory / "generated")
        self._records = build_directory / "clang-tidy"
        self._records.mkdir(parents=True, exist_ok=True)
        self._used: set[str] = set()
        self._packages = _versions_of_packages()

    def key(self, entry: dict[str, str], arguments: list[str]) -> str:
        digest = hashlib.sha256(VERSION.encode())
        rules = (_content(ROOT / ".clang-tidy"), self._packages, entry["command"].encode(), *map(str.encode, arguments))
        for part in rules:
            digest.update(part + b"\0")
        for path in sorted(self._files_read(Path(entry["file"]))):
            digest.update(str(path).encode() + b"\0" + _content(path))
        return digest.hexdigest()

    def knows(self, key: str) -> bool:
        if not (self._records / key).exists():
            return False
        self._used.add(key)
        return True

    def remember(self, key: str) -> None:
        (self._records / key).touch()
        self._used.add(key)

    def forget_the_unused(self) -> None:
        for record in self._records.iterdir():
            if record.name not in self._used:
                record.unlink()

    def _files_read(self, source: Path) -> set[Path]:
        """The source itself, and what of ours and of what is generated it includes."""
        read: set[Path] = set()
        waiting = [source]
        while waiting:
            path = waiting.pop()
            if path not in read:
                read.add(path)
                waiting += [found for name in _includes(path) if (found := self._find(name)) is not None]
        return read

    def _find(self, name: str) -> Path | None:
        return next((root / name for root in self._roots if _exists(root / name)), None)


def _versions_of_packages() -> bytes:
    command = ["dpkg-query", "--show", *BUILD]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True).stdout


@cache
def _exists(path: Path) -> bool:
    return path.exists()


@cache
def _includes(path: Path) -> tuple[str, ...]:
    return tuple(name.decode() for name in INCLUDE.findall(path.read_bytes()))


@cache
def _content(path: Path) -> bytes:
    """Its digest."""
    return hashlib.sha256(path.read_bytes()).digest()
