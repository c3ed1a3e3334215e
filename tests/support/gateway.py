"""The gateway's gRPC API, called as a client of a business would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from trunkline_local.stack import Stack


@contextmanager
def gateway_channel(stack: Stack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.gateway_grpc()) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        yield channel


def api_key_of(stack: Stack) -> list[tuple[str, str]]:
    """The metadata of the demo business, for any call: stub.GetCall(request, metadata=api_key_of(stack), timeout=5)."""
    return [("authorization", f"Bearer {stack.demo.value('api_key')}")]
