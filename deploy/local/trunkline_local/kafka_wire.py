"""Asks a Kafka broker whether it answers: one metadata request, with a time-out of its own."""

from __future__ import annotations

import socket
import struct

METADATA = 3
VERSION = 1
CORRELATION = 1


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise ConnectionError("the broker closed the connection")
        received += piece
    return received


def answers(bootstrap: str, seconds: float = 2.0) -> bool:
    """True when one of the addresses knows at least one broker and a controller."""
    return any(_one_answers(address.strip(), seconds) for address in bootstrap.split(",") if address.strip())


def _one_answers(address: str, seconds: float) -> bool:
    host, _, port = address.rpartition(":")
    client = b"trunkline"
    # No topics: only the brokers are of interest, and the embedded broker would create a topic that is asked for.
    request = struct.pack(">hhih", METADATA, VERSION, CORRELATION, len(client)) + client + struct.pack(">i", 0)
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", _receive(connection, 4))
            response = _receive(connection, size)
        correlation, brokers = struct.unpack(">ii", response[:8])
    except (OSError, ValueError, struct.error):
        return False
    return bool(correlation == CORRELATION and brokers > 0)
