"""A real Apache Kafka, one node, in KRaft mode."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from trunkline_local import kafka_wire
from trunkline_local.failure import Failure
from trunkline_local.part import Part, base_environment
from trunkline_local.paths import KAFKA_JARS, LOCAL, ROOT
from trunkline_local.process import Launch
from trunkline_local.state import State

POM = ROOT / "deploy" / "kafka" / "pom.xml"


def fetch_jars() -> str:
    """Through Maven, once; a changed pom.xml fetches them anew."""
    copy_of_pom = KAFKA_JARS / "pom.xml"
    if copy_of_pom.exists() and copy_of_pom.read_bytes() == POM.read_bytes():
        return "there"
    if shutil.which("mvn") is None:
        raise Failure("kafka", "Maven is not installed (Debian package maven)")
    log = LOCAL / "log" / "kafka-libs.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    unfinished = LOCAL / "kafka-libs.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [
        "mvn",
        "--batch-mode",
        f"--file={POM}",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={unfinished}",
    ]
    with log.open("wb") as output:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    if done.returncode != 0:
        raise Failure("kafka", "Maven could not fetch Apache Kafka", log)
    shutil.copy(POM, unfinished / "pom.xml")
    shutil.rmtree(KAFKA_JARS, ignore_errors=True)
    unfinished.rename(KAFKA_JARS)
    return f"fetched {len(list(KAFKA_JARS.glob('*.jar')))} jars"


class ApacheKafka(Part):
    start_seconds = 60.0
    stop_seconds = 30.0

    def __init__(self, directory: Path, state: State):
        super().__init__("kafka", directory, state)
        self._home = directory / "kafka"
        self._settings = self._home / "server.properties"

    def port_names(self) -> list[str]:
        return ["kafka", "kafka-controller"]

    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.state.port('kafka')}"

    def where(self) -> str:
        return f"{self.bootstrap()}, Apache Kafka, data in {self._home}"

    def _java(self, *words: str) -> list[str]:
        # Java itself expands the star of the class path.
        return [shutil.which("java") or "/usr/bin/java", *words]

    def launch_plan(self) -> Launch:
        memory = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC")
        command = self._java(*memory, "-cp", f"{KAFKA_JARS}/*", "kafka.Kafka", str(self._settings))
        return Launch(command, base_environment())

    def prepare(self) -> None:
        fetch_jars()
        self._home.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(self._properties())
        if not (self._home / "data" / "meta.properties").exists():
            self._format()

    def _properties(self) -> str:
        broker = f"PLAINTEXT://{self.bootstrap()}"
        controller = f"127.0.0.1:{self.state.port('kafka-controller')}"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{broker},CONTROLLER://{controller}",
            "advertised.listeners": broker,
            "log.dirs": str(self._home / "data"),
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            # After a crash the broker is let in again when its session from before has ended: 9 s by default.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = self._java("-cp", f"{KAFKA_JARS}/*", "kafka.tools.StorageTool", "format")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # Written as --cluster-id=ID because an ID may begin with a dash.
            done = subprocess.run(
                [*tool, f"--cluster-id={cluster}", "-c", str(self._settings)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if done.returncode != 0:
            raise Failure(self.name, "Kafka could not format its storage", self.log)

    def delete_data(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)

    def is_ready(self) -> bool:
        return kafka_wire.answers(self.bootstrap())
