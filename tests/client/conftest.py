"""A client on a real server in the test's own loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from llmhub import AsyncClient
from tests.hosts.api import Api
from tests.hosts.conftest import *  # noqa: F403


@pytest.fixture
async def hub(api: Api) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(api.app.connection_url.replace("localhost", "127.0.0.1"), api.token) as client:
        yield client
