"""Roles in llmhub.yaml: what somebody may use, see and change depends on who they are, at every door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.identity import IdentityProvider, User

from llmhub.config import load_config
from llmhub.config.load import USER_SETTINGS
from llmhub.errors import ConfigError
from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Api, read_events
from .test_cli import run as llmhub

ADA, EVE, BOB = {"X-Who": "ada"}, {"X-Who": "eve", "X-Groups": "guests,others"}, {"X-Who": "bob"}
"""A teacher by name, a guest by group, and somebody whom no role names."""

ROLES = """
default_model: lab/echo
locked: [features]
aliases: {quick: lab/tools, best: lab/echo}
roles:
  teacher: {users: [ada]}
  guest:
    groups: [guests]
    models: [quick, "demo/*"]
    default_model: quick
    features: {compare: false, attachments: false, own_providers: false}
    limits: {message_chars: 20}
    locked: [default_model]
"""


class Hub(IdentityProvider):
    """Names and groups as JupyterHub's own provider tells them."""

    def get_user(self, handler: Any) -> User | None:
        handler._token_authenticated = True
        user = User(handler.request.headers["X-Who"])
        user.hub_user = {"groups": handler.request.headers.get("X-Groups", "").split(",")}  # type: ignore[attr-defined]
        return user


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["ServerApp"]["identity_provider_class"] = Hub
    return jp_server_config


@pytest.fixture
def host_settings() -> dict[str, Any]:
    return {"local_servers": []}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> Path:
    path = tmp_path / "llmhub.yaml"
    provider = {
        "kind": "openai",
        "base_url": wire.base_url("openai"),
        "api_key": "sk-lab",
        "models": ["echo", "tools", "rate-limited-1h"],
    }
    path.write_text(f"providers: {{lab: {json.dumps(provider)}}}\n{ROLES}")
    path.chmod(0o600)
    monkeypatch.setenv("LLMHUB_CONFIG", str(path))
    return path


async def send(api: Api, who: dict[str, str], text: str = "Hello", **more: Any) -> Any:
    conversation = (await api.ok("POST", "conversations", {}, headers=who))["id"]
    body = {"client_request_id": new_id(), "message": {"parts": [{"type": "text", "text": text}]}, **more}
    return await api("POST", f"conversations/{conversation}/runs", body, headers=who)


async def test_each_sees_the_configuration_of_their_role(api: Api, file: Path):
    teacher, guest, nobody = [await api.ok("GET", "config", headers=who) for who in (ADA, EVE, BOB)]
    assert [each["role"] for each in (teacher, guest, nobody)] == ["teacher", "guest", None]
    assert [each["features"]["compare"] for each in (teacher, guest, nobody)] == [True, False, True]
    assert [each["limits"]["message_chars"] for each in (teacher, guest)] == [2_000_000, 20]
    assert [each["default_model"] for each in (teacher, guest)] == ["lab/echo", "quick"]
    line = file.read_text().splitlines().index("    features: {compare: false, attachments: false, own_providers: false}") + 1
    assert guest["settings"]["features.compare"] == {"value": False, "source": f"file {file}:{line}"}
    assert guest["settings"]["features.voice"]["source"] == "default"
    assert guest["locked"] == ["features", "default_model"] and teacher["locked"] == ["features"]
    assert "eve" not in json.dumps(teacher) and "guests" not in json.dumps(guest)  # who has which role is nobody's business


async def test_a_model_that_the_role_may_not_use_is_in_no_list_and_refused_at_every_door(api: Api):
    lists = {who["X-Who"]: [each["id"] for each in (await api.ok("GET", "models", headers=who))["items"]] for who in (ADA, EVE)}
    assert {"lab/echo", "lab/tools", "quick", "best"} <= set(lists["ada"])
    assert {"lab/tools", "quick"} <= set(lists["eve"]) and not {"lab/echo", "lab/rate-limited-1h", "best"} & set(lists["eve"])

    for model in ("lab/echo", "best"):
        refused = await send(api, EVE, model=model)
        assert (refused.status, refused.error["code"]) == (403, "access_denied")
        assert refused.error["message"] == f"You may not use the model '{model}' here in the role 'guest'."
    assert (await send(api, EVE, model="quick")).status == 201
    assert (await send(api, ADA, model="lab/echo")).status == 201

    door = {"messages": [{"role": "user", "content": "Hi"}], "model": "lab/echo"}
    asked = {"chat/completions": door, "messages": {**door, "max_tokens": 9}, "embeddings": {"model": "lab/echo", "input": "x"}}
    for way, body in asked.items():
        answer = await api.raw("llmhub", "v1", *way.split("/"), method="POST", body=json.dumps(body), headers=EVE)
        assert answer.status == 403 and "lab/echo" in answer.json["error"]["message"], way
    listed = (await api.raw("llmhub", "v1", "models", headers=EVE)).json["data"]
    assert "lab/echo" not in [each["id"] for each in listed]
    assert (await api.raw("llmhub", "v1", "models", "lab", "echo", headers=EVE)).status == 403


async def test_without_a_choice_the_role_s_own_default_answers(api: Api, wire: WireServer):
    run = (await send(api, EVE)).json["run_id"]
    events = read_events((await api("GET", f"runs/{run}/events", headers=EVE)).data)
    assert events[0]["model"] == "lab/tools"


async def test_no_fallback_leads_to_a_model_that_the_role_may_not_use(api: Api, file: Path):
    text = file.read_text().replace('models: [quick, "demo/*"]', "models: [lab/rate-limited-1h]")
    file.write_text(text.replace("aliases:", "fallback_models: [lab/echo]\naliases:"))
    for who, status in ((EVE, "failed"), (ADA, "complete")):
        run = (await send(api, who, model="lab/rate-limited-1h")).json["run_id"]
        events = read_events((await api("GET", f"runs/{run}/events", headers=who)).data)
        assert events[-1]["status"] == status, events[-1]


async def test_what_is_switched_off_for_a_role_is_refused_by_the_server_too(api: Api):
    refused = [
        await api("POST", "files", data=b"x", headers=EVE),
        await send(api, EVE, model="quick", head=False),
        await api("PUT", "providers/mine", {"kind": "ollama"}, headers=EVE),
        await api("PUT", "providers/openai/key", {"api_key": "sk-mine"}, headers=EVE),
        await api("POST", "providers/lab/test", {}, headers=EVE),
        await api("POST", "providers/discover", {}, headers=EVE),
    ]
    assert [(each.status, each.error["code"]) for each in refused] == [(403, "access_denied")] * len(refused)
    assert refused[0].error["message"] == "Files and pictures in messages are switched off here in the role 'guest'."
    assert (await send(api, EVE, "a" * 21, model="quick")).status == 413
    assert (await api("POST", "files", data=b"x", headers=ADA)).status == 201


async def test_where_attachments_are_off_no_door_takes_a_picture_and_no_import_brings_a_file(api: Api, wire: WireServer):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    for way, seen in (("chat/completions", picture), ("messages", {"type": "image", "source": source})):
        body = {"messages": [{"role": "user", "content": [seen]}], "model": "lab/tools", "max_tokens": 9}
        answers = {
            who["X-Who"]: await api.raw("llmhub", "v1", *way.split("/"), method="POST", body=json.dumps(body), headers=who)
            for who in (EVE, ADA)
        }
        assert answers["eve"].status == 403 and "switched off" in answers["eve"].json["error"]["message"], way
        assert answers["ada"].status == 200, way

    stored = await api.ok("POST", "files", data=b"hello", headers={**ADA, "Content-Type": "text/plain", "X-File-Name": "a.txt"})
    part = {"type": "file", "file_id": stored["id"], "name": "a.txt", "media_type": "text/plain"}
    run = (await send(api, ADA, message={"parts": [{"type": "text", "text": "Look"}, part]}, model="lab/echo")).json
    read_events((await api("GET", f"runs/{run['run_id']}/events", headers=ADA)).data)
    mine = await api.ok("GET", "conversations", headers=ADA)
    exported = (await api("GET", f"conversations/{mine['items'][0]['id']}/export?format=json", headers=ADA)).data
    for who, kinds in ((EVE, {"text"}), (BOB, {"text", "file"})):
        form = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n' + exported + b"\r\n--edge--\r\n"
        begun = await api.ok("POST", "import", data=form, headers={**who, "Content-Type": "multipart/form-data; boundary=edge"})
        end = read_events((await api("GET", f"runs/{begun['run_id']}/events", headers=who)).data)[-1]
        notes = [note["reason"] for note in end["result"]["notes"]]
        assert any("switched off" in note for note in notes) == (who is EVE), end
        [id] = end["result"]["conversation_ids"]
        path = await api.ok("GET", f"conversations/{id}/messages", headers=who)
        assert {each["type"] for each in path["items"][0]["parts"]} == kinds


async def test_what_is_locked_for_a_role_only_others_may_change(api: Api):
    refused = await api("PATCH", "settings", {"default_model": "lab/tools"}, headers=EVE)
    assert refused.status == 403 and "locked" in refused.error["message"]
    changed = await api.ok("PATCH", "settings", {"default_model": "lab/tools"}, headers=ADA)
    own = {each["key"]: each for each in changed["own"]}["default_model"]
    assert (own["value"], own["own"], own["lock"]) == ("lab/tools", True, None)
    assert own["inherited"]["value"] == "lab/echo" and own["inherited"]["source"].startswith("file ")
    guest = await api.ok("GET", "config", headers=EVE)
    own = {each["key"]: each for each in guest["own"]}["default_model"]
    assert guest["default_model"] == "quick" and not own["own"]
    assert own["lock"]["name"] == "default_model" and own["lock"]["source"].startswith("file ")
    assert (await api.ok("PATCH", "settings", {"default_model": None}, headers=ADA))["default_model"] == "lab/echo"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("features: {vioce: false}", ["features.vioce", "features.voice", "line 2"]),
        ("limits: {file_bytes: 0}", ["limits.file_bytes", "greater than 0", "line 2"]),
        ("locked: [feature]", ["feature", "line 2"]),
    ],
)
def test_a_mistake_in_a_role_is_said_with_its_line(file: Path, text: str, words: list[str]):
    file.write_text(f"roles:\n  guest: {{{text}}}\n")
    with pytest.raises(ConfigError) as fault:
        load_config()
    assert all(word in fault.value.message + fault.value.hint for word in words), fault.value.message


def test_a_default_role_must_exist(file: Path):
    file.write_text("roles: {guest: {}}\ndefault_role: gast\n")
    with pytest.raises(ConfigError, match=r"default_role.* line 2 .*there is guest"):
        load_config()


def test_the_command_shows_what_holds_for_a_role_or_a_person(file: Path):
    shown = json.loads(llmhub("config", "show", "--json", "--user", "eve", "--group", "guests", file).stdout)
    assert shown["role"] == "guest" and shown["settings"]["features.compare"]["value"] is False
    assert llmhub("config", "show", "--user", "bob", file).stdout.startswith("# bob has no role")
    assert "features.compare: false" in llmhub("config", "show", "--role", "guest", file).stdout
    nobody = llmhub("config", "show", "--role", "boss", file)
    assert nobody.returncode == 1 and "There is no role called 'boss'." in nobody.stdout


async def test_the_settings_page_can_change_every_setting_that_users_may_have(api: Api):
    own = {each["key"]: each for each in (await api.ok("GET", "config", headers=ADA))["own"]}
    assert set(own) == {key for key in USER_SETTINGS if key != "providers"}
    changed = await api.ok("PATCH", "settings", {"limits": {"usd_per_day": 2.5}, "kernel_access": True}, headers=ADA)
    own = {each["key"]: each for each in changed["own"]}
    assert (own["limits.usd_per_day"]["value"], own["limits.usd_per_day"]["own"], own["kernel_access"]["own"]) == (2.5, True, True)
