"""The peer that a team would write: Express, Twilio's official library and BullMQ."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from benchmark.redis import Redis
from trunkline_local.failure import Failure
from trunkline_local.part import Part, base_environment
from trunkline_local.paths import LOCAL, ROOT
from trunkline_local.process import Launch
from trunkline_local.ready_probe import answers_ok
from trunkline_local.stack import Stack

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


def queued_jobs(redis: Redis) -> int:
    return int(redis.ask("LLEN", WAITING_JOBS))


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
