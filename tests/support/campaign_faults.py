"""Promise 7 under faults: a campaign over the twin while scheduler, governor and gateway are killed again and again.

    run = CampaignFaults(stack, contacts=500, kills=10, seed=7, victims=("campaign-scheduler",))  # not started yet
    outcome = run.go()
    assert outcome.problems == []
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from support import numbers
from support.campaigns import TestCampaign, settings
from support.chance import let_pass
from support.database import rows
from support.numbers import number
from support.settings import SHORT_DOUBTS
from support.twin import Twin
from support.waiting import eventually
from trunkline_local.failure import Failure
from trunkline_local.stack import Stack

# Who is called: of a hundred contacts, so many.
STORIES = {numbers.ANSWERS: 70, numbers.BUSY: 10, numbers.NO_ANSWER: 10, numbers.LOST_REPLY_BUT_PLACED: 5, numbers.DECLINED: 5}
# How long a victim is away, in seconds.
SHORTEST_LIFE, LONGEST_LIFE = 0.3, 3.0
TIME_SCALE = 0.02
STARTS = 10
# Two minutes, up to half a minute until the next look, and some time to ask.
MOST_SECONDS_HELD = 180


@dataclass
class Outcome:
    seconds: float = 0
    kills: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    endings: Counter[int] = field(default_factory=Counter)
    # From each kill of the scheduler to the next attempt that was committed.
    recoveries: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items())) or "nobody"
        slowest = f"{max(self.recoveries):.1f} s" if self.recoveries else "-"
        return [
            f"{self.attempts:,} attempts in {self.seconds:.0f} s; killed: {killed}; "
            f"the next attempt after a kill of the scheduler came after at most {slowest}",
            f"endings by disposition: {dict(sorted(self.endings.items()))}",
        ]


class CampaignFaults:
    def __init__(self, stack: Stack, contacts: int, kills: int, seed: int, victims: Sequence[str]):
        self._stack = stack
        self._contacts = contacts
        self._kills = kills
        self._chance = random.Random(seed)
        self._seed = seed
        self._victims = victims
        remembered = str(10 * contacts + 10_000)
        stack["provider-twin"].overrides.update({"TRUNKLINE_KEEP_CALLS": remembered, "TRUNKLINE_KEEP_LOG": remembered})
        stack["gateway"].overrides.update(SHORT_DOUBTS)
        # A dial in doubt is found out within seconds.
        stack["campaign-scheduler"].overrides.update({"TRUNKLINE_DIAL_TIME": "5s"})

    def go(self) -> Outcome:
        outcome = Outcome()
        self._stack.start()
        twin = Twin(self._stack)
        twin.configure(seed=self._seed, time_scale=TIME_SCALE, requests_per_minute=0, slow_reply_ms=3_000)
        stories = [story for story, share in STORIES.items() for _ in range(share)]
        called = [number(self._chance.choice(stories)) for _ in range(self._contacts)]
        # So slow that every kill meets a campaign at work.
        speed = max(5, self._contacts // max(1, 2 * self._kills))
        # An intent that dies with the gateway before the provider is asked is a failed attempt: those are tried again.
        # So is whoever is busy or does not answer: what counts is that nobody was dialled but for an attempt.
        most_dials = 3 if "gateway" in self._victims else 1
        campaign = TestCampaign(self._stack, called, settings(most_dials, calls_per_second=speed))
        began = time.monotonic()
        campaign.start()
        self._kill(campaign, outcome)
        try:
            eventually(campaign.is_completed, seconds=120 + self._contacts / 20, about="the campaign completes")
        except AssertionError as error:
            outcome.problems.append(str(error))
        outcome.seconds = time.monotonic() - began
        outcome.problems += campaign.problems(twin, most_dials)
        attempts = campaign.attempts()
        outcome.attempts = len(attempts)
        outcome.endings = Counter(row["disposition"] for row in attempts)
        # A slot ends with its call, of which the governor hears a moment later; or, where the gateway died before it
        # committed the call, when the governor has asked about it.
        try:
            eventually(lambda: self._held_slots() == [], seconds=MOST_SECONDS_HELD)
        except AssertionError:
            outcome.problems += [f"a slot of attempt {request_id} is still held" for request_id in self._held_slots()]
        return outcome

    def _held_slots(self) -> list[str]:
        held = rows(self._stack, "SELECT * FROM active_calls WHERE released_at IS NULL AND call_id <> ''")
        return [row["request_id"] for row in held]

    def _kill(self, campaign: TestCampaign, outcome: Outcome) -> None:
        while sum(outcome.kills.values()) < self._kills and not campaign.is_completed():
            let_pass(self._chance.uniform(SHORTEST_LIFE, LONGEST_LIFE))
            victim = self._chance.choice(list(self._victims))
            before = campaign.attempts_committed()
            self._stack[victim].kill()
            killed_at = time.monotonic()
            self._bring_back(victim)
            outcome.kills[victim] += 1
            if victim == "campaign-scheduler" and before < self._contacts:
                eventually(
                    lambda seen=before: campaign.attempts_committed() > seen or campaign.is_completed(),  # type: ignore[misc]
                    seconds=30,
                    about="the campaign goes on",
                )
                outcome.recoveries.append(time.monotonic() - killed_at)

    def _bring_back(self, name: str) -> None:
        """While it was away, another program may have borrowed its port for a moment."""
        for _ in range(STARTS - 1):
            try:
                self._stack[name].start()
                return
            except Failure:
                continue
        self._stack[name].start()
