"""A service's metrics, read as Prometheus would."""

from __future__ import annotations

import re
import urllib.request

from trunkline_local.service import Service


def metrics_of(service: Service) -> dict[str, float]:
    """By name with its labels, as the service writes them: name{stage="map"}."""
    url = f"http://127.0.0.1:{service.port('admin-port')}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    found = (re.fullmatch(r"(\S+(?:\{.*\})?) (\S+)", line) for line in text.splitlines())
    return {match.group(1): float(match.group(2)) for match in found if match is not None}
