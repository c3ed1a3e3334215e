"""docs/config.md names exactly the settings that the services have."""

from __future__ import annotations

import re
import subprocess

import pytest
from support.stacks import binary_directory
from trunkline_local.paths import ROOT

DOCUMENT = ROOT / "docs" / "config.md"
EVERYBODYS = "All services"
# Every program has it, and the page's introduction says what it does.
OF_THE_READER = {"check-config", "help"}


def sections() -> dict[str, set[str]]:
    """The settings in the first column of each section's table."""
    found: dict[str, set[str]] = {}
    for part in re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
        found[title.strip()] = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row)}
    return found


def settings_of(service: str) -> set[str]:
    text = subprocess.run([binary_directory() / service, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout
    return set(re.findall(r"^  --([a-z0-9-]+)", text, flags=re.MULTILINE)) - OF_THE_READER


@pytest.mark.parametrize("service", sorted(set(sections()) - {EVERYBODYS, "Programs that are not services"}))
def test_every_setting_is_documented_and_no_other(service: str) -> None:
    documented = sections()
    settings = settings_of(service)
    missing = settings - documented[service] - documented[EVERYBODYS]
    assert not missing, f"docs/config.md lacks, under {service}: {sorted(missing)}"
    left_over = documented[service] - settings
    assert not left_over, f"docs/config.md has, under {service}, what {service} does not know: {sorted(left_over)}"
