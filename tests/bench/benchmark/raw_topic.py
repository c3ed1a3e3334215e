"""What arrived in the topic of raw webhooks, by the names that bench-webhook-load gave it."""

from __future__ import annotations

import time
from collections import Counter
from urllib.parse import parse_qs

from confluent_kafka import Consumer, TopicPartition
from support.topics import full_name
from trunkline.webhooks.v1.raw_webhook_pb2 import RawWebhook
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

TOPIC = full_name("webhooks.raw.v1")
WEBHOOKS_OF_A_CALL = 4
SECONDS_WITHOUT_A_MESSAGE = 20


class TopicReader:
    """Reads what is added to a topic, from where it ended when the reader was made."""

    def __init__(self, stack: Stack, topic: str):
        self._consumer = Consumer(
            {
                "bootstrap.servers": stack.kafka_bootstrap(),
                # Required, though nothing is committed: partitions are assigned by hand.
                "group.id": "benchmark",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
            }
        )
        self._topic = topic
        partitions = self._consumer.list_topics(topic, timeout=20).topics[topic].partitions
        self._positions = {partition: self._end(partition) for partition in partitions}

    def _end(self, partition: int) -> int:
        """Behind the last message that is committed."""
        _, high = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), timeout=20)
        return int(high)

    def read(self) -> list[tuple[bytes, bytes]]:
        """Keys and values up to the present end; the next call goes on there."""
        ends = {partition: self._end(partition) for partition in self._positions}
        self._consumer.assign([TopicPartition(self._topic, p, offset) for p, offset in self._positions.items()])
        found: list[tuple[bytes, bytes]] = []
        last_progress = time.monotonic()
        while any(self._place(partition) < end for partition, end in ends.items()):
            # Waits for all of so many: a short time, or the end of the topic would take long.
            messages = self._consumer.consume(5000, timeout=0.1)
            found += [(m.key(), m.value()) for m in messages if m.error() is None]
            if messages:
                last_progress = time.monotonic()
            elif time.monotonic() - last_progress > SECONDS_WITHOUT_A_MESSAGE:
                raise Failure("kafka", f"{self._topic} could not be read to its end")
        self._positions = ends
        self._consumer.unassign()
        return found

    def _place(self, partition: int) -> int:
        # Control records of transactions move the position, though no message is delivered for them.
        position = int(self._consumer.position([TopicPartition(self._topic, partition)])[0].offset)
        return max(position, self._positions[partition])

    def close(self) -> None:
        self._consumer.close()


def webhook_numbers(values: list[bytes], seed: int) -> Counter[int]:
    """How often each webhook of a seed arrived. Anything else counts as -1."""
    prefix = f"CA{seed:08x}"
    numbers: Counter[int] = Counter()
    for value in values:
        form = parse_qs(RawWebhook.FromString(value).http.body.decode())
        call, sequence = form.get("CallSid", [""])[0], form.get("SequenceNumber", [""])[0]
        known = call.startswith(prefix) and sequence.isdigit()
        numbers[int(call.removeprefix(prefix), 16) * WEBHOOKS_OF_A_CALL + int(sequence) if known else -1] += 1
    return numbers


def problems_of(numbers: Counter[int], sent: int, doubtful: set[int]) -> list[str]:
    """`doubtful` are those without a 2xx: they may have arrived, or not."""
    missing = [number for number in range(sent) if numbers[number] == 0 and number not in doubtful]
    repeated = [number for number, count in numbers.items() if count > 1]
    foreign = [number for number in numbers if not 0 <= number < sent]
    return [
        f"{len(found)} webhooks {what}, such as number {found[0]}"
        for found, what in (
            (missing, "were acknowledged but are not in the topic"),
            (repeated, "are in the topic more than once"),
            (foreign, "are in the topic but were never sent"),
        )
        if found
    ]
