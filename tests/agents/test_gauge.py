"""What the next request would hold, counted without asking anybody."""

from __future__ import annotations

import pytest

from llmhub.agents.gauge import ContextView, gauge
from llmhub.agents.thread import read_thread
from llmhub.conversations.files import FileStore
from llmhub.conversations.store import ConversationStore
from llmhub.messages import CitationPart, FilePart, ImagePart, OutputPart, ReasoningPart, TextPart, Usage
from llmhub.providers.base import ModelInfo, Price
from llmhub.providers.estimate import Estimate, family_of
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


async def count(store: ConversationStore, talk: Talk, of: ModelInfo) -> ContextView:
    return await gauge(store, ADA, await store.get(ADA, talk.id), of)


async def test_an_empty_conversation_holds_its_instructions(store: ConversationStore) -> None:
    talk = await Talk.begin(store)
    await store.update(ADA, talk.id, {"params": {"system": "x" * 380, "max_tokens": 500}})
    view = await count(store, talk, model())
    assert (view.instructions, view.history, view.used, view.reserve, view.window) == (100, 0, 100, 500, 10_000)
    assert (view.exactness, view.family, view.cost_usd) == ("estimated", "other", None)


async def test_up_to_the_last_answer_the_providers_own_count_holds_and_what_is_new_is_estimated(
    store: ConversationStore,
) -> None:
    talk = await Talk.begin(store)
    run = await talk.ask(text="y" * 4000)
    used = Usage(input_tokens=700, output_tokens=60, reasoning_tokens=20)
    await store.finish_run(run.id, outcome("Because.", usage=used, model="lab/qwen3"))
    view = await count(store, talk, model())
    assert (view.exactness, view.history, view.used) == ("reported", 740, 740)
    other = await count(store, talk, model("lab/claude-x"))
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
    view = await count(store, talk, model())
    assert (view.files, view.history) == (1000 + 1500, 10)
    thread = await read_thread(store, ADA, talk.id, (await store.get(ADA, talk.id)).head_id, 10_000, Estimate.of("lab/qwen3"))
    assert thread.counted(0) == view.used  # what is folded goes by the same count


async def test_a_model_that_sees_nothing_gets_a_line_for_each_picture_and_it_counts_as_one(
    store: ConversationStore, files: FileStore
) -> None:
    talk = await Talk.begin(store)
    drawn = await files.put(ADA, b"\x89PNG", name="a.png", media_type="image/png")
    parts = (
        ImagePart(url="data:image/png;base64,AA==", media_type="image/png"),
        FilePart(file_id=drawn.id, name="a.png", media_type="image/png"),
    )
    run = await talk.ask(user_parts=parts)
    used = Usage(input_tokens=3_000, output_tokens=60)
    await store.finish_run(run.id, outcome("Nice.", usage=used, model="lab/seeing"))
    assert (await count(store, talk, model(sure=True, capabilities=("vision",)))).used == 3_060
    assert (await count(store, talk, model())).exactness == "reported"  # nobody knows that it does not see them
    view = await count(store, talk, model(sure=True))
    assert (view.exactness, view.files) == ("estimated", 32)
    assert view.history < 5


def test_what_is_not_sent_does_not_count() -> None:
    told = Estimate()
    plot = {"text/plain": "x" * 38, "image/png": "iVBOR" * 10_000}
    assert told.parts([OutputPart(mime_bundle=plot)]) == 10
    assert (
        told.parts([ReasoningPart(text="hm " * 1000), CitationPart(file_id="f", title="x" * 1000, locator="p. 3", quote="y")]) == 0
    )
    assert told.parts([ReasoningPart(text="x" * 38, provider_metadata={"anthropic": {"signature": "s"}})]) == 10


async def test_the_price_is_a_range_from_all_cached_and_short_to_nothing_cached_and_longest(
    store: ConversationStore,
) -> None:
    talk = await Talk.begin(store)
    run = await talk.ask()
    await store.finish_run(run.id, outcome(usage=Usage(input_tokens=900, output_tokens=100), model="lab/qwen3"))
    view = await count(store, talk, model(price=DOLLAR))
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
