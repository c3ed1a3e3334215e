"""The broker in memory, tools/embedded-kafka."""

from __future__ import annotations

from pathlib import Path

from trunkline_local import kafka_wire
from trunkline_local.part import Part, base_environment
from trunkline_local.process import Launch
from trunkline_local.state import State


class EmbeddedKafka(Part):
    def __init__(self, directory: Path, state: State, binaries: Path):
        super().__init__("kafka", directory, state)
        self._program = binaries / "embedded-kafka"
        self._ready_file = directory / "run" / "kafka.bootstrap"

    def port_names(self) -> list[str]:
        return ["kafka"]

    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.state.port('kafka')}"

    def where(self) -> str:
        return f"{self.bootstrap()}, in memory"

    def launch_plan(self) -> Launch:
        command = [str(self._program), f"--port={self.state.port('kafka')}", f"--ready-file={self._ready_file}"]
        return Launch(command, base_environment())

    def prepare(self) -> None:
        self._ready_file.parent.mkdir(parents=True, exist_ok=True)
        self._ready_file.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        return self._ready_file.exists() and kafka_wire.answers(self.bootstrap())
