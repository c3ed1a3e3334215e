"""What the governor is compared with: an echo of its API, and the limiter in PostgreSQL that comes to mind first."""

from __future__ import annotations

import socket
from pathlib import Path

import psycopg
from trunkline_local.part import Part, base_environment
from trunkline_local.postgres import OWNER
from trunkline_local.process import Launch
from trunkline_local.stack import Stack
from trunkline_local.state import State


class SlotEcho(Part):
    """Answers the governor's requests from the governor's kind of server, and does nothing else."""

    def __init__(self, directory: Path, state: State, binaries: Path):
        super().__init__("echo", directory, state)
        self._program = binaries / "bench-slot-echo"

    def port_names(self) -> list[str]:
        return ["echo"]

    def port(self) -> int:
        return self.state.port("echo")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}"

    def launch_plan(self) -> Launch:
        return Launch([str(self._program), f"--grpc-port={self.port()}"], base_environment())

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port()), timeout=1):
                return True
        except OSError:
            return False


class NaiveLimits:
    """Two rows that are locked, and the slots in use, which are counted. bench-slot-load asks it."""

    def __init__(self, stack: Stack):
        self.url = stack.database.url(OWNER)
        with self._connect() as connection:
            connection.execute("CREATE TABLE naive_limits (business_id text PRIMARY KEY, most integer NOT NULL)")
            connection.execute(
                "CREATE TABLE naive_slots (business_id text, request_id text, PRIMARY KEY (business_id, request_id))"
            )

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url, autocommit=True)

    def limit(self, businesses: int, most: int) -> None:
        """Of all slots, and of each business."""
        names = ["", *(f"0190b0a0-0000-7000-8000-{number:012d}" for number in range(businesses))]
        with self._connect() as connection:
            connection.cursor().executemany(
                "INSERT INTO naive_limits VALUES (%s, %s) ON CONFLICT (business_id) DO UPDATE SET most = excluded.most",
                [(name, most) for name in names],
            )

    def in_use(self) -> int:
        with self._connect() as connection:
            row = connection.execute("SELECT count(*) FROM naive_slots").fetchone()
        assert row is not None
        return int(str(row[0]))
