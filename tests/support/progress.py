"""How far the normalizer has come."""

from __future__ import annotations

import requests
from confluent_kafka import Consumer, TopicPartition
from support.streams import RAW
from support.topics import full_name
from support.waiting import eventually
from trunkline_local.service import Service
from trunkline_local.stack import Stack

GROUP = "trunkline.normalizer"


def messages_behind(stack: Stack) -> int:
    """Raw messages whose offsets are not committed."""
    consumer = Consumer({"bootstrap.servers": stack.kafka_bootstrap(), "group.id": GROUP, "enable.auto.commit": False})
    try:
        topic = full_name(RAW)
        partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
        behind = 0
        for place in consumer.committed([TopicPartition(topic, number) for number in partitions], timeout=20):
            first, end = consumer.get_watermark_offsets(place, timeout=20)
            behind += end - (place.offset if place.offset >= 0 else first)
        return behind
    finally:
        consumer.close()


def wait_until_all_is_processed(stack: Stack, seconds: float = 60) -> None:
    eventually(
        lambda: messages_behind(stack),
        seconds=seconds,
        until=lambda behind: behind == 0,
        about="every raw message is stored and published",
    )


def metric(service: Service, name: str, **labels: str) -> float:
    """The sum over the series that have these labels; 0 when there is none."""
    text = requests.get(f"http://127.0.0.1:{service.port('admin-port')}/metrics", timeout=5).text
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    total = 0.0
    for line in text.splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name and all(label in series for label in wanted):
            total += float(value)
    return total
