"""Many questions over one connection: `llmhub/api/rows`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from llmhub.hosts.server.rows import RowsHandler
from tests.providers.wire_server import WireServer

from ..api import Api, Stream, until


def row(number: int, model: str, text: str = "Hello") -> dict[str, Any]:
    return {"row": number, "body": {"model": model, "messages": [{"role": "user", "content": text}]}}


async def connected(api: Api) -> Stream:
    return Stream(await api._connect("llmhub", "api", "rows"))


async def test_each_row_is_answered_when_its_answer_is_there_and_paid(api: Api, wire: WireServer):
    rows = await connected(api)
    await rows.say(row(0, "lab/gated"))
    await rows.say(row(1, "lab/echo", "one"))
    first = await rows.hear()
    assert (first["row"], first["answer"]["choices"][0]["message"]["content"].strip()) == (1, "one")
    wire.gate("gated").release(1, finish=True)
    assert (await rows.hear())["answer"]["choices"][0]["message"]["content"] == "t0 "
    await rows.aclose()
    await api.workspace.runs.ledger.flush()
    assert (await api.ok("GET", "usage"))["answers"] == 2


async def test_what_is_wrong_with_a_row_is_said_of_that_row(api: Api):
    rows = await connected(api)
    for said, code in ((row(3, "lab/missing-1"), "model_not_found"), ({"row": 4, "body": {"model": 1}}, "invalid")):
        await rows.say(said)
        heard = await rows.hear()
        assert (heard["row"], heard["error"]["code"]) == (said["row"], code), heard
    await rows.say(row(6, "lab/echo", "a NUL: \0"))
    heard = await rows.hear()
    assert (heard["row"], heard["error"]["code"]) == (6, "invalid"), "who waits for this row hears of it"
    for said in ("{", {"row": -1, "body": {}}, [], {"body": {}}):
        await rows.say(said)
        heard = await rows.hear()
        assert heard["row"] is None and heard["error"]["message"], heard
    await rows.say(row(5, "lab/echo"))
    assert "answer" in await rows.hear(), "the connection is as before"
    await rows.aclose()


async def test_of_too_many_rows_at_once_the_last_are_refused(api: Api, wire: WireServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("llmhub.hosts.server.rows.MOST_ROWS", 2)
    rows = await connected(api)
    for number in range(3):  # in one piece: the server has read them all before it begins with the first
        rows.socket.write_message(json.dumps(row(number, "lab/gated")))
    heard = await rows.hear()
    assert (heard["row"], heard["error"]["code"]) == (2, "conflict")
    wire.gate("gated").release(1, finish=True)
    assert sorted([(await rows.hear())["row"], (await rows.hear())["row"]]) == [0, 1]
    await rows.aclose()


async def test_who_leaves_takes_the_questions_along(api: Api, wire: WireServer):
    rows = await connected(api)
    for number in range(3):
        await rows.say(row(number, "lab/gated"))
    await wire.until(lambda: len(wire.asked("gated")) == 3)
    await rows.aclose()
    await wire.until(lambda: [record.ended for record in wire.asked("gated")] == ["left"] * 3)


async def test_who_leaves_without_having_read_has_nothing_more_asked(
    api: Api, wire: WireServer, small_pipes: None, monkeypatch: pytest.MonkeyPatch
):
    begun: list[RowsHandler] = []
    done: list[RowsHandler] = []
    on_message = RowsHandler.on_message

    async def noted(self: RowsHandler, message: str | bytes) -> None:
        begun.append(self)
        await on_message(self, message)
        done.append(self)

    monkeypatch.setattr(RowsHandler, "on_message", noted)
    rows = await connected(api)
    await rows.say(row(0, "lab/tokens-20000-at-0"))
    await until(lambda: begun and begun[0]._sent is not None)
    await rows.say(row(1, "lab/gated"))
    await until(lambda: len(begun) == 2)
    sent: Any = begun[0]._sent
    assert not sent.done(), "the client has not taken the first answer"
    rows.socket.protocol.stream.close()  # type: ignore[union-attr]
    await rows.aclose()
    await until(lambda: len(done) == 2)
    assert not done[0]._tasks, "nobody is there to be answered"
    assert not wire.asked("gated")


async def test_it_is_a_door_and_opens_for_nobody_else(api: Api, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(HTTPClientError) as refused:
        await api._connect("llmhub", "api", "rows", headers={"Authorization": "token wrong"})
    assert refused.value.code == 403
    monkeypatch.setenv("LLMHUB_FEATURES__DOORS", "false")
    with pytest.raises(HTTPClientError) as refused:
        await connected(api)
    assert refused.value.code == 403
