"""Free TCP ports on 127.0.0.1."""

from __future__ import annotations

import random
import socket

# Below the range from which the kernel takes ports for outgoing connections, so that a port that was free a moment ago
# does not become the other end of somebody's connection.
LOWEST = 20000
HIGHEST = 32000


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free(taken: set[int]) -> int:
    # Not the lowest free one: two stacks that start at the same time would both take it.
    for _ in range(1000):
        port = random.randint(LOWEST, HIGHEST)
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST} on 127.0.0.1")
