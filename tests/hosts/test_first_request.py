"""The first request to llmhub loads its code in a thread: whatever else the server is asked meanwhile is answered."""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType
from typing import Any

import pytest

from llmhub.hosts.server import routes

from .api import Api


@pytest.fixture
def held_import(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Importing a handler waits: (it has begun, it may go on)."""
    begun, allowed = threading.Event(), threading.Event()
    imported = routes.imported

    def slowly(name: str) -> ModuleType:
        begun.set()
        assert allowed.wait(30)
        return imported(name)

    monkeypatch.setattr(routes, "imported", slowly)
    return begun, allowed


async def test_other_requests_are_answered_while_llmhubs_code_is_loaded(
    api: Api, jp_fetch: Any, held_import: tuple[threading.Event, threading.Event]
) -> None:
    begun, allowed = held_import
    first = [asyncio.create_task(api("POST", "conversations", {"title": title})) for title in ("One", "Two")]
    listed = asyncio.create_task(api("GET", "folders"))
    try:
        assert await asyncio.to_thread(begun.wait, 30)
        for other in ("kernels", "contents", "sessions"):
            assert (await jp_fetch("api", other)).code == 200
        assert not any(task.done() for task in (*first, listed))
    finally:
        allowed.set()
    assert [answer.json["title"] for answer in await asyncio.gather(*first)] == ["One", "Two"]
    assert (await listed).status == 200


async def test_who_hangs_up_before_the_code_is_loaded_disturbs_nobody(
    api: Api, held_import: tuple[threading.Event, threading.Event]
) -> None:
    begun, allowed = held_import
    _, writer = await asyncio.open_connection("127.0.0.1", api.port)
    address = f"{api.app.base_url}llmhub/api/conversations"
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    await writer.drain()
    try:
        assert await asyncio.to_thread(begun.wait, 30)
        writer.close()
        await writer.wait_closed()
    finally:
        allowed.set()
    assert (await api("GET", "conversations")).status == 200
