"""A run's events as Server-Sent Events: everything, once, in order, whenever one begins to look."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from llmhub.hosts.server.handlers.events import EventsHandler
from tests.providers.wire_server import WireServer

from .api import Api, read_events, until


class Reader:
    """A reader with a bare socket: it can stop reading, hang up, and look at the bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = ""

    @classmethod
    async def open(cls, api: Api, path: str, *headers: str, buffer: int | None = None) -> Reader:
        raw = socket.socket()
        if buffer is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", api.port))
        reader, writer = await asyncio.open_connection(sock=raw, limit=2**14)
        self = cls(reader, writer)
        lines = [
            f"GET {api.app.base_url}llmhub/api/{path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: token {api.token}",
            *headers,
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        self.head = (await reader.readuntil(b"\r\n\r\n")).decode()
        return self

    async def until(self, text: bytes) -> bytes:
        """What came, up to `text`."""
        return await self.reader.readuntil(text)

    async def aclose(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def finished(api: Api, model: str = "lab/tokens-30-at-0") -> tuple[str, list[dict[str, Any]]]:
    run = await api.ask(await api.conversation(), model=model)
    return run["run_id"], await api.events(run["run_id"])


async def test_events_are_numbered_from_one_and_join_to_the_stored_text(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation, model="lab/tokens-200-at-0")
    events = await api.events(run["run_id"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["run_id"] for event in events} == {run["run_id"]}
    assert (events[0]["type"], events[-1]["type"]) == ("run.started", "run.finished")
    message = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][1]
    said = "".join(event["text"] for event in events if event["type"] == "text.delta")
    assert said == message["parts"][0]["text"] == "".join(f"w{number} " for number in range(200))


async def test_a_finished_run_is_replayed_the_same_and_closed(api: Api):
    run_id, events = await finished(api)
    assert await api.events(run_id) == events


async def test_whoever_comes_back_gets_exactly_what_is_missing(api: Api):
    run_id, events = await finished(api)
    for seen in (1, len(events) - 1):
        assert await api.events(run_id, after=seen) == events[seen:]
        assert await api.events(run_id, **{"Last-Event-ID": str(seen)}) == events[seen:]
    assert await api.events(run_id, after=len(events)) == []


async def test_a_live_run_is_followed_from_where_one_left(api: Api, wire: WireServer):
    run = await api.ask(await api.conversation(), model="lab/gated")
    first = await Reader.open(api, f"runs/{run['run_id']}/events")
    wire.gate().release(1)
    seen = await first.until(b't0 "}\n\n')
    await first.aclose()
    last = read_events(_events(seen))[-1]["seq"]
    wire.gate().release(1, finish=True)
    rest = await api.events(run["run_id"], after=last)
    assert [event["seq"] for event in rest] == list(range(last + 1, last + 1 + len(rest)))
    assert "".join(event["text"] for event in rest if event["type"] == "text.delta") == "t1 "


async def test_proxies_are_told_not_to_collect_and_kept_awake(api: Api, wire: WireServer, monkeypatch: Any):
    monkeypatch.setattr(EventsHandler, "awake", 0.01)
    run = await api.ask(await api.conversation(), model="lab/gated")
    reader = await Reader.open(api, f"runs/{run['run_id']}/events?after=1")
    head = reader.head.lower()
    assert "content-type: text/event-stream" in head
    assert "cache-control: no-cache, no-transform" in head
    assert "x-accel-buffering: no" in head
    await reader.until(b": awake\n\n")
    await reader.until(b": awake\n\n")
    await reader.aclose()
    wire.gate().release(1, finish=True)


async def test_a_reader_who_hangs_up_is_let_go_of_at_once(api: Api, wire: WireServer):
    run = await api.ask(await api.conversation(), model="lab/gated")
    live = api.workspace.runs._runs[run["run_id"]]
    reader = await Reader.open(api, f"runs/{run['run_id']}/events")
    wire.gate().release(1)
    await reader.until(b't0 "}\n\n')
    assert len(live._watchers) == 1
    await reader.aclose()
    await until(lambda: not live._watchers)
    assert api.workspace.runs.active_count == 1
    wire.gate().release(1, finish=True)
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"


async def test_a_reader_who_stops_reading_slows_nobody_and_holds_little(small_pipes: None, api: Api):
    run = await api.ask(await api.conversation(), model="lab/tokens-40000-at-0")
    stopped = await Reader.open(api, f"runs/{run['run_id']}/events", buffer=4096)
    events = await api.events(run["run_id"])
    assert events[-1]["status"] == "complete"
    again = await Reader.open(api, f"runs/{run['run_id']}/events", buffer=4096)
    held = [len(connection.stream._write_buffer) for connection in _connections(api)]
    assert 0 < max(held) < 2**17
    assert sum(len(str(event)) for event in events) > 2**18
    assert read_events(await _rest(stopped)) == events == read_events(await _rest(again))


def _connections(api: Api) -> list[Any]:
    return [connection for connection in api.http_server._connections if not connection.stream.closed()]


async def _rest(reader: Reader) -> bytes:
    """The whole body, chunked transfer undone."""
    body = b""
    while True:
        size = int(await reader.until(b"\r\n"), 16)
        chunk = await reader.reader.readexactly(size + 2)
        if not size:
            await reader.aclose()
            return body
        body += chunk[:-2]


def _events(data: bytes) -> bytes:
    """Events out of a chunked body that was read up to the end of one."""
    return b"".join(line + b"\n" for line in data.split(b"\n") if not line.endswith(b"\r"))
