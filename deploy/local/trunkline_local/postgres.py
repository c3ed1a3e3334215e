"""A PostgreSQL cluster of the stack's own. The cluster that Debian starts for everybody is never touched."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from trunkline_local import system_user
from trunkline_local.failure import Failure
from trunkline_local.part import Part, base_environment
from trunkline_local.process import Launch
from trunkline_local.state import State

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
OWNER = "trunkline_owner"

# fsync and synchronous_commit stay on: what is acknowledged has been committed, on a developer's machine too.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] %u@%d ",
}


class Postgres(Part):
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: does not wait for clients to leave

    def __init__(self, directory: Path, state: State):
        super().__init__("postgres", directory, state)

    def port_names(self) -> list[str]:
        return ["postgres"]

    def port(self) -> int:
        return self.state.port("postgres")

    def where(self) -> str:
        return f"127.0.0.1:{self.port()}, data in {self.data}"

    @property
    def data(self) -> Path:
        return Path(self.state.remember("postgres-home", self._choose_home)) / "data"

    def _choose_home(self) -> str:
        home = self.directory / "postgres"
        home.mkdir(parents=True, exist_ok=True)
        if system_user.can_reach(home):
            return str(home)
        # The repository is in a closed home directory. /var/tmp survives a reboot, as the repository does.
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
        return f"/var/tmp/trunkline-{digest}"

    def launch_plan(self) -> Launch:
        settings = {**SETTINGS, "port": str(self.port())}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Launch(
            system_user.command_as([str(PROGRAMS / "postgres"), "-D", str(self.data), *words]), base_environment()
        )

    def prepare(self) -> None:
        if not (PROGRAMS / "postgres").exists():
            raise Failure(self.name, "PostgreSQL 15 is not installed (Debian package postgresql-15)")
        if (self.data / "PG_VERSION").exists():
            return
        home = self.data.parent
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        system_user.give(home)
        # Made beside its place and moved there, so that an interrupted run leaves no half a cluster behind.
        unfinished = home / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = home / "password"
        password_file.write_text(self.owner_password())
        password_file.chmod(0o600)
        system_user.give(password_file)
        initdb = [
            str(PROGRAMS / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={OWNER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(
                system_user.command_as(initdb), check=False, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        password_file.unlink()
        if done.returncode != 0:
            raise Failure(self.name, "initdb could not make the database cluster", self.log)
        unfinished.rename(self.data)

    def is_ready(self) -> bool:
        ask = [str(PROGRAMS / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={self.port()}", "--timeout=1"]
        return subprocess.run(ask, check=False, cwd="/", stdin=subprocess.DEVNULL).returncode == 0

    def owner_password(self) -> str:
        return self.state.remember("password:" + OWNER, lambda: secrets.token_hex(24))

    def delete_data(self) -> None:
        shutil.rmtree(self.data.parent, ignore_errors=True)
