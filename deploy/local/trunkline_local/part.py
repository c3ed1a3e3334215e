"""One process of a stack: how it is started, when it is ready, how it is stopped."""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from pathlib import Path

from trunkline_local.failure import Failure
from trunkline_local.process import BackgroundProcess, Launch
from trunkline_local.state import State
from trunkline_local.waiting import wait_until

# Handed on to every process; anything else of the caller's environment would make a stack depend on who started it.
PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS")
PASSED_ON_PREFIXES = ("OTEL_",)


def base_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k in PASSED_ON or k.startswith(PASSED_ON_PREFIXES)}


class Part(ABC):
    # How long a start may take, and an orderly end.
    start_seconds = 30.0
    stop_seconds = 20.0
    stop_signal = signal.SIGTERM

    def __init__(self, name: str, directory: Path, state: State):
        self.name = name
        self.directory = directory
        self.state = state
        self.process = BackgroundProcess(name, directory / "run" / f"{name}.json", directory / "log" / f"{name}.log")
        # Settings of this process only, over everything else; takes effect with the next start.
        self.overrides: dict[str, str] = {}

    @abstractmethod
    def launch_plan(self) -> Launch:
        """Called when the ports are settled."""

    @abstractmethod
    def is_ready(self) -> bool: ...

    @abstractmethod
    def port_names(self) -> list[str]: ...

    @abstractmethod
    def where(self) -> str:
        """For people: where it listens."""

    def settle_ports(self) -> None:
        """Before anything of a stack is started, as the parts tell each other their ports."""
        if not self.process.is_running():
            for name in self.port_names():
                self.state.replace_port_if_taken(name)

    def prepare(self) -> None:
        """What must exist before the process is started."""

    @property
    def log(self) -> Path:
        return self.process.log

    def plan(self) -> Launch:
        launch = self.launch_plan()
        return Launch(launch.command, {**launch.environment, **self.overrides})

    def launch(self) -> str:
        """Starts it without waiting, unless it runs with the same program and settings; says what was done."""
        outcome = "started"
        if self.process.is_running():
            if self.process.fingerprint() == self.plan().fingerprint():
                return "was running"
            self.stop()
            outcome = "restarted with new settings"
        elif self.process.was_started():
            outcome = "had died, started again"
        self.prepare()
        self.process.start(self.plan())
        return outcome

    def wait_until_ready(self) -> None:
        ready = wait_until(lambda: not self.process.is_running() or self.is_ready(), self.start_seconds)
        if not self.process.is_running():
            raise Failure(self.name, f"did not start: {self.process.exit_description()}", self.log)
        if not ready:
            raise Failure(self.name, f"was not ready within {self.start_seconds:.0f} s", self.log)

    def start(self) -> str:
        outcome = self.launch()
        self.wait_until_ready()
        return outcome

    def stop(self) -> bool:
        return self.process.stop(self.stop_signal, self.stop_seconds)

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        self.process.freeze()

    def thaw(self) -> None:
        self.process.thaw()

    def is_running(self) -> bool:
        return self.process.is_running()
