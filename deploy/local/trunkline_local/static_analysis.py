"""clang-tidy over every source file of ours."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trunkline_local.build import jobs
from trunkline_local.paths import ROOT

PROGRAM = "clang-tidy-19"


def check_static_analysis(preset: str) -> str:
    """With the rules of .clang-tidy; the preset must be built, as the generated headers are needed."""
    database = ROOT / "build" / preset
    entries = json.loads((database / "compile_commands.json").read_text())
    generated = str(ROOT / "build")
    files = sorted({entry["file"] for entry in entries if not entry["file"].startswith(generated)})
    with ThreadPoolExecutor(jobs()) as pool:
        return "\n".join(
            complaints for complaints in pool.map(lambda file: _analyse(database, file), files) if complaints
        )


def _analyse(database: Path, file: str) -> str:
    # Boost.Asio recognises the coroutines of GCC, but not those of clang.
    command = [
        PROGRAM,
        "-p",
        str(database),
        "--quiet",
        "--warnings-as-errors=*",
        "--extra-arg=-DBOOST_ASIO_HAS_CO_AWAIT",
    ]
    done = subprocess.run(
        [*command, file], check=False, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    return "" if done.returncode == 0 else (done.stdout or done.stderr)
