"""Attached files in a bucket: they come to the browser piece by piece, and no key of the bucket comes with them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from llmhub.conversations.storage import PIECE
from tests.conversations.s3_server import BUCKET, KEY, SECRET, S3Server
from tests.providers.wire_server import WireServer

from .api import Api

BIG = bytes(range(256)) * (12 * PIECE // 256)


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server.running() as server:
        yield server


@pytest.fixture
def host_settings(wire: WireServer, s3: S3Server) -> dict[str, Any]:
    place = {"url": f"s3://{BUCKET}/a", "endpoint_url": s3.url, "access_key": "${S3_KEY}", "secret_key": "${S3_SECRET}"}
    return {"local_servers": [], "storage": {"attachments": {**place, "options": {"client_options": {"user_agent": SECRET}}}}}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_KEY", KEY)
    monkeypatch.setenv("S3_SECRET", SECRET)


async def put(api: Api, data: bytes) -> str:
    headers = {"Content-Type": "application/pdf", "X-File-Name": "a.pdf"}
    return (await api.ok("POST", "files", data=data, headers=headers))["id"]


async def test_a_file_goes_to_the_bucket_and_comes_back(api: Api, s3: S3Server):
    answer = await api("GET", f"files/{await put(api, BIG)}")
    assert (answer.status, answer.data == BIG, answer.headers["Content-Length"]) == (200, True, str(len(BIG)))
    assert list(s3.objects.values()) == [BIG]


async def test_the_keys_of_the_bucket_are_shown_to_nobody(api: Api):
    config = await api("GET", "config")
    assert config.json["settings"]["storage.attachments.url"]["value"] == f"s3://{BUCKET}/a"
    assert SECRET.encode() not in config.data and KEY.encode() not in config.data


async def test_a_reader_that_stops_lets_the_bucket_wait_too(api: Api, s3: S3Server, small_pipes: None):
    file_id = await put(api, BIG)
    s3.requests.clear()
    address = URL(f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/api/files/{file_id}", encoded=True)
    headers = {"Authorization": f"token {api.token}"}
    connector = aiohttp.TCPConnector(socket_factory=_narrow)
    async with aiohttp.ClientSession(connector=connector) as session, session.get(address, headers=headers) as answer:
        await answer.content.readexactly(1)
        seen = -1
        while seen != (seen := len(s3.requests)):  # noqa: ASYNC110
            await asyncio.sleep(0.3)  # nothing tells that nothing more comes
        assert seen < 8  # of 12 pieces; the client's own buffer took some
        assert len(await answer.content.read()) == len(BIG) - 1
    assert sum(method == "GET" for method, *_ in s3.requests) >= 12


def _narrow(address: Any) -> Any:
    import socket

    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    return made


async def test_damage_behind_the_first_piece_leaves_no_file_that_looks_whole(api: Api, s3: S3Server):
    file_id = await put(api, BIG)
    (name,) = s3.objects
    s3.objects[name] = BIG[:-1] + b"?"
    address = URL(f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/api/files/{file_id}", encoded=True)
    async with aiohttp.ClientSession(headers={"Authorization": f"token {api.token}"}) as session:
        with pytest.raises(aiohttp.ClientPayloadError):
            async with session.get(address) as answer:
                await answer.read()
    s3.objects[name] = b"?"
    answer = await api("GET", f"files/{file_id}")
    assert (answer.status, answer.error["code"]) == (503, "store_corrupt")


async def test_a_bucket_that_is_not_there_is_said_when_something_is_attached(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: S3Server
):
    file = tmp_path / "llmhub.yaml"
    file.write_text(f"storage: {{images: {{url: s3://nothing/here, endpoint_url: {s3.url}, access_key: a, secret_key: b}}}}\n")
    monkeypatch.setenv("LLMHUB_CONFIG", str(file))
    answer = await api("POST", "files", data=b"x", headers={"Content-Type": "image/png"})
    assert answer.status == 503 and answer.error["details"]["place"] == "s3://nothing/here"
    assert "refuses llmhub" in answer.error["message"]  # whose key nobody knows
