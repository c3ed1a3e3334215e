"""Promise 1: what was answered with 2xx is never lost, whoever dies; what cannot be kept is answered with 503."""

from __future__ import annotations

import random
import shutil
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from support.chance import let_pass, seeded_random
from support.progress import metric, wait_until_all_is_processed
from support.sender import NO_ANSWER, Sender
from support.settings import restart_with
from support.synthetic_calls import Callback, in_disorder, make_calls
from support.twilio_webhook import send_twilio_webhook
from support.verdict import expect_each_fact_once
from support.waiting import eventually
from trunkline_local.stack import Stack

STATUS = "/telephony/webhook/twilio/status"
# Kafka counts as away after a second, so that the spool is in use for most of the time.
SHORT_PATIENCE = {"TRUNKLINE_KAFKA_TIMEOUT": "1s"}
# The partitions are there again as soon as Kafka is.
QUICK_REJOIN = {"TRUNKLINE_STATIC_MEMBERSHIP": "true"}
MEBIBYTE = 1024 * 1024
CALLS_OF_A_WAVE = 150


def spooled_bytes(stack: Stack) -> int:
    return sum(file.stat().st_size for file in stack.spool().iterdir())


def wait_until_spool_is_empty(stack: Stack) -> None:
    eventually(lambda: spooled_bytes(stack), until=lambda size: size == 0, seconds=60, about="the spool is sent")


class Stream:
    """Webhooks of ever new calls, sent in the background until they are asked for their answers: no fault comes too late
    for them, however fast they are taken."""

    def __init__(self, sender: Sender, chance: random.Random):
        self._sender = sender
        # Its own, since the test draws from the other meanwhile.
        self._chance = random.Random(chance.randrange(2**32))
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._answers: Future[list[tuple[Callback, int]]] = self._pool.submit(self._send)

    def _send(self) -> list[tuple[Callback, int]]:
        answers: list[tuple[Callback, int]] = []
        while not self._enough.is_set():
            wave = in_disorder(make_calls(CALLS_OF_A_WAVE, self._chance), self._chance, duplicates=0.2)
            answers += zip(wave, self._sender.send_all(wave), strict=True)
        return answers

    def answers(self) -> list[tuple[Callback, int]]:
        """Of the wave under way too."""
        self._enough.set()
        return self._answers.result(timeout=120)


def all_of(answers: list[tuple[Callback, int]]) -> set[Callback]:
    return {callback for callback, _ in answers}


def acknowledged(answers: list[tuple[Callback, int]]) -> set[Callback]:
    return {callback for callback, status in answers if 200 <= status < 300}


@pytest.fixture(scope="module")
def prepared(apache_stack: Stack) -> Stack:
    restart_with(apache_stack["webhook-ingest"], SHORT_PATIENCE)
    restart_with(apache_stack["normalizer"], QUICK_REJOIN)
    return apache_stack


def test_kafka_may_die_while_webhooks_come(prepared: Stack) -> None:
    stack, chance = prepared, seeded_random()
    with Sender(stack, threads=4) as sender:
        stream = Stream(sender, chance)
        for _ in range(2):
            let_pass(chance.uniform(0, 0.5))
            stack["kafka"].kill()
            let_pass(chance.uniform(0, 1.5))
            stack["kafka"].start()
        answers = stream.answers()
    assert metric(stack.webhook_ingest, "trunkline_ingest_spooled_total") > 0
    # With the disk at hand, nobody is sent away.
    assert {status for _, status in answers} == {200}
    wait_until_spool_is_empty(stack)
    wait_until_all_is_processed(stack)
    expect_each_fact_once(stack, acknowledged(answers))


def test_ingest_may_die_while_it_spools(prepared: Stack) -> None:
    stack, chance = prepared, seeded_random()
    ingest = stack["webhook-ingest"]
    stack["kafka"].kill()
    with Sender(stack, threads=4) as sender:
        stream = Stream(sender, chance)
        for _ in range(5):
            eventually(lambda before=spooled_bytes(stack): spooled_bytes(stack) > before, about="it spools")
            let_pass(chance.uniform(0, 0.3))
            ingest.kill()
            ingest.start()
        answers = stream.answers()
    kept = acknowledged(answers)
    assert NO_ANSWER in {status for _, status in answers}
    assert spooled_bytes(stack) > 0
    stack["kafka"].start()
    wait_until_spool_is_empty(stack)
    wait_until_all_is_processed(stack)
    expect_each_fact_once(stack, kept, unanswered=all_of(answers) - kept)


def test_ingest_may_die_while_kafka_is_there(prepared: Stack) -> None:
    stack, chance = prepared, seeded_random()
    ingest = stack["webhook-ingest"]
    with Sender(stack, threads=4) as sender:
        stream = Stream(sender, chance)
        for _ in range(3):
            let_pass(chance.uniform(0, 0.3))
            ingest.kill()
            ingest.start()
        answers = stream.answers()
    kept = acknowledged(answers)
    wait_until_spool_is_empty(stack)
    wait_until_all_is_processed(stack)
    expect_each_fact_once(stack, kept, unanswered=all_of(answers) - kept)


def test_without_kafka_and_disk_nothing_is_acknowledged(prepared: Stack) -> None:
    stack, chance = prepared, seeded_random()
    refused, kept = make_calls(2, chance)
    spool = stack.spool()
    stack["kafka"].kill()
    try:
        # Also root cannot make files in what is no directory.
        restart_with(stack["webhook-ingest"], {})
        shutil.rmtree(spool)
        spool.write_text("")
        with Sender(stack) as sender:
            assert set(sender.send_all(refused.callbacks)) == {503}
            spool.unlink()
            spool.mkdir()
            # The disk is back, Kafka is not.
            assert set(sender.send_all(kept.callbacks)) == {200}
    finally:
        if spool.is_file():
            spool.unlink()
        stack["kafka"].start()
    wait_until_spool_is_empty(stack)
    wait_until_all_is_processed(stack)
    expect_each_fact_once(stack, set(kept.callbacks), unanswered=set(refused.callbacks))


def test_a_full_spool_is_no_place_to_acknowledge_from(prepared: Stack) -> None:
    stack, chance = prepared, seeded_random()
    restart_with(stack["webhook-ingest"], {"TRUNKLINE_SPOOL_MAX_BYTES": str(MEBIBYTE)})
    calls = make_calls(20, chance)
    kept: set[Callback] = set()
    stack["kafka"].kill()
    try:
        for call in calls:
            large = {**call.callbacks[0].form(stack.demo.account_sid()), "Padding": "x" * (MEBIBYTE // 8)}
            answer = send_twilio_webhook(stack, STATUS, large)
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                kept.add(call.callbacks[0])
        assert answer.json()["error"]["code"] == "NOT_KEPT"
        assert answer.headers["Retry-After"] == "1"
        assert 0 < len(kept) < 8
        assert spooled_bytes(stack) <= MEBIBYTE
    finally:
        stack["kafka"].start()
    wait_until_spool_is_empty(stack)
    wait_until_all_is_processed(stack)
    expect_each_fact_once(stack, kept, unanswered={call.callbacks[0] for call in calls} - kept)
