"""What is checked without running anything. Each check returns its complaints; none means that all is well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from trunkline_local.console import say
from trunkline_local.contract_tools import BUF
from trunkline_local.paths import ROOT
from trunkline_local.totals import Totals

PROTO = ROOT / "proto"
BASELINE = PROTO / "baseline.binpb"
SOURCE_FOLDERS = ("libs", "services", "tools", "tests")
SHELL_FOLDERS = (".ci", "deploy", "tests", "tools")

Check = Callable[[], str]


def report_check(check: Check, totals: Totals) -> None:
    name = check.__name__.removeprefix("check_").replace("_", " ")
    complaints = check().strip()
    say(f"\n{name}: {'passed' if complaints == '' else 'FAILED'}")
    if complaints:
        say("\n".join(complaints.splitlines()[:200]))
    totals.count(complaints == "", f"{name}: {'passed' if complaints == '' else 'failed'}")


def _complaints(command: list[str]) -> str:
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        return ""
    return done.stdout or f"{command[0]} ended with exit code {done.returncode}"


def cpp_files() -> list[str]:
    return [str(f) for folder in SOURCE_FOLDERS for e in ("*.cc", "*.h") for f in sorted((ROOT / folder).rglob(e))]


def check_format() -> str:
    return _complaints(["clang-format", "--dry-run", "-Werror", *cpp_files()])


def check_contract_lint() -> str:
    return _complaints([str(BUF), "lint", str(PROTO)])


def check_contract_compatibility() -> str:
    if not BASELINE.exists():
        return f"{BASELINE} is missing; `./trunkline check --accept-contracts` makes it"
    return _complaints([str(BUF), "breaking", str(PROTO), "--against", str(BASELINE)])


def check_contract_reference() -> str:
    program = ROOT / "tools" / "contract-reference" / "contract_reference.py"
    return _complaints([sys.executable, str(program), "--check"])


def check_shell() -> str:
    return _complaints(["shellcheck", *map(str, _shell_files())])


def _shell_files() -> list[Path]:
    found = [ROOT / "trunkline"]
    for folder in SHELL_FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "node_modules" not in file.parts and _is_shell(file):
                found.append(file)
    return found


def _is_shell(file: Path) -> bool:
    with file.open("rb") as content:
        first = content.readline(80)
    return file.suffix == ".sh" or (first.startswith(b"#!") and (b"bash" in first or b"/sh" in first))


def format_files() -> None:
    subprocess.run(["clang-format", "-i", *cpp_files()], check=True, cwd=ROOT)


def accept_contracts() -> None:
    subprocess.run([str(BUF), "build", str(PROTO), "--exclude-source-info", "-o", str(BASELINE)], check=True, cwd=ROOT)
