"""Rows that the normalizer wrote, written again by a bare COPY: as fast as PostgreSQL takes them when nothing is thought of.

A copied table has the columns, the defaults and the indexes of its model (for a partitioned one: of a partition), and is
logged like it. One client sends all rows of a table in one COPY, all tables in one transaction, from memory.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Rows:
    """What a table held, as text for COPY."""

    table: str
    columns: str
    pieces: list[bytes]
    count: int


def copy_of(table: str) -> str:
    return f"copied_{table}"


def export_rows(connection: Connection, table: str) -> Rows:
    """Every column that can be written, of every row."""
    found = connection.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        (table,),
    ).fetchone()
    assert found is not None
    columns = str(found[0])
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT {columns} FROM {table}) TO STDOUT") as copy:
            pieces = [bytes(piece) for piece in copy]
        return Rows(table, columns, _joined(pieces), cursor.rowcount)


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


def create_table(connection: Connection, table: str) -> list[str]:
    """The empty copy of a table; tells the definitions of its indexes."""
    name = copy_of(table)
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    rows = connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (name,)).fetchall()
    return [str(row[0]) for row in rows]


def time_copy(connection: Connection, tables: Sequence[Rows]) -> float:
    """Seconds from its beginning to its commit, into the empty tables."""
    connection.execute("TRUNCATE " + ", ".join(copy_of(rows.table) for rows in tables))
    connection.execute("CHECKPOINT")
    began = time.monotonic()
    with connection.transaction(), connection.cursor() as cursor:
        for rows in tables:
            with cursor.copy(f"COPY {copy_of(rows.table)} ({rows.columns}) FROM STDIN") as copy:
                for piece in rows.pieces:
                    copy.write(piece)
    seconds = time.monotonic() - began
    for rows in tables:
        written = connection.execute(f"SELECT count(*) FROM {copy_of(rows.table)}").fetchone()
        assert written == (rows.count,), f"COPY wrote {written} of {rows.count} rows of {rows.table}"
    return seconds
