"""Figures for people, and the same for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any


def print_table(headings: list[str], rows: list[list[str]]) -> None:
    """The first column to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in [headings, *rows]) for column in range(len(headings))]
    for row in [headings, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())


def print_facts(facts: dict[str, str]) -> None:
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"  {name.ljust(width)}  {value}")


def print_ratio(name: str, of_rounds: list[float], mark: float) -> None:
    """The median over the rounds, each of which compares what ran side by side."""
    verdict = "reached" if median(of_rounds) >= mark else "NOT reached"
    span = f"{min(of_rounds):.2f} to {max(of_rounds):.2f}"
    print(f"  {name}: {median(of_rounds):.2f}   (rounds {span}; first mark {mark:g}, {verdict})")


def write_json(path: str | None, result: dict[str, Any]) -> None:
    """`path` may be - for standard output; nothing is written without one."""
    if path == "-":
        json.dump(result, sys.stdout, indent=1)
        print()
    elif path is not None:
        Path(path).write_text(json.dumps(result, indent=1) + "\n")
