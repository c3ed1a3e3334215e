"""Campaigns written straight into the tables, and what has become of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from google.protobuf.duration_pb2 import Duration
from support.database import connect, one_value, rows
from support.twin import Twin
from trunkline.campaigns.v1 import campaign_pb2 as campaigns
from trunkline.plans.v1.call_plan_pb2 import CallPlan, Hangup, Say, Verb
from trunkline_local.stack import Stack

GREETING = CallPlan(verbs=[Verb(say=Say(text="Hello {{name}}")), Verb(hangup=Hangup())])
FINISHED = (
    campaigns.CONTACT_STATE_REACHED,
    campaigns.CONTACT_STATE_EXHAUSTED,
    campaigns.CONTACT_STATE_SUPPRESSED,
    campaigns.CONTACT_STATE_REMOVED,
)


def settings(attempts: int = 1, retry_seconds: int = 1, **pacing: Any) -> campaigns.CampaignSettings:
    """As fast as slots come, unless `pacing` says otherwise; everything but a person is tried again after a moment."""
    retries = campaigns.RetryPolicy(max_attempts=attempts)
    for disposition in campaigns.Disposition.values():
        if disposition not in (campaigns.DISPOSITION_UNSPECIFIED, campaigns.DISPOSITION_CONNECTED):
            retries.rules.add(disposition=disposition, delays=[Duration(seconds=retry_seconds)])
    return campaigns.CampaignSettings(
        plan=GREETING,
        pacing=campaigns.Pacing(**{"call_spacing": Duration(), **pacing}),
        retries=retries,
        ring_timeout=Duration(seconds=30),
    )


class TestCampaign:
    """A campaign of the demo business."""

    __test__ = False

    def __init__(self, stack: Stack, numbers: Sequence[str], wanted: campaigns.CampaignSettings):
        self.stack = stack
        self.numbers = numbers
        self.id = str(uuid.uuid4())
        business_id = stack.demo.value("business_id")
        with connect(stack) as connection, connection.transaction():
            connection.execute(
                "INSERT INTO campaigns (campaign_id, business_id, name, state, state_actor, state_changed_at, settings, "
                "request_id, request_sha256) VALUES (%s, %s, 'spring', 1, 'test', now(), %s, gen_random_uuid(), '')",
                [self.id, business_id, wanted.SerializeToString()],
            )
            connection.execute(
                "INSERT INTO campaign_progress (campaign_id, business_id, contacts_total, contacts_pending, last_position) "
                "VALUES (%s, %s, %s, %s, %s)",
                [self.id, business_id, len(numbers), len(numbers), len(numbers)],
            )
            connection.execute(
                "INSERT INTO contacts (campaign_id, position, contact_id, business_id, number) "
                "SELECT %s, position, gen_random_uuid(), %s, number FROM unnest(%s::text[]) WITH ORDINALITY AS n(number, position)",
                [self.id, business_id, list(numbers)],
            )

    def change_state(self, state: int) -> None:
        """As a command would: the owner's row first, then the campaign's."""
        with connect(self.stack) as connection, connection.transaction():
            running = state == campaigns.CAMPAIGN_STATE_RUNNING
            connection.execute(
                "UPDATE campaign_progress SET running_since = CASE WHEN %s THEN now() END, "
                "started_at = coalesce(started_at, now()) WHERE campaign_id = %s",
                [running, self.id],
            )
            connection.execute(
                "UPDATE campaigns SET state = %s, version = version + 1 WHERE campaign_id = %s AND state NOT IN (5, 6, 7)",
                [state, self.id],
            )
            connection.execute("SELECT pg_notify('trunkline_campaign_changes', %s)", [self.id])

    def start(self) -> None:
        self.change_state(campaigns.CAMPAIGN_STATE_RUNNING)

    def pause(self) -> None:
        self.change_state(campaigns.CAMPAIGN_STATE_PAUSED)

    def state(self) -> int:
        return int(one_value(self.stack, "SELECT state FROM campaigns WHERE campaign_id = %s", [self.id]))

    def is_completed(self) -> bool:
        return self.state() == campaigns.CAMPAIGN_STATE_COMPLETED

    def progress(self) -> dict[str, Any]:
        [row] = rows(self.stack, "SELECT * FROM campaign_progress WHERE campaign_id = %s", [self.id])
        return row

    def attempts(self) -> list[dict[str, Any]]:
        return rows(self.stack, "SELECT * FROM attempts WHERE campaign_id = %s ORDER BY committed_at", [self.id])

    def attempts_committed(self) -> int:
        return int(one_value(self.stack, "SELECT count(*) FROM attempts WHERE campaign_id = %s", [self.id]))

    def owner(self) -> str:
        """The address by which its owner is known; empty when nobody that is known runs it."""
        found = one_value(
            self.stack,
            "SELECT r.address FROM campaign_progress p JOIN scheduler_replicas r USING (replica_id) WHERE campaign_id = %s",
            [self.id],
        )
        return str(found or "")

    def problems(self, twin: Twin, most_dials: int = 1) -> list[str]:
        """What is wrong with a campaign that is done: who was skipped, called too often, or counted wrongly."""
        found: list[str] = []
        dialled = Counter(call["to"] for call in twin.calls())
        attempts = self.attempts()
        by_number = Counter(row["to_number"] for row in attempts)
        not_dialled = Counter(
            row["to_number"] for row in attempts if row["disposition"] == campaigns.DISPOSITION_NOT_DIALED
        )
        # The gateway died between the intent and the provider, and found out that there is no call: a failed attempt.
        not_placed = Counter(
            row["to_number"]
            for row in rows(
                self.stack, "SELECT to_number FROM dial_intents WHERE campaign_id = %s AND state = 'not_placed'", [self.id]
            )
        )
        for number in self.numbers:
            if dialled[number] == 0:
                found.append(f"{number} was skipped")
            if dialled[number] > most_dials:
                found.append(f"{number} was dialled {dialled[number]} times")
            undialled = not_dialled[number] + not_placed[number]
            if dialled[number] != by_number[number] - undialled:
                found.append(
                    f"{number} has {by_number[number]} attempts, {undialled} of them not dialled, "
                    f"and was dialled {dialled[number]} times"
                )
        open_contacts = rows(
            self.stack,
            "SELECT number, state FROM contacts WHERE campaign_id = %s AND NOT state = ANY(%s)",
            [self.id, list(FINISHED)],
        )
        found += [f"{row['number']} is not finished: state {row['state']}" for row in open_contacts]
        found += [f"attempt {row['attempt_id']} has not ended" for row in attempts if row["disposition"] == 0]
        counted = rows(
            self.stack,
            "SELECT state, count(*) AS contacts FROM contacts WHERE campaign_id = %s GROUP BY state",
            [self.id],
        )
        progress = self.progress()
        for row in counted:
            name = campaigns.ContactState.Name(row["state"]).removeprefix("CONTACT_STATE_").lower()
            if progress[f"contacts_{name}"] != row["contacts"]:
                found.append(f"{row['contacts']} contacts are {name}, {progress[f'contacts_{name}']} are counted")
        if progress["attempts"] != len(attempts):
            found.append(f"{len(attempts)} attempts are there, {progress['attempts']} are counted")
        return found
