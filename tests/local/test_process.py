"""Background processes: found again by a later run, never mistaken for somebody else's."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest
from support.waiting import eventually
from trunkline_local import process_table
from trunkline_local.process import BackgroundProcess, Launch

SLEEPER = Launch(
    [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)"], {"PATH": "/usr/bin"}
)
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(600)"


@pytest.fixture
def process(tmp_path: Path) -> BackgroundProcess:
    return BackgroundProcess("sleeper", tmp_path / "sleeper.json", tmp_path / "sleeper.log")


def start(process: BackgroundProcess, launch: Launch = SLEEPER) -> None:
    process.start(launch)
    eventually(lambda: "awake" in process.log.read_text(), about="the process runs")


def test_another_object_finds_the_process(process: BackgroundProcess) -> None:
    start(process)
    other = BackgroundProcess("sleeper", process.pid_file, process.log)
    assert other.pid() == process.pid()
    assert other.stop()
    assert not process.is_running()


def test_a_process_that_died_is_told_from_one_that_was_stopped(process: BackgroundProcess) -> None:
    start(process)
    process.kill()
    assert not process.is_running()
    assert process.was_started()
    process.stop()
    assert not process.was_started()


def test_a_number_that_belongs_to_another_process_now_is_left_alone(process: BackgroundProcess) -> None:
    process.pid_file.write_text(json.dumps({"pid": os.getpid(), "start_time": "another boot:1", "fingerprint": ""}))
    assert process.pid() is None
    process.kill()
    process.stop()
    assert process_table.start_time(os.getpid()) is not None


def test_a_process_that_ignores_the_request_is_ended(process: BackgroundProcess) -> None:
    start(process, Launch([sys.executable, "-c", DEAF], {}))
    assert not process.stop(signal.SIGTERM, seconds=0.3)
    assert not process.is_running()


def test_a_frozen_process_is_stopped_in_order(process: BackgroundProcess) -> None:
    start(process)
    process.freeze()
    assert process.is_running()
    assert process_table.stands_still(process.pid() or 0)
    assert process.stop(seconds=10)


def test_children_die_with_a_killed_process(process: BackgroundProcess, tmp_path: Path) -> None:
    child_file = tmp_path / "child"
    start(process, Launch(["/bin/sh", "-c", f"sleep 600 & echo $! > {child_file}; echo awake; wait"], {}))
    child = int(child_file.read_text())
    process.kill()
    assert process_table.start_time(child) is None


def test_the_fingerprint_changes_with_settings_and_program(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("one")
    before = Launch([str(program)], {"A": "1"}).fingerprint()
    assert Launch([str(program)], {"A": "1"}).fingerprint() == before
    assert Launch([str(program)], {"A": "2"}).fingerprint() != before
    program.write_text("other")
    assert Launch([str(program)], {"A": "1"}).fingerprint() != before
