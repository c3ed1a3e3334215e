"""A WatchCalls stream, read by a thread."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import grpc
from support.waiting import eventually
from trunkline.events.v1.call_event_pb2 import CALL_EVENT_TYPE_ENDED, CallEvent


@dataclass(frozen=True)
class Arrival:
    event: CallEvent
    # By the clock of this machine, in seconds since 1970.
    at: float

    def delay(self) -> float:
        """Seconds from the reception of the webhook."""
        received = self.event.received_at
        return self.at - (received.seconds + received.nanos / 1e9)


class Watch:
    def __init__(self, stream: Any):
        self._stream = stream
        self._started = threading.Event()
        self.arrivals: list[Arrival] = []
        # How it ended; None while it goes on.
        self.error: grpc.RpcError | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            for update in self._stream:
                if update.HasField("started"):
                    self._started.set()
                else:
                    self.arrivals.append(Arrival(update.event, time.time()))
        except grpc.RpcError as error:
            self.error = error

    def wait_until_started(self) -> None:
        assert self._started.wait(15), f"the watch did not begin: {self.error}"

    def events_of(self, call_id: str) -> list[Arrival]:
        return [arrival for arrival in list(self.arrivals) if arrival.event.call_id == call_id]

    def wait_for_end(self, call_id: str) -> list[Arrival]:
        """Every event of the call, up to its end."""
        eventually(
            lambda: any(arrival.event.type == CALL_EVENT_TYPE_ENDED for arrival in self.events_of(call_id)),
            about=f"the end of call {call_id} over WatchCalls",
        )
        return self.events_of(call_id)

    def close(self) -> None:
        self._stream.cancel()
        self._reader.join(10)
