"""clang-tidy from PyPI, in .local/clang-tidy: since version 21 it passes over the system's headers, which Debian's
newest, 19, does not. On three files it took 45, 18 and 71 per cent of the processor time of 19."""

from __future__ import annotations

import shutil
import subprocess
import sys

from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL

VERSION = "23.1.4"
HOME = LOCAL / "clang-tidy"
CLANG_TIDY = HOME / "bin" / "clang-tidy"
LOG = LOCAL / "log" / "clang-tidy.log"


def install_clang_tidy() -> str:
    stamp = HOME / "version"
    if CLANG_TIDY.exists() and stamp.exists() and stamp.read_text() == VERSION:
        return "nothing is missing"
    shutil.rmtree(HOME, ignore_errors=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(b"")
    _run([sys.executable, "-m", "venv", str(HOME)], "python3 -m venv failed (Debian package python3-venv)")
    pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, f"clang-tidy=={VERSION}"], "pip could not install it")
    stamp.write_text(VERSION)
    return f"installed version {VERSION}"


def _run(command: list[str], problem: str) -> None:
    with LOG.open("ab") as log:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Failure("clang-tidy", problem, LOG)
