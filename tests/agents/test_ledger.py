"""The ledger says what providers reported, to the token, whatever happens on the way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from llmhub.agents.runs import RunRequest
from llmhub.conversations.ledger import Within
from llmhub.conversations.values import Entry
from llmhub.errors import Full, LLMHubError
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import Message, TextPart
from llmhub.providers.base import ModelRequest
from llmhub.workspace import Workspace
from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

WELL = ("echo", "reasoner", "letters", "tools", "length", "tokens-20-at-0", "thinks")
FAULTY = (
    "cut-midstream",
    "no-end",
    "malformed-json",
    "odd-json",
    "error-midstream",
    "error-first",
    "filtered",
    "filtered-midway",
    "html",
    "empty",
    "empty-body",
    "rate-limited-1h",
    "e500",
    "e529",
    "too-long",
    "missing-it",
)
PROVIDERS = {"lab": "openai", "anthropic": "anthropic", "gemini": "gemini", "ollama": "ollama"}
TURNS = 400
PRICES = {
    "lab/*": {"price": {"input": 0.1, "output": 0.7, "cached_input": 0.03}},
    "gemini/*": {"price": {"input": 1.1, "output": 3}},
}


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    fallbacks = {"lab/error-first": ["anthropic/error-first", "gemini/echo"], "ollama/e500": ["lab/reasoner"]}
    return settings_for(wire, fallbacks=fallbacks, models=PRICES, features={"titles": True})


@pytest.fixture
async def workspace(host_settings: dict[str, Any]) -> AsyncIterator[Workspace]:
    opened = Workspace.open(host_settings=host_settings)

    async def at_once(seconds: float) -> None: ...

    opened.router._wait = at_once
    yield opened
    await opened.aclose()


async def entries(workspace: Workspace) -> list[Entry]:
    await workspace.runs.ledger.flush()
    return [entry for entry, _ in await workspace.conversations.entries(Within(LOCAL.id, None, None))]


async def ask(
    workspace: Workspace, conversation: str, model: str, text: str = "How much is it?", parent_id: str | None = None
) -> str:
    request = RunRequest(client_request_id=new_id(), parts=(TextPart(text=text),), model=model, parent_id=parent_id)
    return (await workspace.runs.start(LOCAL, conversation, request)).id


async def ended(workspace: Workspace, run: str) -> None:
    async for _ in workspace.runs.watch(LOCAL, run):
        pass


async def heard(workspace: Workspace, run: str, word: str) -> None:
    async for frames in workspace.runs.watch(LOCAL, run):
        if any(word.encode() in frame.data for frame in frames):
            return


async def at_a_door(workspace: Workspace, model: str, *, leaves_after: int | None = None) -> None:
    """One question at a door; who leaves does so after so many events."""
    question = Message(
        id=new_id(),
        conversation_id="",
        parent_id=None,
        role="user",
        status="complete",
        parts=(TextPart(text="Hi"),),
        created_at=datetime.now(UTC),
    )
    bill = workspace.runs.ledger.bill(LOCAL.id, "openai", model)
    request = ModelRequest(model=model, messages=(question,), bill=bill)
    stream: Any = workspace.provider.stream(request)
    count = 0
    try:
        async for _ in stream:
            count += 1
            if count == leaves_after:
                break
    except LLMHubError:
        pass
    finally:
        await stream.aclose()


async def a_turn(workspace: Workspace, wire: WireServer, dice: random.Random, number: int, conversations: list[str]) -> None:
    provider = dice.choice(list(PROVIDERS))
    conversation = dice.choice(conversations)
    kind = dice.random()
    if kind < 0.1:
        model = f"{provider}/gated-{number}"
        run = await ask(workspace, conversation, model)
        await wire.gate(f"gated-{number}").let_through(dice.randint(1, 3), False)
        await heard(workspace, run, "t0")
        await workspace.runs.stop(LOCAL, run)
    elif kind < 0.2:
        await at_a_door(workspace, f"{provider}/{dice.choice((*WELL, *FAULTY))}")
    elif kind < 0.25:
        with_vectors = dice.choice(("lab", "ollama"))
        bill = workspace.runs.ledger.bill(LOCAL.id, "embeddings", "vectors")
        await workspace.router.embed(f"{with_vectors}/vectors", ["one", "two"], bill=bill)
    else:
        model = dice.choice(FAULTY if kind < 0.6 else WELL)
        await ended(workspace, await ask(workspace, conversation, f"{provider}/{model}"))


async def test_after_hundreds_of_turns_with_faults_every_model_has_what_its_provider_reported(
    workspace: Workspace, wire: WireServer
) -> None:
    dice = random.Random(20261121)
    store = workspace.conversations
    kept = [(await store.create(LOCAL.id)).id for _ in range(3)]
    gone = (await store.create(LOCAL.id)).id
    hushed = (await store.create(LOCAL.id, temporary=True)).id
    for start in range(0, TURNS, 8):
        turns = [a_turn(workspace, wire, dice, start + n, [*kept, gone, hushed]) for n in range(8)]
        await asyncio.gather(*turns)
    for model in ("lab/letters", "anthropic/echo", "gemini/echo", "ollama/echo"):  # a title each, and a summary
        named = (await store.create(LOCAL.id)).id
        first = await ask(workspace, named, model)
        await ended(workspace, first)
        above = (await workspace.runs.get(LOCAL, first)).message_id
        await ended(workspace, await ask(workspace, named, model, parent_id=above))
        await workspace.runs.summarise(LOCAL, named, new_id(), model=model)
    await workspace.runs.titles.settle()
    await workspace.runs.stop_all(LOCAL, gone)
    await store.delete(LOCAL.id, gone)

    reported: Counter[tuple[str, str, str]] = Counter()
    for kind, model, counts in wire.reported:
        names = {"input": counts.input, "cached": counts.cached, "output": counts.output}
        reported.update({(kind, model, name): count for name, count in names.items()})
    found = await entries(workspace)
    entered: Counter[tuple[str, str, str]] = Counter()
    for entry in found:
        kind, model = PROVIDERS[entry.provider], entry.model.partition("/")[2]
        names = {
            "input": entry.input_tokens - entry.guessed_input,
            "cached": entry.cached_tokens,
            "output": entry.output_tokens - entry.guessed_output,
        }
        entered.update({(kind, model, name): count for name, count in names.items()})
    assert +entered == +reported
    assert {entry.outcome for entry in found} == {"finished", "stopped", "failed"}
    sources = Counter(entry.source for entry in found)
    assert set(sources) == {"chat", "openai", "embeddings", "title", "compaction"}
    assert sources["title"] >= 4 == sources["compaction"]
    assert {gone, hushed} < {entry.conversation_id for entry in found}
    stopped = [entry for entry in found if entry.outcome == "stopped"]
    assert all(entry.input_tokens and entry.output_tokens for entry in stopped)
    assert all(entry.guessed_input and entry.guessed_output for entry in stopped if entry.provider == "lab")
    tried_again = [entry for entry in found if entry.model == "anthropic/error-first"]
    assert tried_again and len(tried_again) % 3 == 0  # each attempt had reported what it took to read the question
    assert {entry.model for entry in found if entry.asked == "lab/error-first"} <= {"anthropic/error-first", "gemini/echo"}

    total = await store.usage(LOCAL.id)
    assert total.answers == len(found)
    assert total.cost_nanos == sum(entry.nanos or 0 for entry in found) > 0
    assert total.input_tokens == sum(entry.input_tokens for entry in found)


async def test_each_entry_costs_what_its_tokens_cost_to_the_last_nanodollar(workspace: Workspace) -> None:
    conversation = (await workspace.conversations.create(LOCAL.id)).id
    for model in ("lab/reasoner", "gemini/echo", "ollama/echo"):
        await ended(workspace, await ask(workspace, conversation, model))
    costs = {entry.model: entry.nanos for entry in await entries(workspace)}
    assert costs == {
        "lab/reasoner": 20 * 100 + 100 * 30 + 50 * 700,
        "gemini/echo": 11 * 1100 + 7 * 3000,
        "ollama/echo": None,
    }


async def test_what_a_message_says_it_cost_is_what_the_ledger_says(workspace: Workspace) -> None:
    conversation = (await workspace.conversations.create(LOCAL.id)).id
    await ended(workspace, await ask(workspace, conversation, "lab/reasoner"))
    titles: list[Entry] = []
    while not titles:
        await asyncio.sleep(0.01)
        titles = [entry for entry in await entries(workspace) if entry.source == "title"]
    [message] = [m for m in (await workspace.conversations.path(LOCAL.id, conversation)).items if m.role == "assistant"]
    used = await workspace.conversations.usage_of(LOCAL.id, conversation)
    [of_message] = used.messages
    assert message.usage is not None
    assert (of_message.key, of_message.cost_usd) == (message.id, message.usage.cost_usd)
    assert (used.branch.answers, used.branch.cost_nanos) == (1, of_message.cost_nanos)
    assert (used.conversation.answers, used.conversation.cost_nanos) == (2, of_message.cost_nanos + (titles[0].nanos or 0))


async def test_who_leaves_a_door_pays_for_what_was_said(workspace: Workspace, wire: WireServer) -> None:
    await wire.gate("gated-door").let_through(2, False)
    await at_a_door(workspace, "lab/gated-door", leaves_after=1)
    [entry] = await entries(workspace)
    assert (entry.outcome, entry.source, entry.asked) == ("stopped", "openai", "lab/gated-door")
    assert entry.guessed_input == entry.input_tokens > 0
    assert entry.guessed_output == entry.output_tokens > 0


async def test_a_store_that_refuses_gets_the_entries_when_it_is_well_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, enter = workspace.conversations, workspace.conversations.enter
    refusals = 0

    async def refuse(new: Any) -> None:
        nonlocal refusals
        refusals += 1
        raise Full("The disk is full.", hint="Make room.")

    monkeypatch.setattr(store, "enter", refuse)
    await at_a_door(workspace, "lab/echo")
    assert not await workspace.runs.ledger.flush()
    assert refusals and not workspace.runs.ledger.is_idle
    monkeypatch.setattr(store, "enter", enter)
    assert await workspace.runs.ledger.flush()
    assert len(await entries(workspace)) == 1 and workspace.runs.ledger.is_idle


async def test_an_entry_of_a_lost_server_gives_way_to_the_servers_own_and_to_nothing_else(workspace: Workspace) -> None:
    store = workspace.conversations
    own = Entry(
        id=new_id(),
        owner=LOCAL.id,
        at=datetime.now(UTC),
        source="chat",
        asked="lab/x",
        model="lab/x",
        provider="lab",
        outcome="finished",
        input_tokens=9,
        nanos=5,
    )
    lost = replace(own, outcome="lost", input_tokens=3)
    await store.enter([lost])
    assert await entries(workspace) == [lost]
    await store.enter([own])
    await store.enter([lost, replace(own, input_tokens=10)])
    assert await entries(workspace) == [own]
