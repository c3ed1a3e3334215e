"""docs/examples/consumer.py, the analysts' first consumer.

On Apache Kafka, since in the embedded broker a group does not go on after its member left.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from typing import Any

import pytest
from support.database import rows
from support.waiting import eventually
from trunkline_local.paths import ROOT
from trunkline_local.python_tools import PYTHON, python_environment
from trunkline_local.stack import Stack

CONSUMER = ROOT / "docs" / "examples" / "consumer.py"


def run_consumer(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PYTHON), str(CONSUMER), f"--bootstrap={stack.kafka_bootstrap()}", *arguments]
    return subprocess.run(command, env=python_environment(), capture_output=True, text=True, timeout=60, check=False)


def printed(stack: Stack, *arguments: str) -> list[dict[str, Any]]:
    done = run_consumer(stack, "--from-beginning", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def printed_of_call(stack: Stack, call_id: str) -> list[dict[str, Any]]:
    return [line for line in printed(stack, "--timeout=6") if line["event"]["call_id"] == call_id]


@pytest.fixture(scope="module")
def call_id(apache_stack: Stack) -> str:
    """A call that ended."""
    placed = apache_stack.demo.place_call(apache_stack.gateway_grpc())
    call = str(placed["record"]["call_id"])
    in_history = "SELECT 1 FROM call_history WHERE call_id = %s"
    eventually(lambda: rows(apache_stack, in_history, [call]), about="the call is in call_history")
    return call


def test_it_prints_every_event_of_the_call_once(apache_stack: Stack, call_id: str) -> None:
    events = [line["event"]["event_id"] for line in printed_of_call(apache_stack, call_id)]
    stored = rows(apache_stack, "SELECT event_id FROM call_events WHERE call_id = %s", [call_id])
    assert sorted(events) == sorted(str(row["event_id"]) for row in stored)


def test_it_prints_headers_and_the_event_with_its_call(apache_stack: Stack, call_id: str) -> None:
    lines = printed_of_call(apache_stack, call_id)
    ended = [line for line in lines if line["event"]["type"] == "CALL_EVENT_TYPE_ENDED"]
    assert len(ended) == 1
    headers, event = ended[0]["headers"], ended[0]["event"]
    assert headers["ce_id"] == event["event_id"]
    assert headers["ce_type"] == "trunkline.call.ended"
    assert headers["ce_source"] == "/trunkline/normalizer"
    assert headers["ce_subject"] == call_id
    assert headers["content-type"] == "application/protobuf"
    assert headers["business_id"] == event["business_id"] == apache_stack.demo.value("business_id")
    assert event["call"]["status"] == "CALL_STATUS_COMPLETED"


def test_it_ends_at_its_limit(apache_stack: Stack, call_id: str) -> None:
    assert len(printed(apache_stack, "--limit=2", "--timeout=20")) == 2


def test_it_goes_on_where_its_group_stopped(apache_stack: Stack, call_id: str) -> None:
    group = f"--group={uuid.uuid4()}"
    first = run_consumer(apache_stack, group, "--from-beginning", "--limit=1", "--timeout=20")
    second = run_consumer(apache_stack, group, "--limit=1", "--timeout=20")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    place = [(line["partition"], line["offset"]) for line in map(json.loads, (first.stdout, second.stdout))]
    assert place[0] != place[1]
