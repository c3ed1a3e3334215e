"""Asks a service over HTTP whether it is ready."""

from __future__ import annotations

import http.client


def answers_ok(port: int, path: str, seconds: float = 2.0) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
