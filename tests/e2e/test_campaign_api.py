"""Campaigns as people and programs run them: over HTTP, and with trunkctl. Every answer over HTTP is held against the
OpenAPI document."""

from __future__ import annotations

import json
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.businesses import create_business
from support.database import one_value
from support.http_api import HttpApi, Json
from support.numbers import ANSWERS, BUSY, number
from support.settings import shorten_calls
from support.waiting import eventually
from trunkline_local.service_settings import operator_settings
from trunkline_local.stack import Stack

SETTINGS = {
    "plan": {"verbs": [{"say": {"text": "Hello {{name}}."}}, {"hangup": {}}]},
    "defaultRegion": "US",
    "pacing": {"callSpacing": "0s"},
    "retries": {"maxAttempts": 1},
}
NO_CAMPAIGN = "0190b2c3-0000-7000-8000-0000000000ff"


@pytest.fixture(scope="module")
def api(stack: Stack) -> HttpApi:
    shorten_calls(stack)
    return HttpApi(stack)


def create(api: HttpApi, name: str = "spring") -> str:
    body = {"requestId": str(uuid.uuid4()), "name": name, "settings": SETTINGS}
    campaign_id: str = api.ask("POST", "/api/campaigns", json=body)["campaign"]["campaignId"]
    return campaign_id


def upload(api: HttpApi, campaign_id: str, file: bytes, **query: Any) -> Json:
    path = f"/api/campaigns/{campaign_id}/import"
    answer = api.ask("POST", path, data=file, params=query, headers={"Content-Type": "text/csv"})
    contact_import: Json = answer["contactImport"]
    return contact_import


def contacts_of(count: int, story: int = ANSWERS) -> bytes:
    return ("number,name\n" + "".join(f"{number(story)},Ada {i}\n" for i in range(count))).encode()


def state_of(api: HttpApi, campaign_id: str) -> str:
    return str(api.ask("GET", f"/api/campaigns/{campaign_id}")["campaign"]["state"])


def test_a_campaign_is_made_run_and_read_over_http(api: HttpApi) -> None:
    campaign_id = create(api)
    file = contacts_of(8) + contacts_of(2, BUSY).split(b"\n", 1)[1]
    taken = upload(api, campaign_id, file + b"nonsense,Nobody\n", importId=str(uuid.uuid4()))
    assert (taken["added"], taken["errors"]) == ("10", "1")
    errors = api.ask("GET", f"/api/contact-imports/{taken['importId']}/errors")["errors"]
    assert [error["line"] for error in errors] == ["12"]
    api.ask("POST", f"/api/campaigns/{campaign_id}/start", json={"reason": "it is time"})
    eventually(lambda: state_of(api, campaign_id) == "CAMPAIGN_STATE_COMPLETED", seconds=60)

    progress = api.ask("GET", f"/plivo/campaign-progress/{campaign_id}")["progress"]
    assert progress["contacts"]["reached"] == "8"
    assert progress["contacts"]["exhausted"] == "2"
    assert progress["finishedRate"] == 10_000
    statistics = api.ask("GET", f"/api/campaigns/{campaign_id}/statistics")
    assert statistics["total"]["attempts"] == "10"
    assert statistics["total"]["answerRate"] == 8_000
    [cause] = api.ask("GET", f"/api/campaigns/{campaign_id}/failed-calls")["causes"]
    assert (cause["disposition"], cause["advice"]) == ("DISPOSITION_BUSY", "RETRY_ADVICE_RETRY")
    transitions = api.ask("GET", f"/api/campaigns/{campaign_id}/transitions")["transitions"]
    assert [transition["to"] for transition in transitions] == ["CAMPAIGN_STATE_COMPLETED", "CAMPAIGN_STATE_RUNNING"]
    export = api.send("GET", f"/api/campaigns/{campaign_id}/export", params={"kind": "EXPORT_KIND_ATTEMPTS"})
    assert export.headers["Content-Type"].startswith("text/csv")
    assert len(export.text.splitlines()) == 11


def test_a_file_comes_in_pieces_each_row_once(api: HttpApi) -> None:
    campaign_id = create(api)
    file, import_id, offset = contacts_of(200), str(uuid.uuid4()), 0
    while offset < len(file):
        end = min(len(file), offset + 777)
        more = "false" if end == len(file) else "true"
        taken = upload(api, campaign_id, file[offset:end], importId=import_id, offset=offset, more=more)
        assert int(taken["nextOffset"]) > offset
        offset = int(taken["nextOffset"])
    assert (taken["state"], taken["added"]) == ("IMPORT_STATE_COMPLETE", "200")
    status, error = api.refusal(
        "POST",
        f"/api/campaigns/{campaign_id}/import",
        data=b"number\n",
        params={"importId": str(uuid.uuid4()), "offset": 5},
        headers={"Content-Type": "text/csv"},
    )
    assert (status, error["reason"]) == (400, "IMPORT_OFFSET_MISMATCH")


def test_paused_and_resumed_by_many_at_once_its_history_is_a_chain(api: HttpApi) -> None:
    campaign_id = create(api)
    upload(api, campaign_id, contacts_of(300), importId=str(uuid.uuid4()))
    api.ask(
        "PATCH",
        f"/api/campaigns/{campaign_id}",
        json={"updateMask": "settings.pacing", "settings": {"pacing": {"callsPerSecond": 5, "callSpacing": "0s"}}},
    )
    api.ask("POST", f"/api/campaigns/{campaign_id}/start", json={})

    def command(turn: int) -> None:
        path = "/plivo/pause-campaign" if turn % 2 == 0 else "/plivo/resume-campaign"
        api.ask("POST", path, json={"campaignId": campaign_id, "reason": f"turn {turn}"})

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(command, range(20)))
    api.ask("POST", "/plivo/pause-campaign", json={"campaignId": campaign_id})
    transitions = api.ask("GET", f"/api/campaigns/{campaign_id}/transitions")["transitions"]
    for later, earlier in zip(transitions, transitions[1:], strict=False):
        assert later["from"] == earlier["to"]
    assert transitions[0]["to"] == "CAMPAIGN_STATE_PAUSED"
    api.ask("POST", f"/api/campaigns/{campaign_id}/cancel", json={})
    status, error = api.refusal("POST", "/plivo/resume-campaign", json={"campaignId": campaign_id})
    assert (status, error["reason"]) == (400, "ILLEGAL_TRANSITION")
    assert "cancelled" in error["message"]


def test_whom_a_list_names_is_not_called_and_explain_says_so(api: HttpApi, stack: Stack) -> None:
    campaign_id = create(api)
    called, suppressed = number(ANSWERS), number(ANSWERS)
    upload(api, campaign_id, f"number\n{called}\n{suppressed}\n".encode(), importId=str(uuid.uuid4()))
    entry = {"number": suppressed, "reason": "asked not to be called"}
    assert api.ask("POST", "/api/suppressions", json={"suppressions": [entry]})["added"] == 1
    explained = api.ask("GET", f"/api/campaigns/{campaign_id}/explain-contact", params={"number": suppressed})
    gates = {gate["gate"]: gate["passes"] for gate in explained["gates"]}
    assert gates["do_not_call_business"] is False
    assert "concurrency" in gates
    api.ask("POST", f"/api/campaigns/{campaign_id}/start", json={})
    eventually(lambda: state_of(api, campaign_id) == "CAMPAIGN_STATE_COMPLETED", seconds=60)
    counts = api.ask("GET", f"/api/campaigns/{campaign_id}")["campaign"]["contacts"]
    assert (counts["reached"], counts["suppressed"]) == ("1", "1")
    assert one_value(stack, "SELECT count(*) FROM call_history WHERE to_number = %s", [suppressed]) == 0


def test_channels_are_the_keys_own(api: HttpApi, stack: Stack) -> None:
    own = stack.demo.value("business_id")
    channels = api.ask("GET", "/plivo/get-active-channels", params={"clientId": own, "includeCalls": "true"})
    assert channels["limit"] > 0
    assert channels["health"] in ("CHANNEL_HEALTH_GOOD", "CHANNEL_HEALTH_BUSY", "CHANNEL_HEALTH_FULL")
    assert api.ask("GET", "/api/channels")["limit"] == channels["limit"]
    status, error = api.refusal("GET", "/plivo/get-active-channels", params={"clientId": str(uuid.uuid4())})
    assert (status, error["reason"]) == (403, "PERMISSION_DENIED")


def test_another_business_finds_no_campaign(api: HttpApi, stack: Stack) -> None:
    campaign_id = create(api)
    upload(api, campaign_id, contacts_of(1), importId=str(uuid.uuid4()))
    other = HttpApi(stack, create_business(stack, "others", number(ANSWERS)).api_key)
    for method, path in (
        ("GET", f"/api/campaigns/{campaign_id}"),
        ("GET", f"/plivo/campaign-progress/{campaign_id}"),
        ("GET", f"/api/campaigns/{campaign_id}/contacts"),
        ("GET", f"/api/campaigns/{campaign_id}/export"),
        ("POST", f"/api/campaigns/{campaign_id}/start"),
        ("POST", f"/api/campaigns/{campaign_id}/cancel"),
    ):
        status, error = other.refusal(method, path)
        assert (status, error["reason"]) == (404, "CAMPAIGN_NOT_FOUND"), path
    assert other.ask("GET", "/api/campaigns")["campaigns"] == []
    status, error = HttpApi(stack, "tl_" + 43 * "x").refusal("GET", "/api/campaigns")
    assert (status, error["reason"]) == (401, "UNAUTHENTICATED")


class Trunkctl:
    def __init__(self, stack: Stack):
        self._stack = stack

    def run(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [str(self._stack.bin_dir / "trunkctl"), *words],
            env={**operator_settings(self._stack), "TRUNKLINE_API_KEY": self._stack.demo.value("api_key")},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, f"{words}: {done.stdout} {done.stderr}"
        return done.stdout + done.stderr if code else done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))


def test_trunkctl_runs_a_campaign_from_file_to_export(api: HttpApi, stack: Stack, tmp_path: Path) -> None:
    trunkctl = Trunkctl(stack)
    wish, contacts, export = tmp_path / "campaign.json", tmp_path / "contacts.csv", tmp_path / "contacts-out.jsonl"
    wish.write_text(json.dumps({"settings": SETTINGS}))
    contacts.write_bytes(contacts_of(5))
    campaign_id = trunkctl.json("campaign", "create", f"--file={wish}", "--name=by hand")["campaign_id"]
    taken = trunkctl.json("campaign", "import", campaign_id, f"--file={contacts}")
    assert taken["added"] == "5"
    assert "draft" in trunkctl.run("campaign", "pause", campaign_id, code=1)
    trunkctl.run("campaign", "start", campaign_id, "--reason=now")
    trunkctl.run("campaign", "progress", campaign_id, "--watch")
    eventually(lambda: state_of(api, campaign_id) == "CAMPAIGN_STATE_COMPLETED", seconds=60)
    assert "5 of 5" in trunkctl.run("campaign", "get", campaign_id)
    trunkctl.run("campaign", "export", campaign_id, f"--file={export}")
    rows = [json.loads(line) for line in export.read_text().splitlines()]
    assert [row["state"] for row in rows] == ["reached"] * 5
    copy = trunkctl.json("campaign", "clone", campaign_id, "--contacts=all")
    assert (copy["state"], copy["contacts"]["pending"]) == ("CAMPAIGN_STATE_DRAFT", "5")
    assert "campaign_state" in trunkctl.run("explain", "campaign", copy["campaign_id"])
    assert copy["campaign_id"] in trunkctl.run("campaign", "list", "--state=draft")
    assert "CAMPAIGN_NOT_FOUND" in trunkctl.run("campaign", "get", NO_CAMPAIGN, code=1)


def test_the_deployments_own_list_holds_for_every_business(api: HttpApi, stack: Stack) -> None:
    trunkctl, suppressed = Trunkctl(stack), number(ANSWERS)
    campaign_id = create(api)
    upload(api, campaign_id, f"number\n{suppressed}\n".encode(), importId=str(uuid.uuid4()))
    trunkctl.run("suppression", "add", suppressed, "--all", "--reason=a court said so")
    assert suppressed in trunkctl.run("suppression", "list", "--all")
    assert suppressed not in trunkctl.run("suppression", "list", "--page-size=500")
    assert "shut  do_not_call_global" in trunkctl.run("explain", "contact", campaign_id, suppressed)
    trunkctl.run("suppression", "remove", suppressed, "--all")
    assert "open  do_not_call_global" in trunkctl.run("explain", "contact", campaign_id, suppressed)


def test_the_schema_of_the_stack_is_whole(stack: Stack) -> None:
    assert "everything" in Trunkctl(stack).run("schema", "validate")
