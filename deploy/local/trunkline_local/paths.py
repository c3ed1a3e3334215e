"""Where things are in the repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Everything that is made while running and that a fresh clone does not have.
LOCAL = ROOT / ".local"
BUILD_LOG = LOCAL / "log" / "build.log"
KAFKA_JARS = LOCAL / "kafka-libs"
MIGRATIONS = ROOT / "deploy" / "migrations"


# What a running Trunkline consists of; `up` needs no more than these.
PROGRAMS = (
    "gateway",
    "webhook-ingest",
    "normalizer",
    "concurrency-governor",
    "campaign-scheduler",
    "call-tracking-sync",
    "provider-twin",
    "trunkctl",
    "embedded-kafka",
)


def preset(default: str = "dev") -> str:
    return os.environ.get("TRUNKLINE_PRESET") or default


def binaries(preset_name: str) -> Path:
    return ROOT / "build" / preset_name / "bin"
