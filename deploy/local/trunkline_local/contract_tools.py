"""buf, which lints the contracts and keeps them compatible; in .local/node."""

from __future__ import annotations

import shutil
import subprocess

from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL

VERSION = "1.75.0"
HOME = LOCAL / "node"
BUF = HOME / "node_modules" / ".bin" / "buf"
LOG = LOCAL / "log" / "npm.log"


def install_buf() -> str:
    stamp = HOME / "buf-version"
    if BUF.exists() and stamp.exists() and stamp.read_text() == VERSION:
        return "nothing is missing"
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", f"--prefix={HOME}", "--no-save", "--no-audit", "--no-fund", f"@bufbuild/buf@{VERSION}"]
    with LOG.open("wb") as log:
        done = subprocess.run(command, check=False, cwd=HOME, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode != 0:
        raise Failure("buf", "npm could not install it", LOG)
    stamp.write_text(VERSION)
    return f"installed version {VERSION}"
