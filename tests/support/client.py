"""A business's client of the gateway.

    with client_of(stack) as client:
        call = client.place(number(ANSWERS))
        with client.watch() as watch: ...
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from support.gateway import gateway_channel
from support.watch import Watch
from trunkline.accounts.v1.provider_account_service_pb2_grpc import ProviderAccountServiceStub
from trunkline.control.v1 import call_control_service_pb2 as control
from trunkline.control.v1.call_control_service_pb2_grpc import CallControlServiceStub
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Hangup, Say, Verb
from trunkline_local.stack import Stack

SECONDS = 20
# Says something and hangs up.
PLAN = CallPlan(verbs=[Verb(say=Say(text="Good morning.")), Verb(hangup=Hangup())])


class Client:
    def __init__(self, channel: grpc.Channel, api_key: str):
        self.metadata = [("authorization", f"Bearer {api_key}")]
        self.calls = CallControlServiceStub(channel)
        self.accounts = ProviderAccountServiceStub(channel)

    def place(self, to: str, request_id: str = "", traceparent: str = "", **fields: Any) -> control.Call:
        """`fields` are those of InitiateCallRequest."""
        request = control.InitiateCallRequest(
            request_id=request_id or str(uuid.uuid4()), to=to, **{"plan": PLAN, **fields}
        )
        trace = [("traceparent", traceparent)] if traceparent else []
        return self.calls.InitiateCall(request, metadata=self.metadata + trace, timeout=SECONDS).call

    def get(self, call_id: str) -> control.Call:
        return self.calls.GetCall(control.GetCallRequest(call_id=call_id), metadata=self.metadata, timeout=SECONDS).call

    def end(self, call_id: str) -> control.Call:
        return self.calls.EndCall(control.EndCallRequest(call_id=call_id), metadata=self.metadata, timeout=SECONDS).call

    def page(self, **filters: Any) -> control.ListCallsResponse:
        return self.calls.ListCalls(control.ListCallsRequest(**filters), metadata=self.metadata, timeout=SECONDS)

    def all_calls(self, **filters: Any) -> list[control.Call]:
        """Of every page."""
        calls: list[control.Call] = []
        token = ""
        while True:
            page = self.page(page_token=token, **filters)
            calls += page.calls
            token = page.next_page_token
            if not token:
                return calls

    @contextmanager
    def watch(self, **filters: Any) -> Iterator[Watch]:
        """Begun when it is handed out: no later event is missed."""
        stream = self.calls.WatchCalls(control.WatchCallsRequest(**filters), metadata=self.metadata, timeout=120)
        watch = Watch(stream)
        try:
            watch.wait_until_started()
            yield watch
        finally:
            watch.close()


@contextmanager
def client_of(stack: Stack, api_key: str = "") -> Iterator[Client]:
    """Of the demo business, when no other key is given."""
    with gateway_channel(stack) as channel:
        yield Client(channel, api_key or stack.demo.value("api_key"))


def reason_of(error: grpc.RpcError) -> str:
    """The reason of google.rpc.ErrorInfo; empty without one."""
    info = _detail(error, error_details_pb2.ErrorInfo())
    return info.reason if isinstance(info, error_details_pb2.ErrorInfo) else ""


def wrong_fields_of(error: grpc.RpcError) -> list[str]:
    bad_request = _detail(error, error_details_pb2.BadRequest())
    if not isinstance(bad_request, error_details_pb2.BadRequest):
        return []
    return [violation.field for violation in bad_request.field_violations]


def _detail(error: grpc.RpcError, wanted: Message) -> Message | None:
    status = status_pb2.Status()
    for key, value in error.trailing_metadata() or []:
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    for detail in status.details:
        if detail.Is(wanted.DESCRIPTOR):
            detail.Unpack(wanted)
            return wanted
    return None
