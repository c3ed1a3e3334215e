"""A Redis of the benchmark's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from trunkline_local.part import Part, base_environment
from trunkline_local.paths import LOCAL
from trunkline_local.process import Launch
from trunkline_local.state import State


class Redis(Part):
    """In memory alone, the fastest that it can be: what it took is gone with its process. Or with a log of what was
    changed, which is on the disk when it answers ("always"), or a second later ("everysec")."""

    def __init__(self, directory: Path, state: State, append: bool = False):
        super().__init__("redis", directory, state)
        self._append = append

    def port_names(self) -> list[str]:
        return ["redis"]

    def port(self) -> int:
        return self.state.port("redis")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}"

    @property
    def data(self) -> Path:
        return self.directory / "redis"

    def prepare(self) -> None:
        # Debian's server package would run a Redis of its own from now on. The tools hold the same program under
        # another name, and it goes by the name that it is called.
        program = LOCAL / "bench" / "redis-server"
        program.parent.mkdir(parents=True, exist_ok=True)
        if not program.exists():
            program.symlink_to("/usr/bin/redis-check-rdb")
        self.data.mkdir(parents=True, exist_ok=True)

    def launch_plan(self) -> Launch:
        words = ["--bind", "127.0.0.1", "--port", str(self.port()), "--save", "", "--dir", str(self.data)]
        log = ["--appendonly", "yes" if self._append else "no"]
        return Launch([str(LOCAL / "bench" / "redis-server"), *words, *log], base_environment())

    def ask(self, *words: str) -> str:
        done = subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port()), *words],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    def is_ready(self) -> bool:
        return self.ask("PING") == "PONG"

    def put_on_disk(self, when: str) -> None:
        """ "always" or "everysec"."""
        self.ask("CONFIG", "SET", "appendfsync", when)

    def forget_all(self) -> None:
        self.ask("FLUSHALL")

    def delete_data(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
