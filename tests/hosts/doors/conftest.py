"""The official clients, with nothing but the server's address and its token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from ..api import Api


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
