"""A plain sequential client of the call-tracking platforms' APIs, in tests/bench/peers/tracking."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from support.database import connect
from support.tracking_platforms import Platform
from trunkline_local.failure import Failure
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack

PROGRAM = Path(__file__).parent.parent / "peers" / "tracking" / "plain_client.py"


@dataclass(frozen=True)
class PlainTurn:
    calls: int
    requests: int
    seconds: float
    processor_seconds: float
    external_ids: list[str]  # as its table has them


def read_plainly(stack: Stack, platform: Platform, start: datetime, end: datetime) -> PlainTurn:
    """All calls of an account at the twin that began within the range, into a table of their own."""
    table = "plain_" + platform.account.lower().replace("-", "_")
    task = {
        "platform": platform.name,
        "url": stack.twin_url() + platform.path,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "table": table,
        "account": platform.account,
        "credentials": platform.credentials,
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAM), json.dumps(task)],
        env={"PLAIN_DATABASE_URL": stack.database.url(OWNER)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure("plain client", done.stderr.strip())
    told = json.loads(done.stdout)
    with connect(stack) as connection:
        ids = [row["external_id"] for row in connection.execute(f"SELECT external_id FROM {table}")]
        connection.execute(f"DROP TABLE {table}, {table}_place")
    return PlainTurn(told["calls"], told["requests"], told["seconds"], told["processor_seconds"], ids)
