"""`./trunkline test`: every test there is, on this machine, from nothing."""

from __future__ import annotations

import os
import re

from trunkline_local import packages
from trunkline_local.apache_kafka import fetch_jars
from trunkline_local.build import build, jobs
from trunkline_local.checks import (
    check_contract_compatibility,
    check_contract_lint,
    check_contract_reference,
    check_format,
    report_check,
)
from trunkline_local.console import report, say, step
from trunkline_local.contract_tools import install_buf
from trunkline_local.failure import Failure
from trunkline_local.paths import ROOT, binaries, preset
from trunkline_local.python_contracts import generate_python_contracts
from trunkline_local.python_tools import PYTHON, install_python_packages, python_environment
from trunkline_local.test_directories import new_directory, remove_old_directories
from trunkline_local.test_infrastructure import test_infrastructure
from trunkline_local.totals import Totals, run_and_show

NOTHING_SELECTED = 5  # an exit code of pytest


def test(quick: bool, selection: str | None) -> int:
    totals = Totals()
    complete = not quick and selection is None
    try:
        _prepare(complete)
        _run_ctest("unit", selection, totals, {})
        _run_integration_tests(selection, totals)
        _run_pytest(("local", "e2e") if quick else ("local", "e2e", "fault"), selection, totals)
        if complete:
            for check in (check_format, check_contract_lint, check_contract_compatibility, check_contract_reference):
                report_check(check, totals)
    except Failure as failure:
        say(f"\nFAILED in {failure}")
        totals.count(False, f"{failure.part}: {failure.problem.splitlines()[0]}")
    totals.print_summary()
    return 1 if totals.failed else 0


def _prepare(complete: bool) -> None:
    wanted: tuple[str, ...] = packages.BUILD + packages.POSTGRES + packages.APACHE_KAFKA + packages.PYTHON_TESTS
    if complete:
        wanted += packages.FORMAT + packages.node()
    with step("packages") as current:
        packages.install(wanted, current)
    report("python packages", install_python_packages)
    report("python contracts", generate_python_contracts)
    report("kafka libraries", fetch_jars)
    if complete:
        report("buf", install_buf)
    with step("build") as current:
        build(preset(), current)
    remove_old_directories()


def _run_integration_tests(selection: str | None, totals: Totals) -> None:
    directory = new_directory("integration")
    with step("PostgreSQL, Kafka") as current:
        infrastructure = test_infrastructure(directory, binaries(preset()))
        settings = infrastructure.__enter__()
        current.outcome = "started"
    try:
        _run_ctest("integration", selection, totals, settings)
    finally:
        infrastructure.__exit__(None, None, None)


def _run_ctest(label: str, selection: str | None, totals: Totals, settings: dict[str, str]) -> None:
    results = new_directory(f"ctest_{label}") / "results.xml"
    # One integration test at a time: they share the cluster's roles.
    parallel = jobs() if label == "unit" else 1
    command = [
        "ctest",
        *("--test-dir", str(ROOT / "build" / preset())),
        *("--label-regex", f"^{label}$"),
        *("--parallel", str(parallel)),
        *("--output-junit", str(results)),
        "--output-on-failure",
        # Without a selection, no tests at all means that something is wrong.
        f"--no-tests={'error' if selection is None else 'ignore'}",
    ]
    if selection is not None:
        command += ["--tests-regex", re.escape(selection)]
    say(f"\n{label} tests")
    # Without it gRPC, which Debian builds without the thread sanitizer, gives false reports.
    sanitizer = {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1"} if preset() == "tsan" else {}
    exit_code, last = run_and_show(command, {**sanitizer, **os.environ, **settings}, ROOT)
    totals.add_report(results, exit_code)
    totals.closing_lines += [
        f"{label} tests: {line}" for line in last if re.search(r"\d+% tests passed|No tests", line)
    ]


def _run_pytest(folders: tuple[str, ...], selection: str | None, totals: Totals) -> None:
    present = [str(ROOT / "tests" / folder) for folder in folders if (ROOT / "tests" / folder).is_dir()]
    if not present:
        return
    results = new_directory("pytest") / "results.xml"
    command = [str(PYTHON), "-m", "pytest", f"--config-file={ROOT / 'tests' / 'pytest.ini'}", f"--junit-xml={results}"]
    if selection is not None:
        command += ["-k", selection]
    say(f"\n{', '.join(folders)} tests")
    environment = {**python_environment(), "TRUNKLINE_BIN_DIR": str(binaries(preset()))}
    exit_code, last = run_and_show([*command, *present], environment, ROOT)
    if exit_code == NOTHING_SELECTED and selection is not None:
        exit_code = 0
    totals.add_report(results, exit_code)
    totals.closing_lines += [f"{', '.join(folders)} tests: {last[-1].strip('= ')}"] if last else []
