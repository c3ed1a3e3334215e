"""The rows of call_events, written again by a bare COPY: as fast as PostgreSQL takes them when nothing is thought of.

The table has the columns, the defaults and the indexes of a partition of call_events, and is logged like it. One client
sends all rows in one COPY, in one transaction, from memory.
"""

from __future__ import annotations

import time

import psycopg

TABLE = "copied_call_events"


def export_rows(connection: psycopg.Connection[tuple[object, ...]]) -> list[bytes]:
    """Every column of every row, as text for COPY."""
    with connection.cursor() as cursor, cursor.copy("COPY (SELECT * FROM call_events) TO STDOUT") as copy:
        return _joined([bytes(piece) for piece in copy])


def _joined(rows: list[bytes], size: int = 64 * 1024) -> list[bytes]:
    """Larger pieces, so that the client costs next to nothing."""
    pieces: list[bytes] = []
    held: list[bytes] = []
    length = 0
    for row in rows:
        held.append(row)
        length += len(row)
        if length >= size:
            pieces.append(b"".join(held))
            held, length = [], 0
    return [*pieces, b"".join(held)]


def create_table(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """As a partition has it; tells the definitions of its indexes."""
    connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
    connection.execute(f"CREATE TABLE {TABLE} (LIKE call_events INCLUDING ALL)")
    rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (TABLE,)).fetchall()
    return [str(row[0]) for row in rows]


def time_copy(connection: psycopg.Connection[tuple[object, ...]], pieces: list[bytes], rows: int) -> float:
    """Seconds from its beginning to its commit, into the empty table."""
    connection.execute(f"TRUNCATE {TABLE}")
    connection.execute("CHECKPOINT")
    began = time.monotonic()
    with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
        for piece in pieces:
            copy.write(piece)
    seconds = time.monotonic() - began
    written = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
    assert written == (rows,), f"COPY wrote {written} of {rows} rows"
    return seconds
