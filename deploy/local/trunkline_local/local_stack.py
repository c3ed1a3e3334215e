"""The stack of `./trunkline up`, in .local/."""

from __future__ import annotations

import os

from trunkline_local.failure import Failure
from trunkline_local.paths import LOCAL, binaries, preset
from trunkline_local.stack import Stack
from trunkline_local.state import State

DEFAULT_KAFKA = "embedded"


def local_stack(kafka: str | None = None) -> Stack:
    """With the Kafka that is asked for, or else the one of the last `up`."""
    if LOCAL.exists() and not os.access(LOCAL, os.W_OK):
        raise Failure("stack", f"{LOCAL} belongs to another user; run this as the one who ran `./trunkline up` first")
    return Stack(LOCAL, kafka or _state().get("kafka-kind") or DEFAULT_KAFKA, binaries(preset()))


def kafka_for_up(option: str | None) -> str:
    """The command line counts, then the environment. The choice of an earlier `up` does not, so that `up` without words
    always means the same."""
    named = os.environ.get("TRUNKLINE_KAFKA_BOOTSTRAP")
    if named == f"127.0.0.1:{_state().get('port:kafka')}":
        # Somebody loaded .local/endpoints.env: this is no other cluster but the stack's own.
        named = _state().get("kafka-kind")
    return option or named or DEFAULT_KAFKA


def _state() -> State:
    return State(LOCAL / "state.json")
