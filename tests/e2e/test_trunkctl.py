"""The operator's command line, used as an operator or a script would."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from support.client import Client, client_of
from support.database import connect, rows
from support.governor import governor_of
from support.numbers import ANSWERS, REFUSED_NUMBER, number
from support.settings import shorten_calls
from support.waiting import eventually
from trunkline_local.paths import MIGRATIONS
from trunkline_local.service_settings import operator_settings
from trunkline_local.stack import Stack

# Two contacts, one of whom cannot be called.
CONTACTS = "number,name\n+12025550143,Ada\n+442079460000,Grace\n"
SETTINGS = {
    "plan": {"verbs": [{"say": {"text": "Hello {{name}}"}}]},
    "pacing": {"callSpacing": "0s"},
    "retries": {"maxAttempts": 1},
    "rules": {"blockedPrefixes": ["+44"]},
}
COMMANDS = (
    ["migrate"],
    ["topics", "create"],
    ["business", "create"],
    ["key", "create"],
    ["key", "limit"],
    ["key", "revoke"],
    ["dead-letters", "list"],
    ["dead-letters", "show"],
    ["dead-letters", "replay"],
    ["maintenance", "clean-event-sources"],
    ["seed", "demo"],
    ["call", "place"],
    ["call", "get"],
    ["call", "list"],
    ["call", "watch"],
    ["call", "end"],
    ["providers", "compare"],
    ["limits", "get"],
    ["limits", "set"],
    ["limits", "clear"],
    ["limits", "usage"],
    ["explain", "slot"],
    *(["campaign", name] for name in ("create", "update", "import", "start", "schedule", "pause", "resume", "cancel")),
    *(["campaign", name] for name in ("clone", "get", "list", "progress", "statistics", "failed", "export")),
    ["campaign", "transitions"],
    ["campaign", "simulate"],
    *(["suppression", name] for name in ("add", "remove", "list")),
    *(["explain", name] for name in ("contact", "campaign", "call")),
    *(["tracking", "webhooks", name] for name in ("register", "unregister", "list")),
    ["schema", "validate"],
)
NO_CALL = "0190b2c3-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Trunkctl:
    stack: Stack
    api_key: str

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.stack.bin_dir / "trunkctl"), *words],
            env={**operator_settings(self.stack), "TRUNKLINE_API_KEY": self.api_key},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def json_lines(self, *words: str) -> list[dict[str, Any]]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def trunkctl(stack: Stack) -> Trunkctl:
    shorten_calls(stack)
    return Trunkctl(stack, stack.demo.value("api_key"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example(trunkctl: Trunkctl, command: list[str]) -> None:
    done = trunkctl.run(*command, "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout
    assert "trunkctl " + " ".join(command) in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["call"],
        ["call", "place"],
        ["call", "list", "--page-size=many"],
        ["--nonsense"],
        ["limits", "set", "--calls=5"],
        ["limits", "set", "--all"],
        ["limits", "set", "--all", "--campaign=spring", "--calls=5"],
        ["limits", "clear"],
        ["explain", "slot"],
    ],
)
def test_a_wrong_command_line_ends_with_2(trunkctl: Trunkctl, words: list[str]) -> None:
    done = trunkctl.run(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_a_failure_ends_with_1_and_says_why(trunkctl: Trunkctl) -> None:
    done = trunkctl.run("call", "get", NO_CALL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "CALL_NOT_FOUND" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_placed_call_is_followed_to_its_end(trunkctl: Trunkctl) -> None:
    to = number(ANSWERS)
    done = trunkctl.run("call", "place", f"--to={to}", "--wait")
    assert done.returncode == 0, done.stderr
    events = [line.split()[1] for line in done.stdout.splitlines()[:-1]]
    # Our own facts and the provider's come on two ways, and a short call may have ended before one of ours is there.
    assert {"ringing", "answered", "ended"} <= set(events)
    assert "completed" in done.stdout.splitlines()[-1]
    assert to in done.stdout.splitlines()[-1]


def test_a_refused_call_is_told(trunkctl: Trunkctl) -> None:
    [call] = trunkctl.json_lines("call", "place", f"--to={number(REFUSED_NUMBER)}", "--wait")
    assert call["record"]["status"] == "CALL_STATUS_FAILED"  # type: ignore[index]
    assert call["record"]["error"]["provider_code"] == "21211"  # type: ignore[index]


def test_a_request_id_places_no_second_call(trunkctl: Trunkctl) -> None:
    words = ("call", "place", f"--to={number(ANSWERS)}", "--request-id=0190b2c3-0000-7000-8000-0000000000bb")
    first, again = (trunkctl.json_lines(*words)[0]["record"]["call_id"] for _ in range(2))  # type: ignore[index]
    assert first == again


def test_calls_are_listed_shown_and_ended(trunkctl: Trunkctl, client: Client) -> None:
    call_id = client.place(number(ANSWERS)).record.call_id
    [listed] = trunkctl.json_lines("call", "list", "--page-size=50")
    assert call_id in [call["record"]["call_id"] for call in listed["calls"]]  # type: ignore[attr-defined]
    [shown] = trunkctl.json_lines("call", "get", call_id)
    assert shown["record"]["call_id"] == call_id  # type: ignore[index]
    assert trunkctl.run("call", "end", call_id).returncode == 0


def test_migrations_and_topics_may_be_asked_for_again(trunkctl: Trunkctl) -> None:
    assert trunkctl.run("migrate", f"--directory={MIGRATIONS}").returncode == 0
    [topics] = trunkctl.json_lines("topics", "create")
    assert topics == {"created": []}


def test_old_event_sources_go_and_young_ones_stay(stack: Stack, trunkctl: Trunkctl) -> None:
    insert = (
        "INSERT INTO call_event_sources (event_id, topic, partition, \"offset\", first_seen_at)"
        " SELECT gen_random_uuid(), 'cleaned', 0, n, now() - make_interval(days => %s) FROM generate_series(1, 25) n"
    )
    with connect(stack) as connection:
        connection.execute(insert, [91])
        connection.execute(insert, [89])
    assert trunkctl.json_lines("maintenance", "clean-event-sources", "--batch=10") == [{"deleted": 25}]
    left = rows(stack, "SELECT min(first_seen_at) > now() - interval '90 days' AS young, count(*) FROM call_event_sources")
    assert left[0]["young"] and left[0]["count"] >= 25
    assert trunkctl.run("maintenance", "clean-event-sources", "--older-than=7d").returncode == 1
    assert trunkctl.run("maintenance", "clean-event-sources", "--older-than=long").returncode == 1


def test_a_new_key_works_and_a_revoked_one_does_not(stack: Stack, trunkctl: Trunkctl) -> None:
    [business] = trunkctl.json_lines("business", "create", "--name=Short-lived")
    [key] = trunkctl.json_lines("key", "create", f"--business={business['business_id']}", "--name=crm")
    with client_of(stack, str(key["api_key"])) as client:
        assert client.all_calls() == []
        assert trunkctl.run("key", "revoke", f"--key={key['api_key_id']}").returncode == 0
        eventually(lambda: is_refused(client), seconds=40, about="the key is refused")
    again = trunkctl.run("key", "revoke", f"--key={key['api_key_id']}")
    assert again.returncode == 1


def is_refused(client: Client) -> bool:
    try:
        client.page()
        return False
    except grpc.RpcError as error:
        return error.code() == grpc.StatusCode.UNAUTHENTICATED


def test_limits_are_changed_one_at_a_time_and_cleared(trunkctl: Trunkctl) -> None:
    business = "0190b2c3-0000-7000-8000-0000000000cc"
    words = ("limits", "set", f"--business={business}")
    trunkctl.json_lines(*words, "--calls=7", "--guaranteed=2")
    done = trunkctl.run(*words, "--weight=3", "--spacing=250ms")
    assert done.stdout == f"business {business}: 7 calls, guaranteed 2, weight 3, 250ms apart\n", done.stderr
    shown = trunkctl.run("limits", "get").stdout.splitlines()
    assert done.stdout.strip() in shown
    too_many = trunkctl.run(*words, "--guaranteed=8")
    assert (too_many.returncode, too_many.stdout) == (1, "")
    assert "guaranteed_calls" in too_many.stderr
    assert trunkctl.run(*words, "--spacing=soon").returncode == 1
    assert trunkctl.run("limits", "clear", f"--business={business}").returncode == 0
    assert business not in trunkctl.run("limits", "get").stdout


def test_what_is_in_use_is_shown_and_followed(stack: Stack, trunkctl: Trunkctl) -> None:
    business = "0190b2c3-0000-7000-8000-0000000000cd"
    with governor_of(stack) as governor:
        governor.acquire("one", business_id=business, campaign_id="spring")
        [usage] = trunkctl.json_lines("limits", "usage", f"--business={business}", "--slots")
        assert [slot["request_id"] for slot in usage["slots"]] == ["one"]  # type: ignore[attr-defined]
        command = [str(stack.bin_dir / "trunkctl"), "limits", "usage", f"--business={business}", "--watch", "--json"]
        with subprocess.Popen(command, env=operator_settings(stack), stdout=subprocess.PIPE, text=True) as watch:
            try:
                assert watch.stdout is not None
                assert in_use_of(watch.stdout.readline()) == 1
                governor.release(business, "one")
                # What happens meanwhile elsewhere is told too.
                eventually(lambda: in_use_of(watch.stdout.readline()), until=lambda in_use: in_use == 0)
            finally:
                watch.kill()


def in_use_of(line: str) -> int:
    """Of the business that the usage is for."""
    levels = json.loads(line)["levels"]
    return sum(level.get("in_use", 0) for level in levels if level["level"] == "LEVEL_BUSINESS")


def test_it_is_explained_why_there_is_no_slot(stack: Stack, trunkctl: Trunkctl) -> None:
    business = "0190b2c3-0000-7000-8000-0000000000ce"
    words = ("explain", "slot", f"--business={business}", "--campaign=autumn")
    trunkctl.json_lines("limits", "set", "--campaign=autumn", "--calls=1")
    with governor_of(stack) as governor:
        governor.acquire("one", business_id=business, campaign_id="autumn")
        lines = trunkctl.run(*words).stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["passes", "passes", "shut"]
        assert "campaign autumn" in lines[2] and lines[2].endswith("1 of 1; a call must end first")
        governor.release(business, "one")
    [explained] = trunkctl.json_lines(*words)
    assert all(gate["passes"] for gate in explained["gates"])  # type: ignore[attr-defined]
    trunkctl.json_lines("limits", "clear", "--campaign=autumn")


def test_no_key_is_shown_twice(stack: Stack, trunkctl: Trunkctl) -> None:
    again = trunkctl.run("seed", "demo", "--provider=twilio", "--json")
    assert again.returncode == 0, again.stderr
    assert "api_key" not in json.loads(again.stdout)
    assert stack.demo.value("api_key") not in again.stdout


def test_a_gateway_that_is_away_is_a_failure(stack: Stack, trunkctl: Trunkctl) -> None:
    done = trunkctl.run("call", "list", "--gateway=127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr.startswith("trunkctl: ")


def test_a_campaign_is_forecast_before_and_after_it_is_made(trunkctl: Trunkctl, tmp_path: Path) -> None:
    wish, contacts = tmp_path / "campaign.json", tmp_path / "contacts.csv"
    wish.write_text(json.dumps({"name": "forecast", "settings": SETTINGS}))
    contacts.write_text(CONTACTS)
    everybody_answers = ("--busy=0", "--no-answer=0", "--rejected=0", "--invalid-number=0", "--failed=0", "--machine=0")
    words = ("--begin=2026-12-01T15:00:00Z", "--runs=3", *everybody_answers, "--abandoned=0", "--price=0.6")

    [told] = trunkctl.json_lines("campaign", "simulate", f"--file={wish}", f"--contacts={contacts}", *words)
    assert (told["contacts"], told["runs"], told["finished_runs"]) == (2, 3, 3)
    assert told["attempts"] == told["reached"] == told["suppressed"] == {"low": 1, "middle": 1, "high": 1}
    assert "2026-12-01T15:00:00Z" < told["finish"]["low"] <= told["finish"]["high"] < "2026-12-01T17:00:00Z"
    assert told["cost"]["low"] > 0

    [campaign] = trunkctl.json_lines("campaign", "create", f"--file={wish}")
    campaign_id = str(campaign["campaign_id"])
    trunkctl.json_lines("campaign", "import", campaign_id, f"--file={contacts}")
    [again] = trunkctl.json_lines("campaign", "simulate", campaign_id, *words)
    assert again == told, "the same settings and contacts"

    refused = trunkctl.run("campaign", "simulate", f"--file={wish}")
    assert refused.returncode == 1 and "--contacts" in refused.stderr
