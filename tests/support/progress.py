"""How far the normalizer has come."""

from __future__ import annotations

import requests
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from support.database import one_value
from support.streams import RAW
from support.topics import full_name
from support.waiting import eventually
from trunkline_local.service import Service
from trunkline_local.stack import Stack

GROUP = "trunkline.normalizer"
# What a broker says that has just started, until it knows its groups.
STARTING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.COORDINATOR_NOT_AVAILABLE)


def messages_behind(stack: Stack) -> int | None:
    """Raw messages whose offsets are not committed; None when the broker cannot tell yet."""
    consumer = Consumer({"bootstrap.servers": stack.kafka_bootstrap(), "group.id": GROUP, "enable.auto.commit": False})
    try:
        topic = full_name(RAW)
        partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
        behind = 0
        for place in consumer.committed([TopicPartition(topic, number) for number in partitions], timeout=20):
            first, end = consumer.get_watermark_offsets(place, timeout=20)
            behind += end - (place.offset if place.offset >= 0 else first)
        return behind
    except KafkaException as error:
        if error.args[0].code() in STARTING:
            return None
        raise
    finally:
        consumer.close()


def wait_until_all_is_processed(stack: Stack, seconds: float = 60) -> None:
    eventually(
        lambda: messages_behind(stack),
        seconds=seconds,
        until=lambda behind: behind == 0,
        about="every raw message is stored and published",
    )


def wait_until_all_is_told(stack: Stack) -> None:
    """The same, and what the gateway has to tell is among it: its facts may come after the provider's webhooks."""
    eventually(lambda: one_value(stack, "SELECT count(*) FROM call_facts_outbox") == 0, about="no fact waits")
    wait_until_all_is_processed(stack)


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
