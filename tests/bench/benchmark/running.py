"""Stacks as steps of a benchmark."""

from __future__ import annotations

from trunkline_local.stack import Stack


def start_stack(stack: Stack) -> str:
    stack.start()
    return "started"
