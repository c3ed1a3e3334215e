"""Promise 6 under faults: many dials over every provider, with replies that are late, lost or errors, while the gateway
is killed again and again. Whoever wants a call is a careful client: the same request_id until there is an answer.

    run = DialFaults(stack, dials=2_000, seed=7)   # the stack is not started yet
    outcome = run.go()
    assert outcome.problems == []
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc
from support import numbers
from support.chance import let_pass
from support.client import Client
from support.database import rows
from support.settings import SHORT_DOUBTS
from support.simulated_providers import SIMULATED, Account
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

# What goes wrong at the provider, in so many of a thousand requests.
TROUBLES = {
    numbers.SLOW_REPLY: 50,  # a time-out
    numbers.ERROR_BUT_PLACED: 10,
    numbers.ERROR_NOT_PLACED: 10,
    numbers.LOST_REPLY_BUT_PLACED: 20,
}
# One in so many clients asks again although it was answered.
ASKS_AGAIN = 10
CLIENTS = 48
# How long the gateway lives, in seconds.
SHORTEST_LIFE, LONGEST_LIFE = 0.5, 4.0
# Everything must be known so soon after the last dial.
SETTLE_SECONDS = 60
# A call lasts about ten seconds: longer than the gateway is away, so that an exchange still has it when it is asked.
TIME_SCALE = 0.2
# An exchange lists live calls only. Its business decides what becomes of a dial that nobody can tell about.
DECIDES = {"dial_doubt_residue": "not_placed", "dial_doubt_wait": "30"}
# The client's library must find the gateway again as soon as it is back.
QUICK_RECONNECT = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 200),
]
LONGEST_WAIT = 180
# Tries to start the gateway again.
STARTS = 10
# The gateway is away, slow, or has more to do than it may.
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)


@dataclass(frozen=True)
class Wish:
    request_id: str
    account: Account
    to: str


@dataclass
class Outcome:
    seconds: float = 0
    kills: int = 0
    # After the last answer, until every intent was known.
    settled_after: float = 0
    # How intents ended, by provider, state and what told it.
    ends: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    placed: int = 0
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        told = [f"  {' '.join(end):<34} {count:>7,}" for end, count in sorted(self.ends.items())]
        return [
            f"{sum(self.ends.values()):,} dials in {self.seconds:.0f} s, {self.kills} times kill -9, "
            f"{self.placed:,} calls at the providers; all known after {self.settled_after:.0f} s",
            *told,
        ]


class DialFaults:
    def __init__(self, stack: Stack, dials: int, seed: int):
        self._stack = stack
        self._dials = dials
        self._seed = seed
        self._chance = random.Random(seed)
        self._told: dict[str, set[str]] = {}
        self._over = threading.Event()
        stack["gateway"].overrides.update(SHORT_DOUBTS)
        # Everything must be remembered: what was asked for is counted at the end.
        remembered = str(10 * dials + 10_000)
        stack["provider-twin"].overrides.update(
            {"TRUNKLINE_KEEP_CALLS": remembered, "TRUNKLINE_KEEP_LOG": remembered}
        )

    def go(self) -> Outcome:
        outcome = Outcome()
        self._stack.start()
        Twin(self._stack).configure(
            seed=self._seed, time_scale=TIME_SCALE, requests_per_minute=0, rest_latency_ms=20, slow_reply_ms=10_000
        )
        with grpc.insecure_channel(self._stack.gateway_grpc(), options=QUICK_RECONNECT) as channel:
            client = Client(channel, self._stack.demo.value("api_key"))
            accounts = [
                provider.open_account(self._stack, client, {} if provider.lists_all_calls else DECIDES)
                for provider in SIMULATED.values()
            ]
            for account in accounts:
                if account.provider.has_link:
                    eventually(lambda of=account: of.twin.ask("GET", "stats")["sessions"] > 0, about="the link is up")
            wishes = [self._make_wish(accounts) for _ in range(self._dials)]
            began = time.monotonic()
            outcome.kills = self._dial(client, wishes)
            outcome.seconds = time.monotonic() - began
        self._wait_until_known(outcome)
        self._judge(wishes, accounts, outcome)
        return outcome

    def _make_wish(self, accounts: list[Account]) -> Wish:
        account = self._chance.choice(accounts)
        draw = self._chance.randrange(1000)
        story = numbers.ANSWERS_FOR_LONG
        for trouble, share in TROUBLES.items():
            if 0 <= draw < share:
                story = trouble
            draw -= share
        return Wish(str(uuid.UUID(int=self._chance.getrandbits(128))), account, account.number(story))

    def _dial(self, client: Client, wishes: list[Wish]) -> int:
        """All wishes, while the gateway dies; how often it did."""
        kills = 0
        gateway = self._stack["gateway"]
        pool = ThreadPoolExecutor(CLIENTS)
        try:
            answers = [pool.submit(self._place_at_last, client, wish, i) for i, wish in enumerate(wishes)]
            while not all(answer.done() for answer in answers):
                let_pass(self._chance.uniform(SHORTEST_LIFE, LONGEST_LIFE))
                gateway.kill()
                self._bring_back()
                kills += 1
            for answer in answers:
                answer.result()
        finally:
            # When something is wrong, nobody waits for an answer any more.
            self._over.set()
            pool.shutdown(cancel_futures=True)
        return kills

    def _bring_back(self) -> None:
        """While it was away, another program may have borrowed its port for a moment."""
        for _ in range(STARTS - 1):
            try:
                self._stack["gateway"].start()
                return
            except Failure:
                continue
        self._stack["gateway"].start()

    def _place_at_last(self, client: Client, wish: Wish, index: int) -> None:
        told: set[str] = set()

        def try_once() -> bool:
            if self._over.is_set():
                return True
            try:
                call = client.place(wish.to, request_id=wish.request_id, provider_account_id=wish.account.id)
                told.add(call.record.call_id)
                return True
            except grpc.RpcError as error:
                assert error.code() in TRY_AGAIN, error
                return False

        for _ in range(2 if index % ASKS_AGAIN == 0 else 1):
            eventually(try_once, seconds=LONGEST_WAIT, about=f"an answer for {wish.to}")
        self._told[wish.request_id] = told

    def _wait_until_known(self, outcome: Outcome) -> None:
        unresolved = (
            "SELECT provider, to_number, state, checks FROM dial_intents JOIN telephony_providers "
            "USING (provider_account_id) WHERE state IN ('committed', 'in_doubt')"
        )
        began = time.monotonic()
        try:
            eventually(lambda: rows(self._stack, unresolved), seconds=SETTLE_SECONDS, until=lambda found: found == [])
        except AssertionError as error:
            outcome.problems.append(f"not everything is known: {str(error)[:2000]}")
        outcome.settled_after = time.monotonic() - began

    def _judge(self, wishes: list[Wish], accounts: list[Account], outcome: Outcome) -> None:
        problems = outcome.problems
        intents = {
            (str(row["provider_account_id"]), row["to_number"]): row
            for row in rows(self._stack, "SELECT * FROM dial_intents")
        }
        if len(intents) != len(wishes):
            problems.append(f"{len(wishes)} calls were wished for, {len(intents)} intents are there")
        for account in accounts:
            provider = account.provider.name
            asked, dialled = Counter(account.asked_to_dial()), Counter(account.dialled())
            ids = account.provider.ids_by_number(account.twin)
            outcome.placed += dialled.total()
            problems += [f"{provider} was asked {n} times for {to}" for to, n in asked.items() if n > 1]
            problems += [f"{provider} dialled {to} {n} times" for to, n in dialled.items() if n > 1]
            for wish in (wish for wish in wishes if wish.account is account):
                intent = intents.get((account.id, wish.to))
                if intent is None:
                    problems.append(f"{provider}: no intent for {wish.to}")
                    continue
                outcome.ends[(provider, intent["state"], intent["resolved_by"] or "nobody")] += 1
                told = self._told[wish.request_id]
                if told != {str(intent["call_id"])}:
                    problems.append(f"{provider}: {wish.to} is call {intent['call_id']}, its client was told {told}")
                # What nobody could tell about may have been placed all the same, and the business knows.
                if (intent["state"] == "placed") != (wish.to in dialled) and intent["resolved_by"] != "policy":
                    problems.append(
                        f"{provider}: {wish.to} is {intent['state']} by {intent['resolved_by']}, "
                        f"dialled {dialled[wish.to]} times"
                    )
                if ids and intent["external_call_id"] != ids.get(wish.to):
                    problems.append(f"{provider}: {wish.to} has the id {intent['external_call_id']} of another call")
