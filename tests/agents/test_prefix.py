"""What is sent for a turn begins, to the byte, with what was sent for the turn before: only then a provider's cache is of use."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from llmhub.agents.runs import RunRequest
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import FilePart, ImagePart, Part, TextPart
from llmhub.params import Params
from llmhub.workspace import Workspace

from ..providers.asking import WIRES
from ..providers.wire_server import WireServer
from ..world import places

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    async with WireServer() as server:
        yield server


def workspace(folder: Path, wire: WireServer) -> Workspace:
    """One over the same data each time: as a server that was started again."""
    at = {kind: {"kind": kind, "base_url": wire.base_url(kind), "api_key": "sk-key"} for kind in WIRES}
    providers = at | {"responses": at["openai"] | {"responses": True}}
    return Workspace.open(env=places(folder), host_settings={"providers": providers})


async def turn(hub: Workspace, conversation_id: str, parent_id: str | None, model: str, *parts: Part, **more: Any) -> str:
    """Ask, wait for the end, and give the answer's id."""
    request = RunRequest(new_id(), parent_id=parent_id, parts=parts or (TextPart(text="go on"),), model=model, **more)
    run = await hub.runs.start(LOCAL, conversation_id, request)
    async for _ in hub.runs.watch(LOCAL, run.id):
        pass
    done = await hub.runs.get(LOCAL, run.id)
    assert done.status == "complete", done.error
    return run.message_id


def sent(body: Any, kind: str) -> tuple[str, str]:
    """Instructions and messages of a body in the order in which they came, without the marks, which move."""
    for block in body.get("system") or ():
        block.pop("cache_control", None)
    messages = body[{"gemini": "contents", "responses": "input"}.get(kind, "messages")]
    for message in messages:
        content = message.get("content")
        for block in content if isinstance(content, list) else ():
            block.pop("cache_control", None)
    return json.dumps([body.get(name) for name in ("system", "systemInstruction", "instructions", "tools")]), json.dumps(messages)


@pytest.mark.parametrize("kind", WIRES)
async def test_what_was_sent_is_sent_again_to_the_byte_and_only_more_of_it(tmp_path: Path, wire: WireServer, kind: str) -> None:
    hub = workspace(tmp_path, wire)
    chat = (await hub.conversations.create(LOCAL.id)).id
    image = await hub.files.put(LOCAL.id, PIXEL, name="dot.png", media_type="image/png")
    table = await hub.files.put(LOCAL.id, b"a,b\n1,2\n", name="t.csv", media_type="text/csv")
    await hub.conversations.update(LOCAL.id, chat, {"params": {"system": "Be exact."}})
    other = WIRES[WIRES.index(kind) - 1]
    files = (
        TextPart(text="Look at these."),
        ImagePart(file_id=image.id, media_type="image/png"),
        FilePart(file_id=table.id, name="t.csv", media_type="text/csv"),
    )
    at = await turn(hub, chat, None, f"{kind}/echo", *files)
    at = await turn(hub, chat, at, f"{kind}/reasoner")  # its thoughts are signed where the wire can
    at = await turn(hub, chat, at, f"{kind}/echo", TextPart(text="Shorter?"), instruction="In one sentence.")
    at = await turn(hub, chat, at, f"{other}/reasoner")  # another wire's thoughts mean nothing here
    at = await turn(hub, chat, at, f"{kind}/tools")  # calls a tool that nobody runs
    at = await turn(hub, chat, at, f"{kind}/echo")
    await hub.aclose()
    hub = workspace(tmp_path, wire)
    at = await turn(hub, chat, at, f"{kind}/echo")
    await turn(hub, chat, at, f"{kind}/echo")
    await hub.aclose()

    bodies = [sent(record.body, kind) for record in wire.requests if record.body and record.wire == kind]
    assert len(bodies) == 7
    for (instructions, before), (instructions_after, after) in pairwise(bodies):
        assert instructions_after == instructions
        assert after.startswith(before.removesuffix("]") + ", ")


async def test_anthropic_is_told_where_to_keep_what_it_has_read(tmp_path: Path, wire: WireServer) -> None:
    hub = workspace(tmp_path, wire)
    chat = (await hub.conversations.create(LOCAL.id)).id
    await hub.conversations.update(LOCAL.id, chat, {"params": {"system": "Be exact."}})
    at = None
    for _ in range(3):
        at = await turn(hub, chat, at, "anthropic/echo")
    *_, body = (record.body for record in wire.requests if record.body)
    marks = ["cache_control" in message["content"][-1] for message in body["messages"]]
    assert marks == [False, False, True, False, True]  # the last turn's end is read, this one's is written
    assert "cache_control" in body["system"][0]

    await turn(hub, chat, at, "anthropic/echo", params=Params(caching=False))
    assert "cache_control" not in json.dumps(wire.requests[-1].body)
    assert "caching" not in wire.requests[-1].body
    await hub.aclose()
