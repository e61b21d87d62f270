"""Frames out of bytes, and one client for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.config import Settings
from llmhub.providers.base import NoKeys, ProviderEvent, Text
from llmhub.providers.http import Endpoint, Events, Http, Lines
from llmhub.providers.redact import without_echo, without_keys
from llmhub.providers.refusals import duration, retry_after
from llmhub.providers.router import Router

from .asking import ask, question, text_in
from .conftest import provider_at
from .wire_server import WireServer

line = st.binary(max_size=20).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b""))


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted({min(cut, len(data)) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.lists(line, max_size=10), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(0, 200), max_size=8))
def test_lines_come_out_whole_whatever_pieces_they_come_in(lines: list[bytes], end: bytes, cuts: list[int]) -> None:
    split = Lines()
    data = b"".join(line + end for line in lines)
    assert [line for piece in cut(data, cuts) for line in split.feed(piece)] == lines
    assert list(split.end()) == []


@given(st.lists(line.filter(bool), max_size=8), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(0, 300), max_size=8))
def test_events_come_out_whole_whatever_pieces_they_come_in(payloads: list[bytes], end: bytes, cuts: list[int]) -> None:
    split = Events()
    data = b": a comment" + end + b"".join(b"event: x" + end + b"data: " + payload + end + end for payload in payloads)
    assert [event for piece in cut(data, cuts) for event in split.feed(piece)] == payloads


def test_an_event_of_several_lines_is_one() -> None:
    assert list(Events().feed(b"data: a\ndata:b\nid: 7\n\n")) == [b"a\nb"]


def test_a_last_event_without_its_blank_line_counts_and_a_torn_one_does_not() -> None:
    split = Events()
    assert list(split.feed(b"data: [DONE]\ndata: half")) == []
    assert list(split.end()) == [b"[DONE]"]


def test_a_line_that_never_ends_is_refused() -> None:
    split = Lines()
    with pytest.raises(ValueError, match="too long"):
        for _ in range(70):
            split.feed(b"x" * 2**20)


async def test_more_answers_run_at_once_than_a_client_usually_allows(wire: WireServer) -> None:
    router = Router(Settings(providers={"openai": provider_at(wire, "openai")}), NoKeys())

    async def one() -> str:
        return text_in([event async for event in router.stream(question("openai/gated"))])

    tasks = [asyncio.create_task(one()) for _ in range(150)]
    await wire.until(lambda: len(wire.asked("gated")) == 150)
    wire.gate("gated").release(3, finish=True)
    assert set(await asyncio.gather(*tasks)) == {"t0 t1 t2 "}
    await router.aclose()


async def test_an_answer_that_is_all_there_does_not_hold_the_event_loop(router: Router) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counter = asyncio.create_task(count_turns())
    events = await ask(router, "openai/tokens-2000-at-0")
    counter.cancel()
    assert text_in(events).endswith("w1999 ")
    assert turns > 30


async def test_a_proxy_is_never_used_for_this_machine(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert text_in(await ask(router, "openai/echo", "direct")) == "direct"


# ---- the end of a body


class OneFrame:
    """A reader for which the answer ends with its first frame."""

    done = False

    def feed(self, frame: bytes) -> list[ProviderEvent]:
        self.done = True
        return [Text(text=frame.decode())]

    def end(self) -> list[ProviderEvent]:
        return [Text(text="end")]


class LateServer:
    """Answers with one frame, and ends the body when `ends` is set."""

    def __init__(self) -> None:
        self.connections = 0
        self.ends = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            await reader.readexactly(len(b"{}"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            writer.write(b"b\r\ndata: all\n\n\r\n")
            await self.ends.wait()
            writer.write(b"0\r\n\r\n")
        writer.close()
        with suppress(ConnectionError):  # what was written last may have met a client that had hung up
            await writer.wait_closed()

    async def ask(self, http: Http, *, ends: bool) -> list[ProviderEvent]:
        endpoint = Endpoint("late", f"http://127.0.0.1:{self.port}")
        events: list[ProviderEvent] = []
        self.ends.clear()
        async for event in http.answer(endpoint, "/chat", {}, OneFrame(), place=endpoint.place()):
            events.append(event)
            if ends and event == Text(text="end"):
                self.ends.set()
        return events


@asynccontextmanager
async def late_server() -> AsyncGenerator[LateServer]:
    late = LateServer()
    serving: list[asyncio.Task[None]] = []

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.create_task(late.serve(reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    late.port = server.sockets[0].getsockname()[1]
    try:
        yield late
    finally:
        late.ends.set()
        server.close()
        await asyncio.gather(*serving)


async def test_a_connection_is_used_again_when_the_body_ends_behind_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmhub.providers.http._LINGER", 60.0)
    http = Http()
    async with late_server() as late:
        for _ in range(3):
            assert await late.ask(http, ends=True) == [Text(text="all"), Text(text="end")]
        await http.aclose()
    assert late.connections == 1


async def test_an_answer_is_not_held_up_by_a_body_that_does_not_end() -> None:
    http = Http()
    async with late_server() as late:
        for _ in range(2):
            assert await late.ask(http, ends=False) == [Text(text="all"), Text(text="end")]
        await http.aclose()
    assert late.connections == 2


# ---- words


def test_keys_are_cut_out_of_what_others_say() -> None:
    assert without_keys("Incorrect key hunter2hunter2 given", ["hunter2hunter2"]) == "Incorrect key [key] given"
    assert "abcdef" not in without_keys("Incorrect API key provided: sk-proj-abcdef1234567890abcd.", [])
    assert "Zx9" not in without_keys("Bearer Zx9Zx9Zx9 was refused", [])


@given(st.text(min_size=30, max_size=80), st.text(max_size=20), st.text(max_size=20))
def test_what_repeats_the_prompt_is_cut_out(prompt: str, before: str, after: str) -> None:
    assert prompt not in without_echo(before + prompt + after, f"Something. {prompt} Something else.")


def test_what_does_not_repeat_the_prompt_stays() -> None:
    assert without_echo("Rate limit reached for requests", "Tell me about rate limits") == "Rate limit reached for requests"


@pytest.mark.parametrize(
    ("headers", "error", "seconds"),
    [
        ({"retry-after": "7"}, {}, 7),
        ({"retry-after": "0.5"}, {}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, {}, 1.5),
        ({}, {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]}, 34.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, {}, 0),
        ({"retry-after": "soon"}, {}, None),
        ({}, {}, None),
    ],
)
def test_how_long_to_wait_is_read_wherever_it_stands(headers: dict[str, str], error: dict[str, object], seconds: float) -> None:
    assert retry_after(headers, error) == seconds


def test_lengths_of_time_read_well() -> None:
    assert [duration(seconds) for seconds in (0.2, 4, 60, 720, 3600, 7200)] == ["1 s", "4 s", "60 s", "12 min", "60 min", "2 h"]
