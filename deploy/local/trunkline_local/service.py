"""One of Trunkline's own processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trunkline_local.part import Part
from trunkline_local.process import Launch
from trunkline_local.ready_probe import answers_ok
from trunkline_local.state import State


@dataclass(frozen=True)
class ServiceKind:
    """What all processes of one program have in common."""

    program: str
    # Each gets a port of its own, as the setting of this name: "http-port" is TRUNKLINE_HTTP_PORT.
    ports: tuple[str, ...]
    # Where it says that it is ready.
    probe_port: str = "admin-port"
    probe_path: str = "/readyz"


class Service(Part):
    def __init__(
        self,
        name: str,
        kind: ServiceKind,
        directory: Path,
        state: State,
        binaries: Path,
        settings: Callable[[], dict[str, str]],
    ):
        super().__init__(name, directory, state)
        self.kind = kind
        self._program = binaries / kind.program
        self._settings = settings

    def port(self, port: str) -> int:
        return self.state.port(f"{self.name}:{port}")

    def port_names(self) -> list[str]:
        return [f"{self.name}:{port}" for port in self.kind.ports]

    def where(self) -> str:
        return ", ".join(f"{port.removesuffix('-port')} 127.0.0.1:{self.port(port)}" for port in self.kind.ports)

    def launch_plan(self) -> Launch:
        listening = {f"TRUNKLINE_{port.upper().replace('-', '_')}": str(self.port(port)) for port in self.kind.ports}
        return Launch([str(self._program)], {**self._settings(), **listening})

    def is_ready(self) -> bool:
        return answers_ok(self.port(self.kind.probe_port), self.kind.probe_path)
