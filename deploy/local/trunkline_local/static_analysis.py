"""clang-tidy over every source file of ours, and not over generated code.

It reads each file by itself and without the precompiled headers (the preset "analysis"), so it also tells which includes
are missing."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from trunkline_local.analysis_cache import AnalysisCache
from trunkline_local.analysis_tool import CLANG_TIDY
from trunkline_local.build import build, configure, jobs
from trunkline_local.console import Step
from trunkline_local.paths import ROOT

CLANG_OPTIONS = (
    # Boost.Asio recognises the coroutines of GCC, but not those of clang.
    "-DBOOST_ASIO_HAS_CO_AWAIT",
    # Warnings that GCC alone knows.
    "-Wno-unknown-warning-option",
    # What clang says of the macros of librdkafka and the templates of Boost.
    "-Wno-gnu-statement-expression-from-macro-expansion",
    "-Wno-deprecated-declarations",
)
PRESET = "analysis"
GCC_ALONE = re.compile(r" --param=\S+(?= )")
FINDING = re.compile(r"^(?=\S+:\d+:\d+: (?:warning|error): )", re.MULTILINE)


def check_static_analysis(folders: list[str], step: Step) -> str:
    """With the rules of .clang-tidy. Everything, unless folders are named."""
    configure(PRESET, step, again=True)
    build(PRESET, step)  # the generated sources
    tree = ROOT / "build" / PRESET
    known = AnalysisCache(tree)
    database = tree / "clang-tidy-commands"
    entries = _commands_for_clang(tree, database)
    generated = str(ROOT / "build")
    ours = {entry["file"]: entry for entry in entries if not entry["file"].startswith(generated)}
    wanted = tuple(f"{ROOT / folder}/" for folder in folders) if folders else (f"{ROOT}/",)
    files = [file for file in sorted(ours) if file.startswith(wanted)]
    if not files:
        return f"no source file is in {' or '.join(folders)}"
    done = count(1)

    def complaints_of(entry: dict[str, str]) -> str:
        arguments = _arguments(entry["file"])
        key = known.key(entry, arguments)
        if known.knows(key):
            next(done)
            return ""
        complaints = _analyse(database, entry["file"], arguments)
        step.progress(f"[{next(done)}/{len(files)}] {Path(entry['file']).relative_to(ROOT)}")
        if complaints == "":
            known.remember(key)
        return complaints

    with ThreadPoolExecutor(jobs()) as pool:
        complaints = list(pool.map(complaints_of, (ours[file] for file in files)))
    if not folders:
        known.forget_the_unused()
    step.outcome = f"looked at {len(files)} files"
    return _each_once(complaints)


def _commands_for_clang(tree: Path, database: Path) -> list[dict[str, str]]:
    """The compile commands of GCC, which are also written for clang-tidy to find."""
    entries: list[dict[str, str]] = json.loads((tree / "compile_commands.json").read_text())
    for entry in entries:
        entry["command"] = GCC_ALONE.sub("", entry["command"])
    database.mkdir(exist_ok=True)
    (database / "compile_commands.json").write_text(json.dumps(entries))
    return entries


def _arguments(file: str) -> list[str]:
    arguments = ["--quiet", "--warnings-as-errors=*", *(f"--extra-arg={option}" for option in CLANG_OPTIONS)]
    # .clang-tidy has the reason.
    return [*arguments, "--checks=-clang-analyzer-*,-performance-*"] if file.endswith("_test.cc") else arguments


def _analyse(database: Path, file: str, arguments: list[str]) -> str:
    command = [str(CLANG_TIDY), "-p", str(database), *arguments, file]
    done = subprocess.run(command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout or done.stderr)


def _each_once(complaints: list[str]) -> str:
    """Every file that includes a header repeats what is wrong with the header."""
    return "".join(dict.fromkeys(finding for text in complaints for finding in FINDING.split(text)))
