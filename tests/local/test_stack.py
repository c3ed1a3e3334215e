"""Stacks of the local runner: apart from each other, gone with their owner, and started again where they failed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.database import one_value
from support.stacks import MakeStack
from support.waiting import eventually
from trunkline_local.failure import Failure
from trunkline_local.paths import ROOT
from trunkline_local.process import BackgroundProcess
from trunkline_local.stack import Stack
from trunkline_local.test_directories import new_directory


def test_a_second_start_leaves_what_runs_alone(stack: Stack) -> None:
    before = {part.name: part.process.pid() for part in stack.parts()}
    stack.start()
    assert {part.name: part.process.pid() for part in stack.parts()} == before


def test_a_second_start_starts_what_died(stack: Stack) -> None:
    before = stack.endpoints()
    stack["normalizer"].kill()
    stack["postgres"].kill()
    stack.start()
    assert all(part.is_ready() for part in stack.parts())
    assert stack.endpoints() == before


def test_a_changed_setting_restarts_the_service(stack: Stack) -> None:
    before = stack["normalizer"].process.pid()
    stack["normalizer"].overrides["TRUNKLINE_LOG_LEVEL"] = "debug"
    stack["normalizer"].start()
    assert stack["normalizer"].process.pid() != before


def test_a_frozen_service_is_not_ready(stack: Stack) -> None:
    stack["gateway"].freeze()
    assert not stack["gateway"].is_ready()
    stack["gateway"].thaw()
    eventually(stack["gateway"].is_ready)


def test_a_killed_database_keeps_what_was_committed(stack: Stack) -> None:
    stack.database.run_sql("CREATE TABLE kept AS SELECT 7 AS value")
    stack["postgres"].kill()
    stack["postgres"].start()
    assert stack.database.run_sql("SELECT value FROM kept") == "7"
    assert one_value(stack, "SELECT 1") == 1


def test_a_service_that_cannot_start_is_named_with_the_end_of_its_log(stack: Stack) -> None:
    broken = stack.add_normalizer("broken-normalizer")
    broken.overrides["TRUNKLINE_ADMIN_PORT"] = "no port"
    broken.overrides["TRUNKLINE_KAFKA_BOOTSTRAP"] = ""
    broken.start_seconds = 5
    with pytest.raises(Failure) as failure:
        broken.start()
    assert failure.value.part == "broken-normalizer"
    assert "broken-normalizer.log" in str(failure.value)
    broken.stop()


def test_two_stacks_share_nothing(stack: Stack, make_stack: MakeStack) -> None:
    other = make_stack("embedded")
    other.start()
    ours, theirs = stack.endpoints(), other.endpoints()
    for name in ("TRUNKLINE_INGEST_URL", "TRUNKLINE_DATABASE_URL", "TRUNKLINE_KAFKA_BOOTSTRAP"):
        assert ours[name] != theirs[name]


OWNER = """
import os, signal, sys
from pathlib import Path
from trunkline_local.guard import Guard
from trunkline_local.process import BackgroundProcess, Launch
home = Path(sys.argv[1])
Guard(home).watch()
BackgroundProcess("sleeper", home / "run" / "sleeper.json", home / "log" / "sleeper.log").start(
    Launch(["/bin/sleep", "600"], {}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_guarded_stack_ends_with_its_owner() -> None:
    home: Path = new_directory("guarded")
    environment = {"PYTHONPATH": str(ROOT / "deploy" / "local")}
    subprocess.run([sys.executable, "-c", OWNER, str(home)], env=environment, check=False)
    process = BackgroundProcess("sleeper", home / "run" / "sleeper.json", home / "log" / "sleeper.log")
    assert process.was_started()
    eventually(lambda: not process.is_running(), about="the guard ended the process")
