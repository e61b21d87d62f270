"""What the next request would hold, counted without asking anybody."""

from __future__ import annotations

import pytest

from llmhub.agents.gauge import ContextView, gauge
from llmhub.conversations.files import FileStore
from llmhub.conversations.store import ConversationStore
from llmhub.messages import FilePart, ImagePart, TextPart, Usage
from llmhub.providers.base import ModelInfo, Price
from llmhub.providers.estimate import family_of
from llmhub.workspace import Workspace
from tests.conversations.talk import ADA, Talk, outcome

DOLLAR = Price(input=1_000_000, output=2_000_000, cached_input=100_000)


def model(id: str = "lab/qwen3", **facts: object) -> ModelInfo:
    return ModelInfo(id=id, label=id, provider="lab", kind="openai", context_window=10_000, max_output_tokens=1_000, **facts)  # type: ignore[arg-type]


@pytest.fixture
def store(workspace: Workspace) -> ConversationStore:
    return workspace.conversations


@pytest.fixture
def files(workspace: Workspace) -> FileStore:
    return workspace.files


async def count(store: ConversationStore, files: FileStore, talk: Talk, of: ModelInfo) -> ContextView:
    return await gauge(store, ADA, await store.get(ADA, talk.id), of, files.get)


async def test_an_empty_conversation_holds_its_instructions(store: ConversationStore, files: FileStore) -> None:
    talk = await Talk.begin(store)
    await store.update(ADA, talk.id, {"params": {"system": "x" * 380, "max_tokens": 500}})
    view = await count(store, files, talk, model())
    assert (view.instructions, view.history, view.used, view.reserve, view.window) == (100, 0, 100, 500, 10_000)
    assert (view.exactness, view.family, view.cost_usd) == ("estimated", "other", None)


async def test_up_to_the_last_answer_the_providers_own_count_holds_and_what_is_new_is_estimated(
    store: ConversationStore, files: FileStore
) -> None:
    talk = await Talk.begin(store)
    run = await talk.ask(text="y" * 4000)
    used = Usage(input_tokens=700, output_tokens=60, reasoning_tokens=20)
    await store.finish_run(run.id, outcome("Because.", usage=used, model="lab/qwen3"))
    view = await count(store, files, talk, model())
    assert (view.exactness, view.history, view.used) == ("reported", 740, 740)
    other = await count(store, files, talk, model("lab/claude-x"))
    assert (other.exactness, other.family) == ("estimated", "anthropic")
    assert other.history == round(4008 / 3.6)


async def test_what_is_attached_is_a_part_of_its_own(store: ConversationStore, files: FileStore) -> None:
    talk = await Talk.begin(store)
    text = await files.put(ADA, b"z" * 3800, name="a.txt", media_type="text/plain")
    parts = (
        TextPart(text="x" * 38),
        ImagePart(url="data:image/png;base64,AA==", media_type="image/png"),
        FilePart(file_id=text.id, name="a.txt", media_type="text/plain"),
    )
    run = await talk.ask(user_parts=parts)
    await store.finish_run(run.id, outcome("", usage=None))
    view = await count(store, files, talk, model())
    assert (view.files, view.history) == (1000 + 1500, 10)


async def test_the_price_is_a_range_from_all_cached_and_short_to_nothing_cached_and_longest(
    store: ConversationStore, files: FileStore
) -> None:
    talk = await Talk.begin(store)
    run = await talk.ask()
    await store.finish_run(run.id, outcome(usage=Usage(input_tokens=900, output_tokens=100), model="lab/qwen3"))
    view = await count(store, files, talk, model(price=DOLLAR))
    assert view.cost_usd is not None
    assert (view.cost_usd.low, view.cost_usd.high) == (1000 * 0.1 + 100 * 2, 1000 + 1000 * 2)


@pytest.mark.parametrize(
    ("id", "family"),
    [
        ("openai/gpt-4.1", "openai"),
        ("openrouter/anthropic/claude-sonnet-4.5", "anthropic"),
        ("vertex/gemini-2.5-pro", "gemini"),
        ("azure/o3-mini", "openai"),
        ("ollama/llama3.3", "other"),
    ],
)
def test_whose_tokeniser_a_model_has_is_in_its_name(id: str, family: str) -> None:
    assert family_of(id) == family
