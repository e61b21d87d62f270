"""One socket for all runs of a page."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from llmhub import __version__
from llmhub.hosts.server.stream import MOST_WATCHES, StreamHandler
from tests.providers.wire_server import WireServer

from .api import Api, until

OPEN = StreamHandler.open
NOWHERE = "0198c0de-0000-7000-8000-000000000000"


async def test_one_socket_follows_many_runs_each_in_order(api: Api):
    conversation = await api.conversation()
    stream = await api.stream()
    first = await api.ask(conversation, "Compare", model="lab/tokens-50-at-0")
    runs = [first["run_id"]]
    for _ in range(5):
        more = {"parent_id": first["user_message_id"], "message": None, "model": "lab/tokens-50-at-0"}
        runs.append((await api.ask(conversation, **more))["run_id"])
    for run_id in runs:
        await stream.say({"watch": run_id})
    events: dict[str, list[dict[str, Any]]] = {run_id: [] for run_id in runs}
    while any(not said or said[-1]["type"] != "run.finished" for said in events.values()):
        frame = await stream.hear()
        if "changed" not in frame:
            events[frame["run_id"]].append(frame)
    for run_id, said in events.items():
        assert said == await api.events(run_id)


async def test_the_first_frame_tells_the_servers_version(api: Api, monkeypatch: pytest.MonkeyPatch):
    assert (await api.stream()).version == (await api.ok("GET", "config"))["version"] == __version__
    monkeypatch.setattr("llmhub.hosts.server.stream.__version__", "99.0")
    assert (await api.stream()).version == "99.0"


async def test_columns_of_a_comparison_stream_side_by_side_and_the_first_stays_shown(api: Api, wire: WireServer):
    conversation = await api.conversation()
    stream = await api.stream()
    first = await api.ask(conversation, "Compare", model="lab/gated-0")
    column = {"parent_id": first["user_message_id"], "message": None, "head": False}
    runs = [first, *[await api.ask(conversation, **column, model=f"lab/gated-{n}") for n in (1, 2)]]
    for run in runs:
        await stream.say({"watch": run["run_id"]})
    for number in (2, 0, 1):
        wire.gate(f"gated-{number}").release(1)
        await stream.until(type="text.delta", run_id=runs[number]["run_id"])
    question, shown = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert shown["id"] == first["message_id"] and question["sibling_ids"] == [question["id"]]
    assert shown["sibling_ids"] == [run["message_id"] for run in runs]
    for number in (1, 2, 0):
        wire.gate(f"gated-{number}").release(0, finish=True)
        await stream.until(type="run.finished", run_id=runs[number]["run_id"])
    assert (await api.ok("GET", f"conversations/{conversation}"))["head_id"] == first["message_id"]
    again = await api.ask(conversation, parent_id=first["user_message_id"], message=None)
    assert (await api.ok("GET", f"conversations/{conversation}"))["head_id"] == again["message_id"]
    await api.events(again["run_id"])


async def test_a_page_that_comes_back_gets_what_is_missing(api: Api):
    run = await api.ask(await api.conversation(), model="lab/tokens-20-at-0")
    events = await api.events(run["run_id"])
    stream = await api.stream()
    await stream.say({"watch": run["run_id"], "after": 3})
    assert await stream.until(type="run.finished") == events[3:]


async def test_watching_again_begins_where_one_says(api: Api, wire: WireServer):
    run = await api.ask(await api.conversation(), model="lab/gated")
    stream = await api.stream()
    await stream.say({"watch": run["run_id"]})
    await stream.until(type="run.started")
    await stream.say({"watch": run["run_id"], "after": 0})
    await stream.until(type="run.started")
    wire.gate().release(1, finish=True)
    assert [frame.get("type") for frame in await stream.until(type="run.finished")].count("text.delta") == 1


async def test_unwatching_ends_it_and_the_socket_lives_on(api: Api, wire: WireServer):
    run = await api.ask(await api.conversation(), model="lab/gated")
    live = api.workspace.runs._runs[run["run_id"]]
    stream = await api.stream()
    await stream.say({"watch": run["run_id"]})
    await stream.until(type="run.started")
    await stream.say({"unwatch": run["run_id"]})
    await stream.say({"watch": NOWHERE})
    assert (await stream.until(run_id=NOWHERE))[-1]["error"]["code"] == "not_found"
    await until(lambda: not live._watchers)
    wire.gate().release(1, finish=True)
    await api.events(run["run_id"])


async def test_a_ping_is_answered_so_that_a_page_knows_its_connection_lives(api: Api):
    stream = await api.stream()
    await stream.say({"ping": 7})
    assert (await stream.until(pong=7))[-1] == {"pong": 7}


BAD_FRAMES = [
    "",
    "no json",
    "[]",
    "null",
    "{}",
    '{"watch": 1}',
    '{"watch": "x", "unwatch": "y"}',
    '{"watch": "x", "after": -1}',
    '{"watch": "x", "after": 1e400}',
    '{"watch": "x", "more": true}',
    '{"watch": "x", "watch": "y"}',
    '{"watch": "\\ud800"}',
    '{"watch": "\\u0000"}',
    '{"watch": "' + "x" * 10_000 + '"}',
    "[" * 3000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=range(len(BAD_FRAMES)))
async def test_a_bad_frame_gets_its_error_and_the_socket_lives_on(api: Api, frame: str | bytes):
    stream = await api.stream()
    await stream.say(frame)
    answer = await stream.hear()
    assert answer["error"]["code"] in ("malformed", "invalid", "too_large"), answer
    assert answer["error"]["message"]
    await stream.say({"watch": NOWHERE})
    answer = await stream.hear()
    assert (answer["run_id"], answer["error"]["code"]) == (NOWHERE, "not_found")


async def test_one_socket_follows_a_limited_number_of_runs(api: Api, wire: WireServer):
    stream = await api.stream()
    conversation = await api.conversation()
    first = await api.ask(conversation, model="lab/gated")
    again = {"parent_id": first["user_message_id"], "message": None, "model": "lab/gated"}
    runs = [first["run_id"], *[(await api.ask(conversation, **again))["run_id"] for _ in range(MOST_WATCHES)]]
    for run_id in runs:
        await stream.say({"watch": run_id})
    refused = await stream.until(run_id=runs[-1])
    assert refused[-1]["error"]["code"] == "conflict"
    for run_id in runs:
        await api.ok("POST", f"runs/{run_id}/stop")


async def test_a_closed_page_is_let_go_of_at_once(api: Api, wire: WireServer):
    run = await api.ask(await api.conversation(), model="lab/gated")
    live = api.workspace.runs._runs[run["run_id"]]
    stream = await api.stream()
    await stream.say({"watch": run["run_id"]})
    await stream.until(type="run.started")
    await stream.aclose()
    await until(lambda: not live._watchers and not api.workspace.notices._mailboxes)
    wire.gate().release(1, finish=True)
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"


async def test_a_page_that_stops_reading_slows_nobody_and_holds_little(
    small_pipes: None, api: Api, monkeypatch: pytest.MonkeyPatch
):
    sockets: list[StreamHandler] = []
    monkeypatch.setattr(StreamHandler, "open", lambda self: sockets.append(self) or OPEN(self))
    stopped, other = await api.stream(), await api.stream()
    stopped.socket.protocol.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    run = await api.ask(await api.conversation(), model="lab/tokens-40000-at-0")
    await stopped.say({"watch": run["run_id"]})  # tornado's client reads when it is asked for a frame, and it is not
    await other.say({"watch": run["run_id"]})
    events = await other.until(type="run.finished")
    held = [len(handler.ws_connection.stream._write_buffer) for handler in sockets if handler.ws_connection]
    assert sum(len(str(event)) for event in events) > 2**18
    assert 0 < max(held) < 2**17
    told = [frame for frame in await stopped.until(type="run.finished") if "changed" not in frame]
    assert told == [event for event in events if "changed" not in event]


async def test_whoever_asks_the_socket_over_http_is_told_so(api: Api):
    plain = await api("GET", "stream")
    assert (plain.status, plain.error["code"]) == (400, "malformed")
    assert "WebSocket" in plain.error["message"]
    post = await api("POST", "stream", {})
    assert (post.status, post.error["code"]) == (405, "method_not_allowed")
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://evil.example"}
    foreign = await api("GET", "stream", headers=upgrade)
    assert (foreign.status, foreign.error["code"]) == (403, "access_denied")


# ---- notices


async def test_every_page_of_the_same_person_hears_what_another_changed(api: Api):
    pages = [await api.stream(), await api.stream()]
    await asyncio.gather(*[ready(page) for page in pages])
    conversation = await api.conversation()
    await api.ok("PATCH", f"conversations/{conversation}", {"title": "New"})
    run = await api.ask(conversation)
    await api.events(run["run_id"])
    await api.ok("DELETE", f"conversations/{conversation}")
    for page in pages:
        heard = [(await page.hear())["changed"] for _ in range(5)]
        assert [(notice["what"], notice["conversation_id"], notice.get("run_id")) for notice in heard] == [
            ("conversation.changed", conversation, None),
            ("conversation.changed", conversation, None),
            ("run.started", conversation, run["run_id"]),
            ("run.finished", conversation, run["run_id"]),
            ("conversation.deleted", conversation, None),
        ]


async def ready(page: Any) -> None:
    """The page's notices are subscribed to when its first answer is here."""
    await page.say({"watch": NOWHERE})
    await page.hear()
