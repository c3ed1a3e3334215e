"""Peers of the scheduler: the same dispatch of contacts over job engines, on the same PostgreSQL."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from benchmark.redis import Redis
from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL, ROOT
from trunkline_local.part import base_environment
from trunkline_local.postgres import OWNER
from trunkline_local.stack import Stack

PEERS = ROOT / "tests" / "bench" / "peers"
JOBS = PEERS / "jobs"
JOBS_HOME = LOCAL / "bench" / "jobs"
RIVER_HOME = LOCAL / "bench" / "river"
LOG = LOCAL / "log" / "bench-peers.log"
INSTALL_SECONDS = 1800
MOST_SECONDS = 600  # of one program


def _install(what: str, command: list[str], folder: Path) -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        done = subprocess.run(command, check=False, cwd=folder, stdout=log, stderr=log, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise Failure(what, f"{' '.join(command[:2])} failed", LOG)


def install_job_peers(names: list[str]) -> str:
    """Once; what they are made of is compared, and what changed is installed anew."""
    wanted = (JOBS / "package.json").read_bytes()
    stamp = JOBS_HOME / "node_modules" / "installed.json"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        shutil.rmtree(JOBS_HOME, ignore_errors=True)
        JOBS_HOME.mkdir(parents=True)
        shutil.copy(JOBS / "package.json", JOBS_HOME)
        command = ["npm", "install", "--no-save", "--no-package-lock", "--ignore-scripts", "--omit=optional"]
        _install("job peers", [*command, "--no-audit", "--no-fund"], JOBS_HOME)
        stamp.write_bytes(wanted)
    for file in (*JOBS.glob("*.js"), *JOBS.glob("*.sql")):
        shutil.copy(file, JOBS_HOME)
    if "river" not in names:
        return "without river"
    RIVER_HOME.mkdir(parents=True, exist_ok=True)
    for name in ("go.mod", "go.sum", "main.go"):
        shutil.copy(PEERS / "river" / name, RIVER_HOME)
    _install("river peer", ["go", "build", "-o", "river-peer", "."], RIVER_HOME)
    return ", ".join(f"{name} {version}" for name, version in peer_versions().items())


def peer_versions() -> dict[str, str]:
    versions: dict[str, str] = json.loads((JOBS / "package.json").read_text())["dependencies"]
    for line in (PEERS / "river" / "go.mod").read_text().splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "github.com/riverqueue/river":
            versions["river"] = words[1]
    return versions


@dataclass(frozen=True)
class Program:
    """Prepares jobs for so many contacts, and works them off for so many seconds."""

    prepare: tuple[str, ...]
    run: tuple[str, ...]


def _node(file: str) -> Program:
    return Program(("node", f"{file}.js", "prepare"), ("node", f"{file}.js", "run"))


NODE = {"graphile-worker": _node("graphile"), "bullmq": _node("bullmq"), "skip locked": _node("skip_locked")}


class JobPeer:
    """Its contacts and attempts are in a schema of its own, made anew for every turn."""

    def __init__(self, name: str, stack: Stack, redis: Redis):
        self.name = name
        self._stack = stack
        self._redis = redis

    def turn(self, contacts: int, seconds: float) -> tuple[int, float]:
        """Contacts whose outcome was recorded, and in how many seconds."""
        self._fill(contacts)
        if self.name == "river":
            river = str(RIVER_HOME / "river-peer")
            self._ask(river, "prepare", f"--contacts={contacts}")
            self._execute("VACUUM ANALYZE river.river_job")
            self._execute("CHECKPOINT")
            told = self._ask(river, "run", f"--seconds={seconds:g}", f"--sql={JOBS_HOME}")
        else:
            program = NODE[self.name]
            self._ask(*program.prepare, str(contacts))
            self._execute("CHECKPOINT")
            told = self._ask(*program.run, f"{seconds:g}")
        result = json.loads(told)
        recorded = self._count("SELECT count(*) FROM peer.attempts WHERE disposition <> 0")
        called = self._count("SELECT count(DISTINCT contact_id) FROM peer.attempts")
        if recorded < int(result["decisions"]) or called < recorded:
            raise SystemExit(f"{self.name}: {result['decisions']} were told, {recorded} recorded of {called} contacts")
        return int(result["decisions"]), float(result["seconds"])

    def _fill(self, contacts: int) -> None:
        with self._connect() as connection:
            connection.execute((JOBS / "tables.sql").read_text())
            for schema in ("graphile_worker", "river"):
                connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.execute("CREATE SCHEMA river")
            connection.execute(
                "INSERT INTO peer.contacts (contact_id, number) SELECT i, '+1202' || (5000000 + i) "
                f"FROM generate_series(1, {contacts}) AS i"
            )
            connection.execute("VACUUM ANALYZE peer.contacts")
        self._redis.forget_all()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._stack.database.url(OWNER), autocommit=True)

    def _execute(self, sql: str) -> None:
        with self._connect() as connection:
            connection.execute(sql)

    def _count(self, sql: str) -> int:
        with self._connect() as connection:
            row = connection.execute(sql).fetchone()
        assert row is not None
        return int(row[0])

    def _ask(self, *command: str) -> str:
        environment = {
            **base_environment(),
            "DATABASE_URL": self._stack.database.url(OWNER),
            "REDIS": self._redis.where(),
            "NODE_NO_WARNINGS": "1",
        }
        done = subprocess.run(command, cwd=JOBS_HOME, env=environment, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
        if done.returncode != 0:
            raise Failure(self.name, done.stderr.strip()[-500:])
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
