"""What the C++ integration tests need: a PostgreSQL and both kinds of Kafka, for the time of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trunkline_local.apache_kafka import ApacheKafka
from trunkline_local.database import Database
from trunkline_local.embedded_kafka import EmbeddedKafka
from trunkline_local.guard import Guard
from trunkline_local.part import Part
from trunkline_local.postgres import OWNER, Postgres
from trunkline_local.state import State


@contextmanager
def test_infrastructure(directory: Path, bin_dir: Path) -> Iterator[dict[str, str]]:
    """The settings that the tests read; see tests/support/environment.h."""
    embedded_home = directory / "embedded"
    embedded = EmbeddedKafka(embedded_home, State(embedded_home / "state.json"), bin_dir)
    state = State(directory / "state.json")
    apache = ApacheKafka(directory, state)
    postgres = Postgres(directory, state)
    parts: list[Part] = [apache, postgres, embedded]
    Guard(directory).watch()
    Guard(embedded_home).watch()
    try:
        # Kafka takes seconds, so PostgreSQL is made meanwhile.
        for part in parts:
            part.launch()
        for part in parts:
            part.wait_until_ready()
        yield {
            "TRUNKLINE_TEST_DATABASE_URL": Database(postgres).url(OWNER, "postgres"),
            "TRUNKLINE_TEST_KAFKA_BOOTSTRAP": apache.bootstrap(),
            "TRUNKLINE_TEST_EMBEDDED_KAFKA_BOOTSTRAP": embedded.bootstrap(),
        }
    finally:
        for part in parts:
            part.stop()
        postgres.delete_data()
        apache.delete_data()
