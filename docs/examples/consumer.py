#!/usr/bin/env python3
"""Prints Trunkline's call events, one JSON object a line.

    pip install confluent-kafka grpcio-tools
    mkdir -p contracts
    python3 -m grpc_tools.protoc --proto_path=proto --python_out=contracts $(find proto -name '*.proto')
    PYTHONPATH=contracts python3 docs/examples/consumer.py --bootstrap=127.0.0.1:9092 --from-beginning --limit=10

docs/events.md explains what the events mean.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from google.protobuf.json_format import MessageToDict
from trunkline.events.v1.call_event_pb2 import CallEvent

# What does not go away by itself.
HOPELESS = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_AUTHORIZATION_FAILED)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prints Trunkline's call events, one JSON object a line.")
    bootstrap = os.environ.get("TRUNKLINE_KAFKA_BOOTSTRAP")
    parser.add_argument("--bootstrap", default=bootstrap, required=bootstrap is None, help="Kafka brokers, host:port")
    parser.add_argument("--topic", default="trunkline.call-events.v1")
    parser.add_argument("--group", help="consumer group, whose position Kafka keeps; default: a new one each time")
    parser.add_argument("--from-beginning", action="store_true", help="everything that the topic still holds")
    parser.add_argument("--limit", type=int, help="end after so many events")
    parser.add_argument("--timeout", type=float, help="end after so many seconds without an event")
    return parser.parse_args()


def as_json(message: Message) -> dict[str, Any]:
    event = CallEvent.FromString(message.value())
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "headers": {name: value.decode() for name, value in message.headers() or ()},
        "event": MessageToDict(event, preserving_proto_field_name=True),
    }


def read(consumer: Consumer, limit: int | None, timeout: float | None) -> None:
    count = 0
    quiet_since = time.monotonic()
    while limit is None or count < limit:
        message = consumer.poll(0.2)
        if message is None:
            if timeout is not None and time.monotonic() - quiet_since > timeout:
                return
        elif message.error() is None:
            print(json.dumps(as_json(message)), flush=True)
            # Only what was dealt with counts as read: after a crash it is read again.
            consumer.store_offsets(message)
            count += 1
            quiet_since = time.monotonic()
        elif message.error().fatal() or message.error().code() in HOPELESS:
            sys.exit(message.error().str())
        else:
            print(message.error(), file=sys.stderr)


def main() -> None:
    chosen = options()
    consumer = Consumer(
        {
            "bootstrap.servers": chosen.bootstrap,
            "group.id": chosen.group or f"call-events-example-{uuid.uuid4()}",
            # Events are published in transactions. Without this line the events of a transaction that was given up are
            # read too, and appear twice.
            "isolation.level": "read_committed",
            "enable.auto.offset.store": False,
            # For a group without a position.
            "auto.offset.reset": "earliest" if chosen.from_beginning else "latest",
        }
    )

    def rewind(member: Consumer, partitions: list[TopicPartition]) -> None:
        for partition in partitions:
            partition.offset = OFFSET_BEGINNING
        member.assign(partitions)

    consumer.subscribe([chosen.topic], **({"on_assign": rewind} if chosen.from_beginning else {}))
    try:
        read(consumer, chosen.limit, chosen.timeout)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
