"""Providers over the API: added, keyed, tested, found and removed; no key ever comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.providers.clouds import AWS_KEY
from tests.providers.wire_server import WireServer

from .api import Api

KEY = "sk-a-very-secret-key-1234567890"

pytestmark = pytest.mark.usefixtures("litellms_garbage")


async def named(api: Api, name: str) -> dict[str, Any]:
    return next(item for item in (await api.ok("GET", "providers"))["items"] if item["name"] == name)


async def test_the_list_says_what_is_there_and_what_could_be(api: Api):
    answer = await api.ok("GET", "providers")
    lab = await named(api, "lab")
    assert (lab["kind"], lab["configured"], lab["has_key"], lab["local"]) == ("openai", True, True, True)
    openai = await named(api, "openai")
    assert (openai["configured"], openai["has_key"], openai["needs_key"], openai["label"]) == (False, False, True, "OpenAI")
    assert openai["key_url"].startswith("https://")
    assert (await named(api, "demo"))["configured"] is True
    assert "openai" in [kind["kind"] for kind in answer["kinds"]]
    assert "sk-test-key" not in json.dumps(answer)


async def test_a_provider_of_ones_own_is_added_keyed_used_and_removed(api: Api, wire: WireServer):
    mine = {"kind": "openai", "base_url": wire.base_url("openai"), "label": "Mine"}
    assert (await api("PUT", "providers/mine", mine)).status == 204
    assert (await api("PUT", "providers/mine/key", {"api_key": KEY})).status == 204
    view = await named(api, "mine")
    assert (view["label"], view["base_url"], view["own"]) == ("Mine", mine["base_url"], True)
    assert (view["has_key"], view["key_source"], view["own_key"]) == (True, "an encrypted file", True)
    assert not (await named(api, "lab"))["own"] and not (await named(api, "lab"))["own_key"]
    assert "mine/echo" in [model["id"] for model in (await api.ok("GET", "models"))["items"]]
    run = await api.ask(await api.conversation(), model="mine/echo")
    last = (await api.events(run["run_id"]))[-1]
    assert last["status"] == "complete", last["error"]
    assert wire.asked("echo")[-1].key == KEY
    for path in ("providers", "config", "models", "openapi.json"):
        assert KEY not in json.dumps(await api.ok("GET", path))
    assert (await api("DELETE", "providers/mine/key")).status == 204
    assert (await named(api, "mine"))["has_key"] is False
    assert (await api("DELETE", "providers/mine")).status == 204
    assert "mine" not in [item["name"] for item in (await api.ok("GET", "providers"))["items"]]
    assert (await api("DELETE", "providers/mine")).status == 404


async def test_a_key_makes_a_known_kind_a_provider_in_one_step(api: Api):
    assert (await api("PUT", "providers/anthropic/key", {"api_key": KEY})).status == 409  # the test's configuration has one
    assert (await api("PUT", "providers/groq/key", {"api_key": KEY})).status == 204
    groq = await named(api, "groq")
    assert (groq["configured"], groq["has_key"]) == (True, True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # litellm's
async def test_a_cloud_is_set_up_with_its_fields_and_its_secrets_never_come_back(
    api: Api, wire: WireServer, own_world: Path, capfd: pytest.CaptureFixture[str]
):
    kinds = {kind["kind"]: kind for kind in (await api.ok("GET", "providers"))["kinds"]}
    fields = {field["name"]: field for field in kinds["bedrock"]["fields"]}
    assert (fields["region"]["required"], fields["region"]["secret"]) == (True, False)
    assert fields["secret_access_key"]["secret"] and "AWS_SECRET_ACCESS_KEY" in fields["secret_access_key"]["env"]
    assert [field["name"] for field in kinds["azure"]["fields"]] == [
        *("base_url", "deployment", "api_version"),
        *("tenant_id", "client_id", "client_secret", "authority"),
    ]
    form = {"kind": "bedrock", "base_url": wire.url, "options": {"region": "eu-central-1"}}
    tested = await api.ok("POST", "providers/aws/test", {**form, "credentials": AWS_KEY, "model": "anthropic.claude-tools"})
    assert tested["ok"], tested
    assert (await api("PUT", "providers/aws", form)).status == 204
    assert (await api("PUT", "providers/aws/key", {"credentials": AWS_KEY})).status == 204
    aws = await named(api, "aws")
    fields = {field["name"]: field for field in aws["fields"]}
    region = fields["region"]
    assert (region["value"], region["source"], region["own"]) == ("eu-central-1", "your settings", True)
    secret = fields["secret_access_key"]
    assert (secret["value"], secret["source"], secret["own"]) == (None, "an encrypted file", True)
    run = await api.ask(await api.conversation(), model="aws/anthropic.claude-echo")
    last = (await api.events(run["run_id"]))[-1]
    assert last["status"] == "complete", last["error"]
    assert wire.asked("echo")[-1].key == f"signed {AWS_KEY['session_token']}"
    seen = [json.dumps(await api.ok("GET", path)) for path in ("providers", "config", "models", "openapi.json")]
    seen += [path.read_bytes().decode(errors="replace") for path in own_world.rglob("*") if path.is_file()]
    assert not [secret for secret in AWS_KEY.values() if any(secret in text for text in (*seen, *capfd.readouterr()))]
    assert (await api("DELETE", "providers/aws/key")).status == 204
    assert not {field["name"] for field in (await named(api, "aws"))["fields"] if field["secret"] and field["source"]}


async def test_fields_are_taken_from_their_usual_variables(monkeypatch: pytest.MonkeyPatch):
    from llmhub.hosts.providers import providers_view
    from llmhub.workspace import Workspace

    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-from-the-environment")
    workspace = Workspace.open()
    view = next(item for item in (await providers_view(workspace)).items if item.name == "bedrock")
    fields = {field.name: field for field in view.fields}
    assert (fields["region"].value, fields["region"].source) == ("eu-west-1", "AWS_REGION")
    assert (fields["secret_access_key"].value, fields["secret_access_key"].source) == (None, "AWS_SECRET_ACCESS_KEY")
    await workspace.aclose()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "providers/aws", {"kind": "bedrock", "options": {"regoin": "x"}}, 422, "invalid"),
        ("PUT", "providers/aws", {"kind": "bedrock", "options": {"region": "two\nlines"}}, 422, "invalid"),
        ("PUT", "providers/aws", {"kind": "bedrock", "credentials": {"access_key_id": KEY}}, 422, "invalid"),
        ("PUT", "providers/bedrock/key", {"credentials": {"region": KEY}}, 422, "invalid"),
        ("PUT", "providers/vertex_ai/key", {"credentials": {"service_account": KEY}}, 422, "invalid"),
        ("PUT", "providers/bedrock/key", {}, 422, "invalid"),
        ("PUT", "providers/lab", {"kind": "openai"}, 409, "conflict"),
        ("DELETE", "providers/lab", None, 409, "conflict"),
        ("PUT", "providers/mine", {"kind": "opnai"}, 422, "invalid"),
        ("PUT", "providers/mine", {"kind": "openai", "base_url": "ftp://x"}, 422, "invalid"),
        ("PUT", "providers/mine", {}, 422, "invalid"),
        ("PUT", "providers/no%20name", {"kind": "openai"}, 404, "not_found"),
        ("PUT", "providers/unknown/key", {"api_key": KEY}, 404, "not_found"),
        ("PUT", "providers/openai/key", {"api_key": ""}, 422, "invalid"),
        ("PUT", "providers/openai/key", {"api_key": "a b\nc"}, 422, "invalid"),
        ("POST", "providers/unknown/test", {}, 404, "not_found"),
        ("POST", "providers/mine/test", {"kind": "opnai"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(api: Api, method: str, path: str, body: Any, status: int, code: str):
    answer = await api(method, path, body)
    assert (answer.status, answer.error["code"]) == (status, code), answer.data
    assert KEY not in answer.data.decode()


async def test_an_address_that_is_none_is_refused_without_a_pattern(api: Api):
    refused = await api("PUT", "providers/lab", {"kind": "openai", "base_url": "localhost:8000"})
    assert refused.error["message"] == "base_url: is no address: it begins with http:// or https:// and has no blanks."


async def test_a_kind_that_is_misspelt_names_the_nearest(api: Api):
    assert "openai" in (await api("PUT", "providers/mine", {"kind": "opnai"})).error["hint"]


async def test_a_test_says_what_works(api: Api):
    found = await api.ok("POST", "providers/lab/test", {"model": "tools"})
    assert (found["ok"], found["error"]) == (True, None), found
    assert "echo" in found["models"] or "lab/echo" in found["models"]
    assert {check["name"]: check["ok"] for check in found["checks"]} | {"tools": True} == {
        name: True for name in ("reachable", "key", "models", "streaming", "tools")
    }


async def test_a_form_is_tested_before_it_is_saved(api: Api, wire: WireServer):
    form = {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": "sk-bad-key"}
    found = await api.ok("POST", "providers/new/test", form)
    assert found["ok"] is False
    assert found["error"]["code"] == "key_rejected"
    assert "sk-bad-key" not in json.dumps(found)
    assert "new" not in [item["name"] for item in (await api.ok("GET", "providers"))["items"]]


async def test_a_stored_key_goes_to_no_other_address(api: Api, wire: WireServer):
    async with WireServer() as stranger:
        await api.ok("POST", "providers/lab/test", {"base_url": stranger.base_url("openai"), "model": "echo"})
        assert [record.key for record in stranger.requests] and all(not record.key for record in stranger.requests)


class TestDiscovery:
    @pytest.fixture
    def host_settings(self, wire: WireServer) -> dict[str, Any]:
        servers = [
            {"name": "ollama", "kind": "ollama", "base_url": wire.base_url("ollama"), "label": "Ollama"},
            {"name": "off", "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "label": "Off"},
        ]
        return settings_for(wire, local_servers=servers)

    async def test_local_servers_are_found_when_asked(self, api: Api, wire: WireServer):
        await api.ok("GET", "providers")
        assert wire.requests == []
        found = (await api.ok("POST", "providers/discover", data=b""))["items"]
        assert [(server["name"], server["kind"], server["label"]) for server in found] == [("ollama", "ollama", "Ollama")]
        assert "echo" in found[0]["models"]


async def test_the_default_model_is_the_users_to_change(api: Api):
    config = await api.ok("PATCH", "settings", {"default_model": "lab/slow"})
    assert config["default_model"] == "lab/slow"
    assert config["settings"]["default_model"] == {"value": "lab/slow", "source": "user"}
    assert (await api.ok("PATCH", "settings", {"default_model": None}))["default_model"] == "lab/echo"


class TestLocked:
    @pytest.fixture
    def host_settings(self, wire: WireServer) -> dict[str, Any]:
        return settings_for(wire, locked=["default_model"])

    async def test_what_the_administrator_locked_stays(self, api: Api):
        answer = await api("PATCH", "settings", {"default_model": "lab/slow"})
        assert (answer.status, answer.error["code"]) == (403, "access_denied")
        assert (await api.ok("GET", "config"))["default_model"] == "lab/echo"
