"""The doors open to the server's token and to nothing else, and say so in the words of their own APIs."""

from __future__ import annotations

import json
from typing import Any

import anthropic as anthropic_library
import httpx
import openai as openai_library
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from llmhub.hosts.server.routes import DOORS

from ..api import Api
from ..test_access import Nothing, ReadOnly, browser  # noqa: F401

CHAT = {"model": "lab/echo", "messages": [{"role": "user", "content": "Hello"}]}
ADDRESSES = [path.replace("{model...}", "lab/echo") for path, _ in DOORS]
READS = ("models", "models/lab/echo", "openapi.json")


async def knock(api: Api, path: str, headers: dict[str, str], body: Any = None) -> Any:
    method = "GET" if path in READS else "POST"
    data = None if method == "GET" else json.dumps(body or {**CHAT, "max_tokens": 9, "input": "x"})
    return await api.raw("llmhub", "v1", *path.split("/"), method=method, body=data, headers=headers)


async def test_nobody_gets_anything_without_the_token(api: Api):
    for sent in ({"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": "", "x-api-key": "wrong"}):
        await _is_shut(api, sent)
    assert api.extension._workspace is None


async def _is_shut(api: Api, headers: dict[str, str]) -> None:
    for path in (*ADDRESSES, "no/such/door"):
        answer = await knock(api, path, dict(headers))
        assert answer.status == 401, (path, answer.data)
        assert answer.json["error"]["type"] == "authentication_error"
        assert ("type" in answer.json) == path.startswith("messages")


async def test_the_official_clients_call_it_what_it_is(openai: AsyncOpenAI, anthropic: AsyncAnthropic):
    with pytest.raises(openai_library.AuthenticationError, match="token"):
        await openai.with_options(api_key="wrong").models.list()
    with pytest.raises(anthropic_library.AuthenticationError, match="token"):
        await anthropic.with_options(api_key="wrong").models.list()


async def test_the_token_opens_as_a_bearers_and_as_an_api_key(api: Api):
    for headers in ({"Authorization": f"Bearer {api.token}"}, {"x-api-key": api.token}):
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/v1/chat/completions"
            answer = await client.post(url, json=CHAT, headers=headers)
            assert answer.status_code == 200, answer.text


async def test_a_cookie_needs_the_xsrf_header_as_everywhere(api: Api, browser: dict[str, str]):  # noqa: F811
    assert (await knock(api, "chat/completions", browser, CHAT)).status == 200
    del browser["X-XSRFToken"]
    answer = await knock(api, "chat/completions", browser, CHAT)
    assert (answer.status, answer.json["error"]["code"]) == (403, "access_denied")


async def test_another_sites_page_is_refused(api: Api, browser: dict[str, str]):  # noqa: F811
    for path in ADDRESSES:
        answer = await knock(api, path, {**browser, "Origin": "https://evil.example"})
        assert answer.status == 403 and "Access-Control-Allow-Origin" not in answer.headers, (path, answer.data)


async def test_what_there_is_not_is_said_in_the_doors_words(api: Api):
    answer = await api.raw("llmhub", "v1", "responses", method="POST", body="{}")
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")
    answer = await api.raw("llmhub", "v1", "chat", "completions", method="GET")
    assert (answer.status, answer.json["error"]["code"], answer.headers["Allow"]) == (405, "method_not_allowed", "POST, OPTIONS")


class TestReadOnly:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = ReadOnly
        return jp_server_config

    async def test_who_may_only_look_sees_the_models_and_asks_nothing(self, api: Api):
        for path in ADDRESSES:
            answer = await knock(api, path, {})
            assert answer.status == (200 if path in READS else 403), (path, answer.data)


class TestNothingOfOurs:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = Nothing
        return jp_server_config

    async def test_the_doors_can_be_withheld(self, api: Api):
        for path in ADDRESSES:
            assert (await knock(api, path, {})).status == 403
