"""What a Kafka topic holds."""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition
from trunkline_local.stack import Stack

PREFIX = "trunkline."


def read_topic(stack: Stack, topic: str, isolation: str = "read_committed", seconds: float = 20) -> list[Message]:
    """Every message from the beginning to the present end. `topic` is a name with or without the prefix."""
    return list(each_message(stack, topic, isolation, seconds))


def each_message(
    stack: Stack, topic: str, isolation: str = "read_committed", seconds: float = 20
) -> Iterator[Message]:
    """The same, one by one: for topics that are too large to be held."""
    consumer = Consumer(
        {
            "bootstrap.servers": stack.kafka_bootstrap(),
            # Required, though nothing is committed: partitions are assigned by hand, which spares the group's join.
            "group.id": "tests",
            "enable.auto.commit": False,
            "isolation.level": isolation,
            # Tells when a partition is read to its end, which on Apache Kafka may lie behind the last message.
            "enable.partition.eof": True,
            # So that the end of a partition is told at once.
            "fetch.wait.max.ms": 10,
        }
    )
    try:
        yield from _read(consumer, full_name(topic), seconds)
    finally:
        consumer.close()


def full_name(topic: str) -> str:
    return topic if topic.startswith(PREFIX) else PREFIX + topic


def _read(consumer: Consumer, topic: str, seconds: float) -> Iterator[Message]:
    partitions = consumer.list_topics(topic, timeout=seconds).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    unfinished = set(partitions)
    deadline = time.monotonic() + seconds
    while unfinished:
        assert time.monotonic() < deadline, f"{topic}: partitions {sorted(unfinished)} not read within {seconds:g} s"
        for message in consumer.consume(500, timeout=0.1):
            if message.error() is None:
                yield message
            elif message.error().code() == KafkaError._PARTITION_EOF:
                unfinished.discard(message.partition())


def headers(message: Message) -> dict[str, str]:
    return {name: value.decode() for name, value in message.headers() or []}


def produce(stack: Stack, topic: str, key: str, value: bytes, with_headers: dict[str, str] | None = None) -> None:
    """One message, acknowledged."""
    producer = Producer({"bootstrap.servers": stack.kafka_bootstrap(), "acks": "all", "partitioner": "murmur2_random"})
    producer.produce(full_name(topic), value=value, key=key, headers=with_headers or {})
    assert producer.flush(20) == 0, f"{topic} acknowledged nothing within 20 s"
