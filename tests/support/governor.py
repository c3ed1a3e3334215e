"""The governor's gRPC API, as Trunkline's own services call it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from support.database import one_value
from trunkline.governor.v1 import governor_service_pb2 as governor
from trunkline.governor.v1.governor_service_pb2_grpc import GovernorServiceStub
from trunkline_local.service import Service
from trunkline_local.stack import GOVERNOR, Stack

SECONDS = 20


class Governor:
    """One replica, which must lead."""

    def __init__(self, channel: grpc.Channel, service_token: str):
        self.metadata = [("authorization", f"Bearer {service_token}")]
        self.stub = GovernorServiceStub(channel)

    def acquire(self, request_id: str, wait: float = 0, seconds: float = SECONDS, **subject: str) -> governor.Slot:
        """`subject` are the fields of SlotSubject."""
        wish = governor.SlotRequest(request_id=request_id, subject=governor.SlotSubject(**subject))
        request = governor.AcquireSlotsRequest(slots=[wish], wait=Duration(nanos=int(wait * 1e9)))
        return self.stub.AcquireSlots(request, metadata=self.metadata, timeout=seconds).results[0].slot

    def release(self, business_id: str, request_id: str, seconds: float = SECONDS) -> governor.Slot:
        reference = governor.SlotReference(business_id=business_id, request_id=request_id)
        request = governor.ReleaseSlotRequest(slot=reference)
        return self.stub.ReleaseSlot(request, metadata=self.metadata, timeout=seconds).slot

    def limit_all(self, most: int) -> None:
        level = governor.LevelLimits(level=governor.LEVEL_GLOBAL, max_concurrent_calls=most)
        self.stub.SetLimits(governor.SetLimitsRequest(limits=[level]), metadata=self.metadata, timeout=SECONDS)

    def limit_business(self, business_id: str, **limits: Any) -> None:
        level = governor.LevelLimits(level=governor.LEVEL_BUSINESS, subject_id=business_id, **limits)
        self.stub.SetLimits(governor.SetLimitsRequest(limits=[level]), metadata=self.metadata, timeout=SECONDS)

    def limit_account(self, account_id: str, **limits: Any) -> None:
        level = governor.LevelLimits(level=governor.LEVEL_PROVIDER_ACCOUNT, subject_id=account_id, **limits)
        self.stub.SetLimits(governor.SetLimitsRequest(limits=[level]), metadata=self.metadata, timeout=SECONDS)

    def clear_account(self, account_id: str) -> None:
        level = governor.LevelLimits(level=governor.LEVEL_PROVIDER_ACCOUNT, subject_id=account_id)
        self.stub.SetLimits(governor.SetLimitsRequest(cleared=[level]), metadata=self.metadata, timeout=SECONDS)

    def clear_business(self, business_id: str) -> None:
        level = governor.LevelLimits(level=governor.LEVEL_BUSINESS, subject_id=business_id)
        self.stub.SetLimits(governor.SetLimitsRequest(cleared=[level]), metadata=self.metadata, timeout=SECONDS)

    def usage(self, **fields: Any) -> governor.Usage:
        request = governor.GetUsageRequest(**fields)
        return self.stub.GetUsage(request, metadata=self.metadata, timeout=SECONDS).usage


def governors_of(stack: Stack) -> list[Service]:
    return [service for service in stack.services() if service.kind is GOVERNOR]


def leader_of(stack: Stack) -> Service:
    address = str(one_value(stack, "SELECT address FROM governor_leadership"))
    return next(service for service in governors_of(stack) if address.endswith(f":{service.port('grpc-port')}"))


def live_slots(stack: Stack) -> int:
    return int(one_value(stack, "SELECT count(*) FROM active_calls WHERE released_at IS NULL"))


@contextmanager
def governor_of(stack: Stack, address: str = "") -> Iterator[Governor]:
    """The only replica of the stack, when no address is given."""
    with grpc.insecure_channel(address or stack.governors_grpc()) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        yield Governor(channel, stack.state.get("service-token") or "")
