"""Which Kafka a stack talks to: a broker in memory, an Apache Kafka of its own, or any cluster that is there."""

from __future__ import annotations

from pathlib import Path

from trunkline_local.apache_kafka import ApacheKafka
from trunkline_local.embedded_kafka import EmbeddedKafka
from trunkline_local.state import State

KINDS = ("embedded", "apache")


def make_kafka(kind: str, directory: Path, state: State, binaries: Path) -> EmbeddedKafka | ApacheKafka | None:
    """None for the address of a cluster that somebody else runs."""
    if kind == "embedded":
        return EmbeddedKafka(directory, state, binaries)
    if kind == "apache":
        return ApacheKafka(directory, state)
    return None
