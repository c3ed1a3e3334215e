"""Remembers which files clang-tidy found clean, so that only what changed since is analysed again.

The name of a record is a digest of all that the finding depends on: the file, every header that its compiler read, the
command, the rules. Only clean files have one, and records that a run of everything did not use are removed."""

from __future__ import annotations

import hashlib
import re
import subprocess
from functools import cache
from pathlib import Path

from trunkline_local.analysis_tool import VERSION
from trunkline_local.paths import ROOT


class AnalysisCache:
    def __init__(self, build_directory: Path) -> None:
        self._build_directory = build_directory
        self._records = build_directory / "clang-tidy"
        self._records.mkdir(exist_ok=True)
        self._used: set[str] = set()
        self._headers = _headers_of_objects(build_directory)
        # An object is not said to be made of what its precompiled header read.
        precompiled = {header for target in self._headers if target.endswith(".gch") for header in self._headers[target]}
        self._precompiled = sorted(header for header in precompiled if not header.endswith("/cmake_pch.hxx"))

    def key(self, entry: dict[str, str], arguments: list[str]) -> str | None:
        """None for what was never compiled: nobody knows what it includes."""
        output = re.search(r" -o (\S+) ", entry["command"])
        headers = self._headers.get(output.group(1)) if output else None
        if headers is None:
            return None
        digest = hashlib.sha256(VERSION.encode())
        for part in (_content(ROOT / ".clang-tidy"), entry["command"].encode(), *map(str.encode, arguments)):
            digest.update(part + b"\0")
        for header in [*headers, *self._precompiled]:
            path = self._build_directory / header
            digest.update(str(path).encode() + b"\0" + _content(path))
        return digest.hexdigest()

    def knows(self, key: str | None) -> bool:
        if key is None or not (self._records / key).exists():
            return False
        self._used.add(key)
        return True

    def remember(self, key: str | None) -> None:
        if key is not None:
            (self._records / key).touch()
            self._used.add(key)

    def forget_the_unused(self) -> None:
        for record in self._records.iterdir():
            if record.name not in self._used:
                record.unlink()


def _headers_of_objects(build_directory: Path) -> dict[str, list[str]]:
    """From ninja's log of what each object file was made of, its source among it."""
    command = ["ninja", "-C", str(build_directory), "-t", "deps"]
    answer = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    headers: dict[str, list[str]] = {}
    for line in answer.splitlines():
        if line.startswith("    "):
            headers[target].append(line.strip())
        elif ": #deps " in line:
            target = line.split(": #deps ", 1)[0]
            headers[target] = []
    return headers


@cache
def _content(path: Path) -> bytes:
    """Its digest."""
    return hashlib.sha256(path.read_bytes()).digest() if path.exists() else b""
