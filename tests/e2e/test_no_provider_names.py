"""What is particular to a provider or platform stays in its folder: nobody else even names it."""

from __future__ import annotations

import re
import subprocess

import pytest
from trunkline_local.paths import ROOT

# What providers and call-tracking platforms are called, and the folder of each; "sip" and "mock" are words of the
# field.
FOLDERS = {
    "asterisk": "libs/providers/sip/",
    "exotel": "libs/providers/exotel/",
    "plivo": "libs/providers/plivo/",
    "twilio": "libs/providers/twilio/",
    "retreaver": "libs/tracking/retreaver/",
    "ringba": "libs/tracking/ringba/",
    "trackdrive": "libs/tracking/trackdrive/",
}
# Where any of them may be named. Folders end with a slash.
ALLOWED = (
    # The lines that register them.
    "libs/providers/built_in_providers.cc",
    "libs/providers/CMakeLists.txt",
    "libs/tracking/built_in_platforms.cc",
    "libs/tracking/CMakeLists.txt",
    "libs/README.md",
    # Paths and columns that older systems know.
    "services/gateway/http/route.cc",
    "services/webhook-ingest/routes.cc",
    "deploy/migrations/",
    # Examples in comments.
    "proto/",
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
TESTS = re.compile(r"_(test|fuzzer)\.cc$|/testing/")


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


def names_it(name: str, provider: str) -> bool:
    # "BringBack" names nobody.
    pattern = re.compile(rb"(?<!b)" + provider.encode(), re.IGNORECASE)
    return pattern.search(name.encode()) is not None or pattern.search((ROOT / name).read_bytes()) is not None


@pytest.mark.parametrize("provider", FOLDERS)
def test_no_file_outside_its_folder_names_it(provider: str) -> None:
    allowed = (*ALLOWED, FOLDERS[provider])
    named = [name for name in files() if names_it(name, provider)]
    assert [name for name in named if not name.startswith(allowed) and not TESTS.search(name)] == []


def test_no_exception_outlives_its_reason() -> None:
    named = [name for name in files() if any(names_it(name, provider) for provider in FOLDERS)]
    unused = [allowed for allowed in ALLOWED if not any(name.startswith(allowed) for name in named)]
    # Texts for people may name it or not.
    assert [allowed for allowed in unused if not allowed.endswith(".md") and allowed != "docs/"] == []
