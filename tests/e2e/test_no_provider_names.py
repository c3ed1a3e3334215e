"""What is particular to a provider stays in its folder: nobody else even names it."""

from __future__ import annotations

import subprocess

from trunkline_local.paths import ROOT

NAME = "twilio"
# Where a provider may be named. Folders end with a slash.
ALLOWED = (
    "libs/providers/twilio/",
    # The line that registers it.
    "libs/providers/built_in_providers.cc",
    "libs/providers/CMakeLists.txt",
    "libs/README.md",
    # Paths and columns that older systems know.
    "services/webhook-ingest/routes.cc",
    "deploy/migrations/",
    # The world outside: simulators, the demo, tests and their tools, texts for people.
    "tools/provider-twin/",
    "deploy/local/",
    "tests/",
    "docs/",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
)
TESTS = ("_test.cc", "_fuzzer.cc")


def files() -> list[str]:
    """Of the repository, with those that are new; not what was built."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def is_allowed(name: str) -> bool:
    return name.startswith(ALLOWED) or name.endswith(TESTS)


def names_it(name: str) -> bool:
    return NAME in name.lower() or NAME.encode() in (ROOT / name).read_bytes().lower()


def test_no_file_outside_its_folder_names_the_provider() -> None:
    assert [name for name in files() if not is_allowed(name) and names_it(name)] == []


def test_no_exception_outlives_its_reason() -> None:
    named = [name for name in files() if names_it(name)]
    unused = [allowed for allowed in ALLOWED if not any(name.startswith(allowed) for name in named)]
    # Texts for people may name it or not.
    assert [allowed for allowed in unused if not allowed.endswith(".md") and allowed != "docs/"] == []
