"""Where everything is, for programs: .local/endpoints.env."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline_local.database import READER

if TYPE_CHECKING:
    from trunkline_local.service import Service
    from trunkline_local.stack import Stack


def _metrics(service: Service) -> str:
    return f"http://127.0.0.1:{service.port('admin-port')}/metrics"


def endpoints_of(stack: Stack) -> dict[str, str]:
    return {
        "TRUNKLINE_PUBLIC_URL": stack.public_url(),
        "TRUNKLINE_INGEST_URL": stack.ingest_url(),
        "TRUNKLINE_GATEWAY_GRPC": stack.gateway_grpc(),
        "TRUNKLINE_GATEWAY_HTTP": stack.gateway_http(),
        "TRUNKLINE_TWIN_URL": stack.twin_url(),
        "TRUNKLINE_KAFKA_BOOTSTRAP": stack.kafka_bootstrap(),
        "TRUNKLINE_DATABASE_URL": stack.database.url(READER),
        "TRUNKLINE_METRICS_GATEWAY": _metrics(stack.gateway),
        "TRUNKLINE_METRICS_WEBHOOK_INGEST": _metrics(stack.webhook_ingest),
        "TRUNKLINE_METRICS_NORMALIZER": _metrics(stack.normalizer),
        "TRUNKLINE_METRICS_CONCURRENCY_GOVERNOR": _metrics(stack.governor),
        "TRUNKLINE_GOVERNOR_GRPC": stack.governors_grpc(),
        "TRUNKLINE_METRICS_CAMPAIGN_SCHEDULER": _metrics(stack.scheduler),
        "TRUNKLINE_SCHEDULER_GRPC": stack.scheduler_grpc(),
        "TRUNKLINE_METRICS_CALL_TRACKING_SYNC": _metrics(stack.tracking),
        "TRUNKLINE_TRACKING_GRPC": stack.tracking_grpc(),
        "TRUNKLINE_DEMO_BUSINESS_ID": stack.demo.value("business_id"),
        "TRUNKLINE_DEMO_API_KEY": stack.demo.value("api_key"),
        "TRUNKLINE_DEMO_NUMBER": stack.demo.value("number"),
        "TRUNKLINE_DEMO_TWILIO_ACCOUNT_SID": stack.demo.account_sid(),
        "TRUNKLINE_DEMO_TWILIO_AUTH_TOKEN": stack.demo.auth_token(),
        "TRUNKLINE_DEMO_PROVIDER_ACCOUNT_ID": stack.demo.value("provider_account_id"),
    }


def write_endpoints(path: Path, values: dict[str, str]) -> None:
    unfinished = path.with_suffix(".unfinished")
    # It holds an API key and a password.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    unfinished.replace(path)
