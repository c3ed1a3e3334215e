"""The machine and the programs that a figure is true for."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from trunkline_local.apache_kafka import POM
from trunkline_local.postgres import PROGRAMS


def machine_facts() -> dict[str, str]:
    model = _first("/proc/cpuinfo", r"model name\s*: (.*)")
    kibibytes = int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)"))
    distribution = _first("/etc/os-release", r'PRETTY_NAME="(.*)"')
    return {
        "processor": f"{model}, {len(os.sched_getaffinity(0))} in use",
        "memory": f"{kibibytes / 1024 / 1024:.0f} GiB",
        "system": f"{distribution}, Linux {platform.release()}",
        "load before": "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg()),
        "Apache Kafka": re.findall(r"<version>([^<]*)</version>", POM.read_text())[1],
        "PostgreSQL": version_of([str(PROGRAMS / "postgres"), "--version"]),
    }


def version_of(command: list[str]) -> str:
    """The first number with a dot that a program says."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.search(r"\d+\.[\d.]+", done.stdout + done.stderr)
    return found.group() if found else "unknown"


def _first(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text())
    return found.group(1) if found else "unknown"
