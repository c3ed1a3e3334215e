"""`./trunkline bench NAME`: runs tests/bench/NAME.py against release binaries."""

from __future__ import annotations

import subprocess

from trunkline_local import packages
from trunkline_local.apache_kafka import fetch_jars
from trunkline_local.build import build
from trunkline_local.console import report, step
from trunkline_local.failure import Failure
from trunkline_local.paths import PROGRAMS, ROOT, binaries, preset
from trunkline_local.python_contracts import generate_python_contracts
from trunkline_local.python_tools import PYTHON, install_python_packages, python_environment

DIRECTORY = ROOT / "tests" / "bench"
LOAD_PROGRAMS = (
    "bench-webhook-load",
    "bench-raw-webhooks",
    "bench-dial-load",
    "bench-watch-load",
    "bench-slot-load",
    "bench-slot-echo",
    "bench-campaign-load",
)


def bench(name: str, arguments: list[str]) -> int:
    program = DIRECTORY / f"{name}.py"
    if not program.exists():
        known = ", ".join(sorted(file.stem for file in DIRECTORY.glob("[!_]*.py"))) or "none yet"
        raise Failure("bench", f"there is no benchmark {name}; there are: {known}")
    chosen = preset("release")
    with step("packages") as current:
        wanted = packages.BUILD + packages.POSTGRES + packages.APACHE_KAFKA + packages.PYTHON_TESTS
        packages.install(wanted + packages.BENCH + packages.node(), current)
    report("python packages", install_python_packages)
    report("python contracts", generate_python_contracts)
    report("kafka libraries", fetch_jars)
    with step("build") as current:
        build(chosen, current, (*PROGRAMS, *LOAD_PROGRAMS))
    environment = {**python_environment(), "TRUNKLINE_BIN_DIR": str(binaries(chosen))}
    return subprocess.run([str(PYTHON), str(program), *arguments], env=environment, check=False, cwd=ROOT).returncode
