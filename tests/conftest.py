"""Running stacks for the tests: real processes, a real PostgreSQL, a Kafka in memory or a real one.

    def test_a_webhook_becomes_a_call(stack: Stack) -> None: ...           # Kafka in memory, shared by the module
    def test_nothing_is_lost(apache_stack: Stack) -> None: ...             # Apache Kafka, shared by the module
    def test_a_start_without_a_broker(make_stack: MakeStack) -> None: ...  # one of the test's own, not started
    def test_a_client_sees_its_call(client: Client) -> None: ...           # of the module's stack, and so is `twin`

The data of a stack is deleted at its end; its logs stay in .local/test.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from support.client import Client, client_of
from support.settings import shorten_calls
from support.stacks import MakeStack, StackKeeper, show_logs_of_failure
from support.twin import Twin
from trunkline_local.stack import Stack


def pytest_configure() -> None:
    # A request to end is taken as Ctrl-C is, so that the stacks are stopped on the way out.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    yield from _running("embedded", request)


@pytest.fixture(scope="module")
def apache_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    yield from _running("apache", request)


def _running(kafka: str, request: pytest.FixtureRequest) -> Iterator[Stack]:
    with StackKeeper(request.module.__name__) as keeper:
        stack = keeper.make(kafka)
        stack.start()
        yield stack


@pytest.fixture(scope="module")
def twin(stack: Stack) -> Twin:
    """Its calls take a small part of the time that they would take in life."""
    return shorten_calls(stack)


@pytest.fixture(scope="module")
def client(stack: Stack, twin: Twin) -> Iterator[Client]:
    """Of the demo business."""
    with client_of(stack) as client:
        yield client


@pytest.fixture
def make_stack(request: pytest.FixtureRequest) -> Iterator[MakeStack]:
    """make_stack("apache") gives a stack that is not started; it is stopped at the end of the test."""
    with StackKeeper(request.node.name) as keeper:
        yield keeper.make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        show_logs_of_failure(item, report)
    return report
