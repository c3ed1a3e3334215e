"""One turn of bench-webhook-load."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from trunkline_local.failure import Failure
from trunkline_local.stack import Stack


@dataclass(frozen=True)
class Turn:
    """What the load program saw; `doubtful` are the numbers of the requests that got no 2xx."""

    sent: int
    accepted: int
    doubtful: set[int]
    statuses: dict[str, int]
    seconds: float
    load_processor_seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class Load:
    """The same webhooks for every target: those of a seed, for the demo account, signed for the public URL."""

    stack: Stack
    program: Path
    connections: int
    seconds: float

    def run(self, port: int, seed: int, requests: int, rate: int = 0) -> Turn:
        demo = self.stack.demo
        command = [
            str(self.program),
            f"--target-port={port}",
            f"--connections={self.connections}",
            f"--duration={int(self.seconds * 1000)}ms",
            f"--requests={requests}",
            f"--rate={rate}",
            f"--seed={seed}",
            f"--public-url={self.stack.public_url()}",
            f"--account={demo.value('provider_account_id')}",
            f"--account-sid={demo.account_sid()}",
        ]
        done = subprocess.run(
            command, env={"TRUNKLINE_AUTH_TOKEN": demo.auth_token()}, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Failure("load", done.stderr.strip())
        answer = json.loads(done.stdout)
        return Turn(
            sent=answer["sent"],
            accepted=answer["accepted"],
            doubtful={*answer["refused"], *answer["unanswered"]},
            statuses=answer["statuses"],
            seconds=answer["seconds"],
            load_processor_seconds=answer["processor_seconds"],
            p50=answer["milliseconds"]["p50"],
            p99=answer["milliseconds"]["p99"],
        )
