"""What a conversation is called once its first answer is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from llmhub.agents.runs import RunRequest
from llmhub.agents.titles import clean
from llmhub.conversations.ledger import Within
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart
from llmhub.workspace import Workspace

from ..conftest import settings_for
from ..providers.wire_server import WireServer

QUESTION = "What makes the tides come and go?"


@pytest.fixture
def more() -> dict[str, Any]:
    return {}


@pytest.fixture
async def hub(wire: WireServer, more: dict[str, Any]) -> AsyncIterator[Workspace]:
    settings = {"features": {"titles": True}, "title_model": "lab/says-Why-the-sea-moves"} | more
    opened = Workspace.open(host_settings=settings_for(wire, **settings))
    yield opened
    await opened.aclose()


async def ask(hub: Workspace, conversation_id: str, model: str = "lab/echo", parent_id: str | None = None) -> str:
    request = RunRequest(new_id(), parent_id=parent_id, parts=(TextPart(text=QUESTION),), model=model)
    run = await hub.runs.start(LOCAL, conversation_id, request)
    async for _ in hub.runs.watch(LOCAL, run.id):
        pass
    while hub.runs.active_count:  # noqa: ASYNC110 the loop's next turn
        await asyncio.sleep(0)
    await hub.runs.titles.settle()
    return run.message_id


def asked_models(wire: WireServer) -> list[str]:
    return [record.model for record in wire.requests if record.model]


async def title(hub: Workspace, conversation_id: str) -> str | None:
    return (await hub.conversations.get(LOCAL.id, conversation_id)).title


async def test_the_first_answer_brings_a_title_and_no_later_one_does(hub: Workspace, wire: WireServer) -> None:
    conversation = (await hub.conversations.create(LOCAL.id)).id
    head = await ask(hub, conversation)
    assert await title(hub, conversation) == "Why the sea moves"
    asked = wire.requests[-1].body["messages"]
    assert QUESTION in asked[-1]["content"] and "language of the user" in asked[0]["content"]
    await ask(hub, conversation, parent_id=head)
    assert asked_models(wire) == ["echo", "says-Why-the-sea-moves", "echo"]


async def test_a_title_is_paid_for_as_one(hub: Workspace) -> None:
    conversation = (await hub.conversations.create(LOCAL.id)).id
    await ask(hub, conversation)
    await hub.runs.ledger.flush()
    entries = await hub.conversations.entries(Within(LOCAL.id, None, None))
    assert [(entry.source, entry.asked, entry.conversation_id) for entry, _ in entries] == [
        ("chat", "lab/echo", conversation),
        ("title", "lab/says-Why-the-sea-moves", conversation),
    ]


async def test_a_persons_own_title_is_never_overwritten(hub: Workspace, wire: WireServer) -> None:
    conversation = (await hub.conversations.create(LOCAL.id, title="Mine")).id
    await ask(hub, conversation)
    assert await title(hub, conversation) == "Mine"
    assert asked_models(wire) == ["echo"]
    assert not await hub.conversations.retitle(LOCAL.id, conversation, QUESTION, "Theirs")


@pytest.mark.parametrize("model", ["lab/e500", "lab/empty", "lab/missing-x"])
async def test_an_answer_that_failed_leaves_the_first_words(hub: Workspace, model: str, wire: WireServer) -> None:
    conversation = (await hub.conversations.create(LOCAL.id)).id
    request = RunRequest(new_id(), parts=(TextPart(text=QUESTION),), model=model)
    run = await hub.runs.start(LOCAL, conversation, request)
    async for _ in hub.runs.watch(LOCAL, run.id):
        pass
    while hub.runs.active_count:  # noqa: ASYNC110 the loop's next turn
        await asyncio.sleep(0)
    await hub.runs.titles.settle()
    assert await title(hub, conversation) == QUESTION


async def test_temporary_and_scripted_conversations_are_not_told_to_a_model(hub: Workspace, wire: WireServer) -> None:
    temporary = (await hub.conversations.create(LOCAL.id, temporary=True)).id
    await ask(hub, temporary)
    assert asked_models(wire) == ["echo"]
    scripted = (await hub.conversations.create(LOCAL.id)).id
    await ask(hub, scripted, "demo/tour")
    assert await title(hub, scripted) == QUESTION


class TestWithoutAModelOfItsOwn:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        dear, cheap = {"input": 10, "output": 30}, {"input": 0.1, "output": 0.4}
        return {
            "title_model": None,
            "models": {
                "anthropic/claude-opus-4-1": {"price": dear},
                "anthropic/claude-haiku-4-5": {"price": cheap},
                "anthropic/gpt-tiny": {"price": {"input": 0.01, "output": 0.01}},
                "anthropic/claude-free": {"price": {"input": 0, "output": 0}},
            },
        }

    async def test_the_cheapest_of_the_same_maker_is_asked(self, hub: Workspace) -> None:
        candidates = hub.runs.titles._candidates
        settings = hub.config.settings
        assert await candidates("anthropic/claude-opus-4-1", settings, None) == [
            "anthropic/claude-haiku-4-5",
            "anthropic/claude-opus-4-1",
        ]
        assert await candidates("lab/echo", settings, None) == ["lab/echo"], "whose price nobody knows is asked itself"
        assert await candidates("demo/tour", settings, None) == []


class TestSwitchedOff:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        return {"features": {"titles": False}}

    async def test_the_first_words_stay(self, hub: Workspace, wire: WireServer) -> None:
        conversation = (await hub.conversations.create(LOCAL.id)).id
        await ask(hub, conversation)
        assert await title(hub, conversation) == QUESTION
        assert asked_models(wire) == ["echo"]


async def test_a_server_that_stops_does_not_wait_for_a_title(wire: WireServer) -> None:
    settings = settings_for(wire, features={"titles": True}, title_model="lab/hang-before-first-byte")
    hub = Workspace.open(host_settings=settings)
    conversation = (await hub.conversations.create(LOCAL.id)).id
    run = await hub.runs.start(LOCAL, conversation, RunRequest(new_id(), parts=(TextPart(text=QUESTION),), model="lab/echo"))
    async for _ in hub.runs.watch(LOCAL, run.id):
        pass
    await wire.until(lambda: len(asked_models(wire)) == 2)
    await hub.aclose()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('"Why the sea moves."', "Why the sea moves"),
        ("**Title:** Ebbe und Flut\n\nI chose this because", "Ebbe und Flut"),
        ("<think>\nHm, tides.\n</think>\n\n# Les marées", "Les marées"),
        ("<think>and no end", ""),
        ("「潮の満ち引き」。", "潮の満ち引き"),
        (" \n ", ""),
        ("word " * 40, "word " * 14 + "word…"),
        ("C# or F#?", "C# or F#?"),
    ],
)
def test_a_title_is_cleaned_of_what_models_put_round_it(said: str, meant: str) -> None:
    assert clean(said) == meant
