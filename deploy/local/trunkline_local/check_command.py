"""`./trunkline check`: formatting, lint, compatibility of the contracts, static analysis."""

from __future__ import annotations

from trunkline_local import checks, packages
from trunkline_local.analysis_tool import install_clang_tidy
from trunkline_local.console import report, step
from trunkline_local.contract_tools import install_buf
from trunkline_local.static_analysis import check_static_analysis
from trunkline_local.totals import Totals


def check(fix: bool, accept_contracts: bool, folders: list[str]) -> int:
    with step("packages") as current:
        packages.install(packages.BUILD + packages.CHECKS + packages.node(), current)
    report("buf", install_buf)
    report("clang-tidy", install_clang_tidy)
    if fix:
        checks.format_files()
    if accept_contracts:
        checks.accept_contracts()
    totals = Totals()
    for one in (
        checks.check_format,
        checks.check_shell,
        checks.check_contract_lint,
        checks.check_contract_compatibility,
        checks.check_contract_reference,
    ):
        checks.report_check(one, totals)

    def check_static_analysis_of_sources() -> str:
        with step("clang-tidy") as current:
            return check_static_analysis(folders, current)

    checks.report_check(check_static_analysis_of_sources, totals)
    totals.print_summary()
    return 1 if totals.failed else 0
