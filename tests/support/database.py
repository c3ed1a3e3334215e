"""What PostgreSQL holds, seen by its owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack


def connect(stack: Stack, role: str = OWNER) -> psycopg.Connection[dict[str, Any]]:
    """`role` may be one of the services', to see what they may see."""
    return psycopg.connect(stack.database.url(role), row_factory=dict_row, autocommit=True, connect_timeout=5)


def rows(stack: Stack, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    with connect(stack) as connection:
        return connection.execute(sql, values).fetchall()


def one_value(stack: Stack, sql: str, values: Sequence[Any] = ()) -> Any:
    """The first column of the only row; None when there is no row."""
    found = rows(stack, sql, values)
    assert len(found) <= 1, f"{len(found)} rows for {sql}"
    return next(iter(found[0].values())) if found else None
