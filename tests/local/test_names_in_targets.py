"""The sources of a target are compiled together, so a name of one source's anonymous namespace is seen by those that
follow. Two definitions fail the build; a name that hides one of an enclosing namespace need not: another source would go
on with a function or type that it does not mean. docs/decisions/0031-sources-compiled-together.md."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from trunkline_local.paths import ROOT, preset

FOLDERS = ("libs", "services", "tools", "tests")
INCLUDED = re.compile(r'^#include "(/[^"]+)"', re.MULTILINE)
# At the beginning of a line, where clang-format puts what a namespace holds.
TYPE = re.compile(r"^(?:class|struct|enum class|using) (\w+)\b(?! *::)(?!.*\bnamespace\b)")
FUNCTION = re.compile(r"^(?:inline |constexpr )*[\w:][\w:<>,&* ]*[ *&>](\w+)\(")
CONSTANT = re.compile(r"^(?:inline |static |constexpr |const )+[\w:][\w:<>,&* ]*[ *&>](k[A-Z]\w*)\b")
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{")
NO_TYPES = frozenset({"return", "else", "case"})


def test_no_name_hides_another_from_the_sources_of_its_target() -> None:
    groups = _sources_compiled_together()
    assert len(groups) > 50, "the build is not there"
    hiding = [
        f"{name} in {source.relative_to(ROOT)} hides that of {header.relative_to(ROOT)} from {user.relative_to(ROOT)}"
        for sources in groups
        for source in sources
        for name, namespace in _anonymous_names(source)
        for header, outer in _declared().get(name, ())
        if f"{namespace}::".startswith(f"{outer}::")
        for user in sources
        if user != source and _means(user, name, namespace)
    ]
    assert hiding == [], "give the names in anonymous namespaces others:\n" + "\n".join(hiding)


def _sources_compiled_together() -> list[list[Path]]:
    units = (ROOT / "build" / preset()).rglob("Unity/unity_*.cxx")
    groups = ([Path(name) for name in INCLUDED.findall(unit.read_text())] for unit in units)
    return [group for group in groups if group and all(ROOT in name.parents for name in group)]


@cache
def _declared() -> dict[str, list[tuple[Path, str]]]:
    """By name: the headers of ours that declare it in a namespace, and the namespace."""
    found: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for folder in FOLDERS:
        for header in (ROOT / folder).rglob("*.h"):
            for name, namespace in _names(header.read_text(), anonymous=False):
                found[name].append((header, namespace))
    return found


@cache
def _anonymous_names(source: Path) -> frozenset[tuple[str, str]]:
    return frozenset(_names(_text(source), anonymous=True)) if ROOT / "build" not in source.parents else frozenset()


def _names(text: str, anonymous: bool) -> list[tuple[str, str]]:
    """What stands in namespaces, and in anonymous ones or not; with the namespace."""
    names = []
    namespace, is_anonymous = "", False
    for line in text.splitlines():
        if opened := NAMESPACE.match(line):
            namespace = opened.group(1)
        elif line == "namespace {":
            is_anonymous = True
        elif line == "}  // namespace":
            is_anonymous = False
        elif namespace and is_anonymous == anonymous:
            found = TYPE.match(line) or CONSTANT.match(line) or FUNCTION.match(line)
            if found and line.split(" ", 1)[0] not in NO_TYPES:
                names.append((found.group(1), namespace))
    return names


def _means(source: Path, name: str, namespace: str) -> bool:
    """Whether a source of the same namespace uses the name without one of its own."""
    text = _text(source)
    own = {own for own, _ in _anonymous_names(source)}
    return (
        name not in own
        and f"namespace {namespace} {{" in text
        and re.search(rf"(?<![\w.>:]){name}\b", text) is not None
    )


@cache
def _text(path: Path) -> str:
    return re.sub(r"//(?! namespace).*", "", path.read_text())
