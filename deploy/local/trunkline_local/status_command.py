"""`./trunkline status`: what runs, and where. Exit code 0 when everything does, 3 when something does not."""

from __future__ import annotations

from trunkline_local.console import say
from trunkline_local.local_stack import local_stack
from trunkline_local.part import Part

NOT_RUNNING = 3


def status() -> int:
    stack = local_stack()
    states = [(part, _state(part)) for part in stack.parts()]
    for part, state in states:
        say(f"  {part.name:<16} {state:<12} {part.where() if part.is_running() else ''}".rstrip())
    if stack.kafka is None:
        say(f"  {'kafka':<16} {'elsewhere':<12} {stack.kafka_bootstrap()}")
    return 0 if all(state == "ready" for _, state in states) else NOT_RUNNING


def _state(part: Part) -> str:
    if part.is_running():
        return "ready" if part.is_ready() else "NOT READY"
    return "DIED" if part.process.was_started() else "stopped"
