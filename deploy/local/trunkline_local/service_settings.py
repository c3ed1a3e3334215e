"""What each service of a stack is told, as environment variables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trunkline_local.part import base_environment

if TYPE_CHECKING:
    from trunkline_local.stack import Stack


def common_settings(stack: Stack) -> dict[str, str]:
    return {
        **base_environment(),
        "TRUNKLINE_LOG_LEVEL": os.environ.get("TRUNKLINE_LOG_LEVEL", "info"),
        "TRUNKLINE_SECRETS_DIR": str(stack.secrets.path),
        "TRUNKLINE_KAFKA_BOOTSTRAP": stack.kafka_bootstrap(),
        "TRUNKLINE_TOPIC_PREFIX": "trunkline.",
        **stack.overrides,
    }


def twin_settings(stack: Stack) -> dict[str, str]:
    accounts = f"twilio/{stack.demo.account_sid()}:{stack.demo.auth_token()}"
    return {**common_settings(stack), "TRUNKLINE_TWIN_ACCOUNTS": accounts}


def gateway_settings(stack: Stack) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:gateway-database-url",
        "TRUNKLINE_WORKER_DATABASE_URL": "secret:gateway-worker-database-url",
        "TRUNKLINE_PUBLIC_URL": stack.public_url(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
        "TRUNKLINE_CREDENTIAL_KEY": "secret:credential-key",
        "TRUNKLINE_GOVERNOR_ADDRESS": stack.governors_grpc(),
        "TRUNKLINE_SCHEDULER_ADDRESS": stack.scheduler_grpc(),
    }


def webhook_ingest_settings(stack: Stack) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_PUBLIC_URL": stack.public_url(),
        "TRUNKLINE_GATEWAY_ADDRESS": stack.gateway_grpc(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
        "TRUNKLINE_SPOOL_DIR": str(stack.spool()),
    }


def normalizer_settings(stack: Stack, name: str) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:normalizer-database-url",
        "TRUNKLINE_INSTANCE_ID": name,
        "TRUNKLINE_EMBEDDED_KAFKA": "true" if stack.kafka_kind == "embedded" else "false",
    }


def governor_settings(stack: Stack) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:governor-database-url",
        "TRUNKLINE_GATEWAY_ADDRESS": stack.gateway_grpc(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
    }


def scheduler_settings(stack: Stack, name: str) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:scheduler-database-url",
        "TRUNKLINE_WORKER_DATABASE_URL": "secret:scheduler-worker-database-url",
        "TRUNKLINE_GATEWAY_ADDRESS": stack.gateway_grpc(),
        "TRUNKLINE_GOVERNOR_ADDRESS": stack.governors_grpc(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
        "TRUNKLINE_INSTANCE_ID": name,
    }


def tracking_settings(stack: Stack, name: str) -> dict[str, str]:
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:tracking-database-url",
        "TRUNKLINE_WORKER_DATABASE_URL": "secret:tracking-worker-database-url",
        "TRUNKLINE_GATEWAY_ADDRESS": stack.gateway_grpc(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
        "TRUNKLINE_PUBLIC_URL": stack.public_url(),
        "TRUNKLINE_INSTANCE_ID": name,
    }


def operator_settings(stack: Stack) -> dict[str, str]:
    """What trunkctl may need, in any of its commands."""
    return {
        **common_settings(stack),
        "TRUNKLINE_DATABASE_URL": "secret:owner-database-url",
        "TRUNKLINE_PUBLIC_URL": stack.public_url(),
        "TRUNKLINE_GATEWAY": stack.gateway_grpc(),
        "TRUNKLINE_GOVERNOR": stack.governors_grpc(),
        "TRUNKLINE_SCHEDULER": stack.scheduler_grpc(),
        "TRUNKLINE_TRACKING": stack.tracking_grpc(),
        "TRUNKLINE_GATEWAY_ADDRESS": stack.gateway_grpc(),
        "TRUNKLINE_SERVICE_TOKEN": "secret:service-token",
        "TRUNKLINE_CREDENTIAL_KEY": "secret:credential-key",
    }
