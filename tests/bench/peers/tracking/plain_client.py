"""What somebody would write in an afternoon to have the calls of a call-tracking platform in a table.

    PLAIN_DATABASE_URL=... python plain_client.py '{"platform": "retreaver", "url": "http://...", "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-31T00:00:00Z", "table": "plain_calls", "account": "170001", "credentials": {"api_key": "..."}}'

One page after the other over a connection that stays open; each page is one transaction: its calls, written over those
that are there, and the place after it. It knows no limits, no webhooks and no events. Prints what it did as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import requests
from psycopg.types.json import Jsonb

SECONDS = 30
PAGE = {"retreaver": 100, "trackdrive": 250, "ringba": 1000}
# As many as Trunkline asks for.
RINGBA_COLUMNS = (
    "inboundCallId callDt callConnectionDt callCompletedDt inboundPhoneNumber number campaignId campaignName publisherId "
    "publisherName publisherSubId targetId targetName targetNumber buyer buyerId timeToConnectInSeconds "
    "callLengthInSeconds connectedCallLengthInSeconds endCallSource noPayoutReason noConversionReason blockReason "
    "incompleteCallReason hasConnected hasPayout hasConverted hasRecording hasVoiceMail isLive isDuplicate wasBlocked "
    "conversionAmount payoutAmount profitGross profitNet totalCost telcoCost recordingUrl"
).split()
COLUMNS = (
    "external_id, started_at, ended_at, status, caller, tracking_number, campaign_id, publisher_id, buyer_id, revenue, "
    "payout, cost, converted, record"
)
NAMES = COLUMNS.split(", ")
Row = tuple[Any, ...]
Page = tuple[list[Row], str]  # the calls, and the place after them


def time_of(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def retreaver_row(call: dict[str, Any]) -> Row:
    return (
        call["uuid"],
        call["start_time"],
        call.get("end_time"),
        call.get("status"),
        call.get("caller"),
        call.get("number"),
        call.get("campaign_id"),
        call.get("affiliate_name"),
        call.get("target_id"),
        call.get("revenue"),
        call.get("payout"),
        call.get("total_cost"),
        call.get("converted"),
        Jsonb(call),
    )


def trackdrive_row(call: dict[str, Any]) -> Row:
    return (
        call["uuid"],
        call["created_at"],
        call.get("ended_at"),
        call.get("status"),
        call.get("caller_number"),
        call.get("number_called"),
        call.get("offer_id"),
        call.get("traffic_source_id"),
        call.get("buyer_id"),
        call.get("revenue") or None,
        call.get("payout") or None,
        call.get("provider_cost") or None,
        call.get("buyer_converted") in (True, "Converted"),
        Jsonb(call),
    )


def ringba_row(call: dict[str, Any]) -> Row:
    return (
        call["inboundCallId"],
        time_of(call["callDt"]),
        time_of(call.get("callCompletedDt")),
        call.get("endCallSource"),
        call.get("inboundPhoneNumber"),
        call.get("number"),
        call.get("campaignId"),
        call.get("publisherId"),
        call.get("buyerId"),
        call.get("conversionAmount"),
        call.get("payoutAmount"),
        call.get("totalCost"),
        call.get("hasConverted"),
        Jsonb(call),
    )


class Reader:
    def __init__(self, task: dict[str, Any]):
        self._task = task
        self._session = requests.Session()
        self._from = datetime.fromisoformat(task["from"])
        self._to = datetime.fromisoformat(task["to"])
        self.requests = 0

    def pages(self) -> Iterator[Page]:
        return getattr(self, f"_{self._task['platform']}")()  # type: ignore[no-any-return]

    def _answer(self, method: str, url: str, **request: Any) -> requests.Response:
        self.requests += 1
        answer = self._session.request(method, url, timeout=SECONDS, **request)
        answer.raise_for_status()
        return answer

    def _retreaver(self) -> Iterator[Page]:
        secret = {"api_key": self._task["credentials"]["api_key"], "company_id": self._task["account"]}
        url = self._task["url"] + "/api/v2/calls.json"
        wish = {
            **secret,
            "sort_by": "created_at",
            "order": "asc",
            "created_at_start": self._from.isoformat(),
            "created_at_end": self._to.isoformat(),
            "per_page": PAGE["retreaver"],
            "page": 1,
        }
        while True:
            answer = self._answer("GET", url, params=wish)
            yield [retreaver_row(element["call"]) for element in answer.json()], f"page {wish['page']}"
            if "next" not in answer.links:
                return
            wish["page"] += 1

    def _trackdrive(self) -> Iterator[Page]:
        keys = self._task["credentials"]
        cursor = "-1"
        while cursor != "0":
            wish = {
                "created_at_from": self._from.isoformat(),
                "created_at_to": self._to.isoformat(),
                "per_page": PAGE["trackdrive"],
                "serializer": "call",
                "cursor": cursor,
            }
            auth = (keys["public_key"], keys["private_key"])
            body = self._answer("GET", self._task["url"] + "/calls", params=wish, auth=auth).json()
            cursor = str(body["metadata"]["next_cursor"])
            yield [trackdrive_row(call) for call in body["calls"]], f"cursor {cursor}"

    def _ringba(self) -> Iterator[Page]:
        """Day by day: a list may not be longer than some thousands."""
        url = f"{self._task['url']}/{self._task['account']}/calllogs"
        headers = {"Authorization": f"Token {self._task['credentials']['api_token']}"}
        begin = self._from
        while begin < self._to:
            end = min(begin + timedelta(days=1), self._to)
            offset, total = 0, 1
            while offset < total:
                wish = {
                    "reportStart": begin.isoformat(),
                    "reportEnd": end.isoformat(),
                    "offset": offset,
                    "size": PAGE["ringba"],
                    "orderByColumns": [{"column": "callDt", "direction": "asc"}],
                    "valueColumns": [{"column": column} for column in RINGBA_COLUMNS],
                }
                report = self._answer("POST", url, json=wish, headers=headers).json()["report"]
                total = report["totalCount"]
                offset += PAGE["ringba"]
                yield [ringba_row(call) for call in report["records"]], f"{begin.isoformat()} {offset}"
            begin = end


def main() -> None:
    task = json.loads(sys.argv[1])
    table = task["table"]
    with psycopg.connect(os.environ["PLAIN_DATABASE_URL"]) as connection:
        connection.execute(
            f"CREATE TABLE {table} (external_id text PRIMARY KEY, started_at timestamptz NOT NULL, ended_at timestamptz, "
            "status text, caller text, tracking_number text, campaign_id text, publisher_id text, buyer_id text, "
            "revenue numeric, payout numeric, cost numeric, converted boolean, record jsonb NOT NULL)"
        )
        connection.execute(f"CREATE INDEX ON {table} (started_at)")
        connection.execute(f"CREATE TABLE {table}_place (place text NOT NULL)")
        connection.execute(f"INSERT INTO {table}_place VALUES ('')")
        connection.commit()
        changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in NAMES[1:])
        upsert = (
            f"INSERT INTO {table} ({COLUMNS}) VALUES ({', '.join(['%s'] * len(NAMES))}) "
            f"ON CONFLICT (external_id) DO UPDATE SET {changed}"
        )
        reader = Reader(task)
        calls = 0
        began = time.monotonic()
        with connection.cursor() as cursor:
            for rows, place in reader.pages():
                cursor.executemany(upsert, rows)
                cursor.execute(f"UPDATE {table}_place SET place = %s", [place])
                connection.commit()
                calls += len(rows)
        seconds = time.monotonic() - began
    processor = time.process_time()
    print(json.dumps({"calls": calls, "requests": reader.requests, "seconds": seconds, "processor_seconds": processor}))


if __name__ == "__main__":
    main()
