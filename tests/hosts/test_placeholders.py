"""A gateway learns from headers who asks, and in which conversation; whoever asks cannot write headers by their name."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.providers.placeholders import filled, literals
from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Api
from .test_roles import Hub

SECRET = "sk-gateway-canary"


@pytest.fixture
def host_settings(wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("GATEWAY_KEY", SECRET)
    settings = settings_for(wire)
    settings["providers"]["lab"]["headers"] = {
        "X-User": "{user}",
        "X-Trace": '{"user": "{user}", "conversation": "{conversation_id}", "team": "{team}"}',
        "X-Key": "${GATEWAY_KEY}-{user}",
    }
    return settings


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["ServerApp"]["identity_provider_class"] = Hub
    return jp_server_config


async def ask(api: Api, who: dict[str, str]) -> tuple[str, str]:
    conversation = (await api.ok("POST", "conversations", {}, headers=who))["id"]
    body = {"client_request_id": "1", "message": {"parts": [{"type": "text", "text": "Hi"}]}, "model": "lab/echo"}
    run = (await api.ok("POST", f"conversations/{conversation}/runs", body, headers=who))["run_id"]
    await api("GET", f"runs/{run}/events", headers=who)
    return conversation, run


async def test_headers_name_who_asks_and_where(api: Api, wire: WireServer):
    conversation, run = await ask(api, {"X-Who": "ada"})
    sent = next(each for each in wire.requests if each.model == "echo").headers
    assert sent["x-user"] == "ada" and sent["x-key"] == f"{SECRET}-ada"
    assert sent["x-trace"] == f'{{"user": "ada", "conversation": "{conversation}", "team": "{{team}}"}}'
    shown = await api("GET", f"runs/{run}/exchange", headers={"X-Who": "ada"})
    assert shown.status == 200 and SECRET.encode() not in shown.data


async def test_at_the_doors_there_is_no_conversation(api: Api, wire: WireServer):
    body = '{"model": "lab/echo", "messages": [{"role": "user", "content": "Hi"}]}'
    answer = await api.raw("llmhub", "v1", "chat", "completions", method="POST", body=body, headers={"X-Who": "ada"})
    assert answer.status == 200
    sent = next(each for each in wire.requests if each.model == "echo").headers
    assert sent["x-user"] == "ada" and '"conversation": ""' in sent["x-trace"]


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ("ada\r\nX-Admin: yes", "ada%0D%0AX-Admin%3A%20yes"),
        ("Zoë 潮", "Zo%C3%AB%20%E6%BD%AE"),
        ("a@b.org", "a@b.org"),
        ("{conversation_id}${HOME}", "%7Bconversation_id%7D%24%7BHOME%7D"),
        ("half \ud800", "half%20%3F"),
        ("", ""),
    ],
)
def test_whatever_a_name_holds_it_stays_one_line_of_one_header(user: str, sent: str):
    headers = {"X-User": "u={user}", "Plain": "x"}
    assert filled(headers, {"user": user, "conversation_id": "c"}) == {"X-User": f"u={sent}", "Plain": "x"}


def test_a_header_that_has_nothing_left_is_not_sent():
    assert filled({"X-User": "{user}", "X-Empty": ""}, {}) == {"X-Empty": ""}
    assert literals("Bearer s3cret-{user} {conversation_id}") == ("Bearer s3cret-",)
