"""A complete Trunkline in one directory: PostgreSQL, Kafka, the provider twin and the services.

    stack = Stack(Path("/tmp/example"), kafka="embedded", bin_dir=binaries("dev"))
    stack.start()
    stack["normalizer"].kill()      # SIGKILL
    stack["normalizer"].start()
    stack.stop()

Any number of stacks can run at the same time; each has its own ports, passwords and data. What runs is written down in
the directory, so another process can make a Stack of the same directory and finds everything.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trunkline_local import kafka_wire
from trunkline_local.database import Database
from trunkline_local.demo import Demo
from trunkline_local.endpoints import endpoints_of, write_endpoints
from trunkline_local.failure import Failure
from trunkline_local.guard import Guard
from trunkline_local.kafka import KINDS, make_kafka
from trunkline_local.part import Part
from trunkline_local.paths import MIGRATIONS
from trunkline_local.postgres import OWNER, Postgres
from trunkline_local.secrets_directory import SecretsDirectory
from trunkline_local.service import Service, ServiceKind
from trunkline_local.service_settings import (
    gateway_settings,
    governor_settings,
    normalizer_settings,
    operator_settings,
    scheduler_settings,
    tracking_settings,
    twin_settings,
    webhook_ingest_settings,
)
from trunkline_local.state import State
from trunkline_local.trunkctl import Trunkctl

TWIN = ServiceKind("provider-twin", ("port",), probe_port="port", probe_path="/healthz")
GATEWAY = ServiceKind("gateway", ("grpc-port", "http-port", "admin-port"))
WEBHOOK_INGEST = ServiceKind("webhook-ingest", ("http-port", "admin-port"))
NORMALIZER = ServiceKind("normalizer", ("admin-port",))
GOVERNOR = ServiceKind("concurrency-governor", ("grpc-port", "admin-port"))
SCHEDULER = ServiceKind("campaign-scheduler", ("grpc-port", "admin-port"))
TRACKING = ServiceKind("call-tracking-sync", ("grpc-port", "admin-port"))

# Told what is about to be done, and what came of it.
Report = Callable[[str, Callable[[], str]], None]


def _silently(_name: str, action: Callable[[], str]) -> None:
    action()


def _stop(part: Part) -> str:
    return "stopped" if part.stop() else "did not stop in time, ended"


class Stack:
    def __init__(self, directory: Path, kafka: str, bin_dir: Path, guarded: bool = False):
        """`kafka` is "embedded", "apache" or the bootstrap address of a cluster that is there. A guarded stack ends
        with the process that started it, however that ends."""
        self.directory = directory.resolve()
        self.kafka_kind = kafka
        self.bin_dir = bin_dir
        self._guarded = guarded
        self._guard = Guard(self.directory)
        self.state = State(self.directory / "state.json")
        self.secrets = SecretsDirectory(self.directory / "secrets")
        self.postgres = Postgres(self.directory, self.state)
        self.database = Database(self.postgres)
        self.kafka = make_kafka(kafka, self.directory, self.state, bin_dir)
        # For every service of the stack, e.g. {"TRUNKLINE_LOG_LEVEL": "debug"}.
        self.overrides: dict[str, str] = {}
        self.twin = self._service("provider-twin", TWIN, partial(twin_settings, self))
        self.gateway = self._service("gateway", GATEWAY, partial(gateway_settings, self))
        self.webhook_ingest = self._service("webhook-ingest", WEBHOOK_INGEST, partial(webhook_ingest_settings, self))
        self.normalizer = self._service("normalizer", NORMALIZER, partial(normalizer_settings, self, "normalizer"))
        self.governor = self._service("concurrency-governor", GOVERNOR, partial(governor_settings, self))
        self.scheduler = self._service(
            "campaign-scheduler", SCHEDULER, partial(scheduler_settings, self, "campaign-scheduler")
        )
        self.tracking = self._service(
            "call-tracking-sync", TRACKING, partial(tracking_settings, self, "call-tracking-sync")
        )
        self._replicas: list[Service] = []
        self.trunkctl = Trunkctl(bin_dir, self.directory / "log" / "trunkctl.log", partial(operator_settings, self))
        self.demo = Demo(self.trunkctl, self.state)

    # What it consists of.

    def services(self) -> list[Service]:
        return [
            self.twin,
            self.gateway,
            self.webhook_ingest,
            self.normalizer,
            self.governor,
            self.scheduler,
            self.tracking,
            *self._replicas,
        ]

    def parts(self) -> list[Part]:
        """In the order of a start."""
        brokers: list[Part] = [] if self.kafka is None else [self.kafka]
        return [self.postgres, *brokers, *self.services()]

    def __getitem__(self, name: str) -> Part:
        for part in self.parts():
            if part.name == name:
                return part
        raise KeyError(f"no part {name}; there are {', '.join(part.name for part in self.parts())}")

    def add_normalizer(self, name: str) -> Service:
        """One more, of the same consumer group; not started yet."""
        service = self._service(name, NORMALIZER, partial(normalizer_settings, self, name))
        self._replicas.append(service)
        return service

    def add_governor(self, name: str) -> Service:
        """One more, which takes over when the one that decides is gone; not started yet."""
        service = self._service(name, GOVERNOR, partial(governor_settings, self))
        self._replicas.append(service)
        return service

    def add_scheduler(self, name: str) -> Service:
        """One more, which takes its part of the campaigns; not started yet."""
        service = self._service(name, SCHEDULER, partial(scheduler_settings, self, name))
        self._replicas.append(service)
        return service

    def add_tracking(self, name: str) -> Service:
        """One more, which takes its part of the tracking accounts; not started yet."""
        service = self._service(name, TRACKING, partial(tracking_settings, self, name))
        self._replicas.append(service)
        return service

    # Life.

    def start(self, report: Report = _silently) -> None:
        """Starts what does not run, up to the demo business. Safe to call again."""
        self._leave_other_kafka()
        for part in self.parts():
            part.settle_ports()
        if self._guarded:
            self._guard.watch()
        report("postgres", lambda: self._start(self.postgres))
        report("database", self._prepare_database)
        report("kafka", self._start_kafka)
        report("topics", self._create_topics)
        self._write_secrets()
        report("provider-twin", lambda: self._start(self.twin))
        report("gateway", lambda: self._start(self.gateway))
        report("demo business", self._seed)
        rest = (self.webhook_ingest, self.normalizer, self.governor, self.scheduler, self.tracking, *self._replicas)
        for service in rest:
            report(service.name, partial(self._start, service))
        write_endpoints(self.directory / "endpoints.env", self.endpoints())

    def stop(self, report: Report = _silently) -> None:
        """In an order in which nobody misses anybody."""
        for part in reversed(self.parts()):
            if part.process.was_started():
                report(part.name, partial(_stop, part))

    def kill(self) -> None:
        """Everything at once, as if the machine had failed."""
        for part in reversed(self.parts()):
            part.kill()

    def delete(self) -> None:
        """Its data and what it remembers, but not the logs; it must be stopped."""
        self.postgres.delete_data()
        for name in ("postgres", "kafka", "spool", "secrets", "run"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        (self.directory / "endpoints.env").unlink(missing_ok=True)
        self.state.forget()

    # Addresses.

    def endpoints(self) -> dict[str, str]:
        return endpoints_of(self)

    def kafka_bootstrap(self) -> str:
        return self.kafka_kind if self.kafka is None else self.kafka.bootstrap()

    def public_url(self) -> str:
        """The base that webhooks are signed for."""
        return self.ingest_url()

    def ingest_url(self) -> str:
        return f"http://127.0.0.1:{self.webhook_ingest.port('http-port')}"

    def twin_url(self) -> str:
        return f"http://127.0.0.1:{self.twin.port('port')}"

    def gateway_grpc(self) -> str:
        return f"127.0.0.1:{self.gateway.port('grpc-port')}"

    def governors_grpc(self) -> str:
        """Of all replicas, separated by commas."""
        governors = [service for service in self.services() if service.kind is GOVERNOR]
        return ",".join(f"127.0.0.1:{service.port('grpc-port')}" for service in governors)

    def scheduler_grpc(self) -> str:
        return f"127.0.0.1:{self.scheduler.port('grpc-port')}"

    def tracking_grpc(self) -> str:
        return f"127.0.0.1:{self.tracking.port('grpc-port')}"

    def gateway_http(self) -> str:
        return f"http://127.0.0.1:{self.gateway.port('http-port')}"

    def spool(self) -> Path:
        """Where webhook-ingest keeps what Kafka did not take."""
        directory = self.directory / "spool"
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    # Steps of a start.

    def _start(self, part: Part) -> str:
        outcome = part.start()
        return f"{outcome}, {part.where()}"

    def _leave_other_kafka(self) -> None:
        """The services must not go on with a Kafka that is not the chosen one."""
        before = self.state.get("kafka-kind")
        if before is not None and before != self.kafka_kind and before in KINDS:
            other = make_kafka(before, self.directory, self.state, self.bin_dir)
            if other is not None and other.process.was_started():
                for service in reversed(self.services()):
                    service.stop()
                other.stop()
        self.state.put("kafka-kind", self.kafka_kind)

    def _prepare_database(self) -> str:
        self.database.create()
        self.secrets.write("owner-database-url", self.database.url(OWNER))
        self.trunkctl.run("migrate", f"--directory={MIGRATIONS}")
        self.database.let_roles_log_in()
        return "migrations applied"

    def _start_kafka(self) -> str:
        if self.kafka is not None:
            return self._start(self.kafka)
        if not kafka_wire.answers(self.kafka_kind):
            raise Failure("kafka", f"no broker answers at {self.kafka_kind}")
        return f"found at {self.kafka_kind}"

    def _create_topics(self) -> str:
        self.trunkctl.run("topics", "create")
        return "created"

    def _write_secrets(self) -> None:
        for role in (
            "gateway",
            "gateway-worker",
            "normalizer",
            "governor",
            "scheduler",
            "scheduler-worker",
            "tracking",
            "tracking-worker",
        ):
            self.secrets.write(f"{role}-database-url", self.database.url("trunkline_" + role.replace("-", "_")))
        self.secrets.write("service-token", self.state.remember("service-token", lambda: secrets.token_hex(32)))
        # 32 bytes, for AES-256.
        self.secrets.write("credential-key", self.state.remember("credential-key", lambda: secrets.token_hex(32)))

    def _seed(self) -> str:
        return self.demo.seed(self.twin_url())

    def _service(self, name: str, kind: ServiceKind, settings: Callable[[], dict[str, str]]) -> Service:
        return Service(name, kind, self.directory, self.state, self.bin_dir, settings)
