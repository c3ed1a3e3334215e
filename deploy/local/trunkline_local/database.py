"""Trunkline's database in the cluster: who may log in, and SQL as its owner."""

from __future__ import annotations

import secrets
import subprocess

from trunkline_local.failure import Failure
from trunkline_local.part import base_environment
from trunkline_local.postgres import OWNER, PROGRAMS, Postgres

NAME = "trunkline"
READER = "trunkline_reader"
# Made by migrations, without a password.
LOGIN_ROLES = (
    "trunkline_gateway",
    "trunkline_gateway_worker",
    "trunkline_normalizer",
    "trunkline_governor",
    "trunkline_scheduler",
    "trunkline_scheduler_worker",
    "trunkline_tracking",
    "trunkline_tracking_worker",
    READER,
)


class Database:
    def __init__(self, postgres: Postgres):
        self._postgres = postgres

    def url(self, role: str, database: str = NAME) -> str:
        return f"postgresql://{role}:{self._password(role)}@127.0.0.1:{self._postgres.port()}/{database}"

    def _password(self, role: str) -> str:
        if role == OWNER:
            return self._postgres.owner_password()
        return self._postgres.state.remember("password:" + role, lambda: secrets.token_hex(24))

    def run_sql(self, sql: str, database: str = "postgres") -> str:
        """As the owner; the rows without decoration."""
        command = [
            str(PROGRAMS / "psql"),
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
            "--host=127.0.0.1",
            f"--port={self._postgres.port()}",
            f"--username={OWNER}",
            f"--dbname={database}",
        ]
        # The password goes through the environment and the statements through standard input: command lines are public.
        environment = {**base_environment(), "PGPASSWORD": self._password(OWNER), "PGCONNECT_TIMEOUT": "5"}
        done = subprocess.run(command, input=sql, env=environment, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode != 0:
            raise Failure("postgres", f"SQL failed: {done.stderr.strip()}", self._postgres.log)
        return done.stdout.strip()

    def create(self) -> None:
        if self.run_sql(f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'") == "":
            self.run_sql(f"CREATE DATABASE {NAME}")

    def let_roles_log_in(self) -> None:
        self.run_sql("".join(f"ALTER ROLE {role} LOGIN PASSWORD '{self._password(role)}';\n" for role in LOGIN_ROLES))
