"""The Python packages of the tests, in an environment of their own: .local/venv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL, ROOT

REQUIREMENTS = ROOT / "tests" / "requirements.txt"
VENV = LOCAL / "venv"
PYTHON = VENV / "bin" / "python"
LOG = LOCAL / "log" / "venv.log"


def install_python_packages() -> str:
    """Once; a changed requirements.txt makes the environment anew."""
    installed = VENV / "requirements.txt"
    if installed.exists() and installed.read_bytes() == REQUIREMENTS.read_bytes():
        return "nothing is missing"
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_bytes(b"")
    shutil.rmtree(VENV, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(VENV)], "python3 -m venv failed (Debian package python3-venv)")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, f"--requirement={REQUIREMENTS}"], "pip could not install tests/requirements.txt")
    shutil.copy(REQUIREMENTS, installed)
    return "installed tests/requirements.txt"


def _run(command: list[str], problem: str) -> None:
    with LOG.open("ab") as log:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Failure("python packages", problem, LOG)


def python_environment() -> dict[str, str]:
    """For a Python program that uses this package, the test support and the generated contracts."""
    path = [ROOT / "deploy" / "local", ROOT / "tests", LOCAL / "python-proto"]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONUNBUFFERED": "1"}
