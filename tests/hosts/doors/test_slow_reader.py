"""A program that reads slowly or not at all lets the provider wait: what it has not read is not piled up here."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from llmhub.hosts.server.door import Door

from ..api import Api

OPEN = Door._open
TOKENS = 20_000


async def settled(value: Any) -> int:
    """A number that has begun to grow, and stopped."""
    before = 0
    while before != (now := value()) or not now:
        before = now
        await asyncio.sleep(0.25)  # nothing tells that nothing more comes
    return now


@pytest.mark.parametrize(("path", "end"), [("chat/completions", b"[DONE]"), ("messages", b"message_stop")])
async def test_what_nobody_reads_is_not_piled_up_and_none_of_it_is_lost(
    api: Api, small_pipes: None, monkeypatch: pytest.MonkeyPatch, path: str, end: bytes
):
    doors: list[Door] = []
    monkeypatch.setattr(Door, "_open", lambda self: doors.append(self) or OPEN(self))
    question = [{"role": "user", "content": "Go"}]
    body = {"model": f"lab/tokens-{TOKENS}-at-0", "stream": True, "max_tokens": TOKENS, "messages": question}
    data = json.dumps(body).encode()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", api.port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
    head = f"POST {api.app.base_url}llmhub/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {api.token}\r\n"
    writer.write(
        f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data
    )
    await reader.readuntil(b"\r\n\r\n")

    def held() -> int:
        stream: Any = doors[0].request.connection.stream  # type: ignore[union-attr]
        return len(stream._write_buffer) + sum(map(len, doors[0]._pieces))

    assert 0 < await settled(held) < 2**18
    whole = await reader.read()
    while piece := await reader.read(2**20):
        whole += piece
    assert len(whole) > 2**21 and whole.count(f"w{TOKENS - 1} ".encode()) == 1 and end in whole[-200:]
    writer.close()
