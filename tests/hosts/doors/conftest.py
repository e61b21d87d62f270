"""The official clients, with nothing but the server's address and its token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from ..api import Api


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    """A provider per wire, OpenAI's second one too."""
    settings = settings_for(wire)
    responses = {"kind": "openai", "responses": True, "base_url": wire.base_url("responses"), "api_key": "sk-test-key"}
    return {**settings, "providers": {**settings["providers"], "responses": responses}}


@pytest.fixture
async def openai(api: Api) -> AsyncIterator[AsyncOpenAI]:
    base_url = f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/v1"
    async with AsyncOpenAI(base_url=base_url, api_key=api.token, max_retries=0) as client:
        yield client


@pytest.fixture
async def anthropic(api: Api) -> AsyncIterator[AsyncAnthropic]:
    base_url = f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub"
    async with AsyncAnthropic(base_url=base_url, api_key=api.token, max_retries=0) as client:
        yield client
