"""What ConsistencyService finds of an account: what is here against what its platform has.

    check = TrackingCheck(stack, account_id)
    assert check.findings() == []
    assert check.problems_with(check.plant(3)) == []
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import psycopg
from support.client import SECONDS
from support.database import connect, rows
from support.gateway import api_key_of
from support.waiting import eventually
from trunkline.calls.v1.call_state_pb2 import CallState
from trunkline.tracking.v1 import consistency_service_pb2 as consistency
from trunkline.tracking.v1.consistency_service_pb2_grpc import ConsistencyServiceStub
from trunkline_local.stack import Stack

RANGE = timedelta(hours=40)
# What happened later may still be on its way, and is refused.
LATEST = timedelta(minutes=11)
CHECK_SECONDS = 120
OVER = (consistency.CHECK_STATE_FINISHED, consistency.CHECK_STATE_FAILED, consistency.CHECK_STATE_CANCELED)
# With money, and so old that the money of every platform is compared.
SETTLED = (
    "status = 'completed' AND converted AND ended_at < now() - interval '25 hours' "
    "AND started_at > now() - interval '39 hours'"
)
PLANTED_REVENUE = 987_650_000


class TrackingCheck:
    def __init__(self, stack: Stack, account_id: str, seconds: float = CHECK_SECONDS):
        """`seconds` is how long a check may take."""
        self._stack = stack
        self._account_id = account_id
        self._seconds = seconds

    def findings(self) -> list[str]:
        """Of a new check of the last 40 hours that mends nothing: "KIND id field,field", in order."""
        with self._service() as service:
            metadata = api_key_of(self._stack)
            now = datetime.now(UTC)
            wanted = consistency.StartCheckRequest(
                request_id=str(uuid.uuid4()),
                provider_account_id=self._account_id,
                repair=consistency.REPAIR_POLICY_NONE,
            )
            wanted.range_start.FromDatetime(now - RANGE)
            wanted.range_end.FromDatetime(now - LATEST)
            check_id = service.StartCheck(wanted, metadata=metadata, timeout=SECONDS).check.check_id
            get = consistency.GetCheckRequest(check_id=check_id)
            check = eventually(
                lambda: service.GetCheck(get, metadata=metadata, timeout=SECONDS).check,
                seconds=self._seconds,
                until=lambda check: check.state in OVER,
                about="the check is over",
            )
            assert check.state == consistency.CHECK_STATE_FINISHED, f"the check failed: {check.error}"
            assert check.checked > 0, "nothing was checked"
            found: list[str] = []
            page = consistency.ListFindingsRequest(check_id=check_id, page_size=100)
            while True:
                answer = service.ListFindings(page, metadata=metadata, timeout=SECONDS)
                found += [_words(finding) for finding in answer.findings]
                if not answer.next_page_token:
                    return sorted(found)
                page.page_token = answer.next_page_token

    def problems_with(self, planted: list[str]) -> list[str]:
        """What a new check finds beside the planted rows, and what of them it does not."""
        found = self.findings()
        problems = [f"{finding} was planted, and not found" for finding in planted if finding not in found]
        return problems + [f"{finding} was found, and not planted" for finding in found if finding not in planted]

    def plant(self, count: int) -> list[str]:
        """Makes so many rows wrong: a third each is changed, deleted, and one too many. As findings() tells them."""
        sql = (
            "SELECT call_id, external_call_id, state FROM call_history "
            f"WHERE provider_account_id = %s AND {SETTLED} ORDER BY md5(external_call_id) LIMIT {10 * count + 100}"
        )
        # A record that changed a moment ago is left for a later check.
        lately = datetime.now(UTC).timestamp() - 3600
        found = rows(self._stack, sql, [self._account_id])
        quiet = [row for row in found if CallState.FromString(row["state"]).details.record_changed_at.seconds < lately]
        assert len(quiet) >= count, f"only {len(quiet)} calls are old enough to be made wrong"
        planted: list[str] = []
        with connect(self._stack) as connection, connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for number, row in enumerate(quiet[:count]):
                planted.append((self._spoil, self._delete, self._double)[number % 3](connection, row))
        return sorted(planted)

    def _spoil(self, connection: psycopg.Connection[dict[str, Any]], row: dict[str, Any]) -> str:
        state = CallState.FromString(row["state"])
        state.details.revenue.micros = PLANTED_REVENUE
        change = "UPDATE call_history SET state = %s WHERE call_id = %s"
        connection.execute(change, [state.SerializeToString(), row["call_id"]])
        return f"DIFFERENT {row['external_call_id']} revenue"

    def _delete(self, connection: psycopg.Connection[dict[str, Any]], row: dict[str, Any]) -> str:
        connection.execute("DELETE FROM call_history WHERE call_id = %s", [row["call_id"]])
        return f"MISSING {row['external_call_id']}"

    def _double(self, connection: psycopg.Connection[dict[str, Any]], row: dict[str, Any]) -> str:
        extra = CallState.FromString(row["state"])
        extra.call_id = str(uuid.uuid4())
        extra.details.external_call_id = str(uuid.uuid4())
        self._copy(connection, row["call_id"], extra)
        return f"EXTRA {extra.details.external_call_id}"

    def _copy(self, connection: psycopg.Connection[dict[str, Any]], call_id: uuid.UUID, state: CallState) -> None:
        """A row like that of `call_id`, of another call."""
        sql = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'call_history' AND is_generated = 'NEVER'"
        )
        names = [row["column_name"] for row in connection.execute(sql)]
        other = {
            "call_id": state.call_id,
            "external_call_id": state.details.external_call_id,
            "state": state.SerializeToString(),
        }
        values = [f"%({name})s" if name in other else name for name in names]
        copy = (
            f"INSERT INTO call_history ({', '.join(names)}) SELECT {', '.join(values)} "
            "FROM call_history WHERE call_id = %(copied)s"
        )
        connection.execute(copy, {**other, "copied": call_id})

    @contextmanager
    def _service(self) -> Iterator[ConsistencyServiceStub]:
        with grpc.insecure_channel(self._stack.tracking_grpc()) as channel:
            grpc.channel_ready_future(channel).result(timeout=20)
            yield ConsistencyServiceStub(channel)


def _words(finding: consistency.Finding) -> str:
    kind = consistency.FindingKind.Name(finding.kind).removeprefix("FINDING_KIND_")
    # What differs is asked for by itself, and tells tags that some lists do not.
    named = {difference.field for difference in finding.differences}
    fields = ",".join(sorted(field for field in named if not field.startswith("tags.")))
    return f"{kind} {finding.external_call_id} {fields}".rstrip()
