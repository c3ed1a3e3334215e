"""Python classes from the contracts in proto/, in .local/python-proto."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL, ROOT
from trunkline_local.python_tools import PYTHON, REQUIREMENTS

ROOTS = (ROOT / "proto", ROOT / "third_party" / "googleapis")
OUTPUT = LOCAL / "python-proto"
LOG = LOCAL / "log" / "python-proto.log"


def generate_python_contracts() -> str:
    """Again whenever a contract or the generator changed."""
    files = [file for root in ROOTS for file in sorted(root.rglob("*.proto"))]
    digest = _digest([*files, REQUIREMENTS])
    stamp = OUTPUT / "digest"
    if stamp.exists() and stamp.read_text() == digest:
        return "up to date"
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    command = [
        *(str(PYTHON), "-m", "grpc_tools.protoc"),
        *(f"--proto_path={root}" for root in ROOTS),
        f"--python_out={OUTPUT}",
        f"--pyi_out={OUTPUT}",
        f"--grpc_python_out={OUTPUT}",
        *(str(file) for file in files),
    ]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Failure("python contracts", "protoc failed", LOG)
    stamp.write_text(digest)
    return f"made from {len(files)} files"


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
