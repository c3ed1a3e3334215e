"""The peer that a team would write: Express, Twilio's official library and BullMQ, and the Redis that BullMQ needs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from trunkline_local.failure import Failure
from trunkline_local.part import Part, base_environment
from trunkline_local.paths import LOCAL, ROOT
from trunkline_local.process import Launch
from trunkline_local.ready_probe import answers_ok
from trunkline_local.stack import Stack
from trunkline_local.state import State

SOURCE = ROOT / "tests" / "bench" / "peers" / "express"
HOME = LOCAL / "bench" / "express"
LOG = LOCAL / "log" / "bench-npm.log"
WAITING_JOBS = "bull:webhooks:wait"


def install_express_peer() -> str:
    """Once; a changed package.json installs anew. The packages can do without what their install scripts compile."""
    wanted = (SOURCE / "package.json").read_bytes()
    stamp = HOME / "node_modules" / "installed.json"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        shutil.copy(SOURCE / "package.json", HOME)
        command = ["npm", "install", "--no-save", "--no-package-lock", "--ignore-scripts", "--omit=optional"]
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with LOG.open("wb") as log:
            done = subprocess.run(
                [*command, "--no-audit", "--no-fund"], check=False, cwd=HOME, stdout=log, stderr=log
            )
        if done.returncode != 0:
            raise Failure("express peer", "npm could not install its packages", LOG)
        stamp.write_bytes(wanted)
    shutil.copy(SOURCE / "server.js", HOME)
    return ", ".join(f"{name} {version}" for name, version in express_versions().items())


def express_versions() -> dict[str, str]:
    versions: dict[str, str] = json.loads((SOURCE / "package.json").read_text())["dependencies"]
    return versions


class Redis(Part):
    """In memory alone, the fastest that it can be: a webhook that it took is gone with its process."""

    def __init__(self, directory: Path, state: State):
        super().__init__("redis", directory, state)

    def port_names(self) -> list[str]:
        return ["redis"]

    def port(self) -> int:
        return self.state.port("redis")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}"

    def prepare(self) -> None:
        # Debian's server package would run a Redis of its own from now on. The tools hold the same program under
        # another name, and it goes by the name that it is called.
        program = LOCAL / "bench" / "redis-server"
        program.parent.mkdir(parents=True, exist_ok=True)
        if not program.exists():
            program.symlink_to("/usr/bin/redis-check-rdb")

    def launch_plan(self) -> Launch:
        words = ["--bind", "127.0.0.1", "--port", str(self.port()), "--save", "", "--appendonly", "no"]
        return Launch([str(LOCAL / "bench" / "redis-server"), *words], base_environment())

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

    def queued_jobs(self) -> int:
        return int(self.ask("LLEN", WAITING_JOBS))

    def forget_jobs(self) -> None:
        self.ask("FLUSHALL")


class ExpressPeer(Part):
    def __init__(self, stack: Stack, redis: Redis, workers: int):
        super().__init__("express", stack.directory, stack.state)
        self._stack = stack
        self._redis = redis
        self._workers = workers

    def port_names(self) -> list[str]:
        return ["express"]

    def port(self) -> int:
        return self.state.port("express")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}"

    def launch_plan(self) -> Launch:
        settings = {
            "NODE_ENV": "production",
            "PORT": str(self.port()),
            "REDIS_PORT": str(self._redis.port()),
            "PUBLIC_HOST": self._stack.public_url().removeprefix("http://"),
            "WORKERS": str(self._workers),
            "TWILIO_AUTH_TOKEN": self._stack.demo.auth_token(),
        }
        node = shutil.which("node") or "/usr/bin/node"
        return Launch([node, str(HOME / "server.js")], {**base_environment(), **settings})

    def is_ready(self) -> bool:
        return answers_ok(self.port(), "/healthz")
