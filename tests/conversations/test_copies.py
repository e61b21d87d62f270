"""Forks and copies: what comes along, on both databases, and that the original knows nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, insert

from llmhub.conversations.copies import CopyDraft, title_of
from llmhub.conversations.forks import picked
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import messages, parts
from llmhub.conversations.values import ForkMode, Node, Summary
from llmhub.errors import NotFound
from llmhub.ids import new_id
from llmhub.messages import FilePart, Message, QuotePart, TextPart

from .talk import ADA, BOB, Talk, outcome
from .test_branches import new

SIZE = 1_000
MODES: tuple[ForkMode, ...] = ("path", "branches", "to_here", "from_here")


async def fork(talk: Talk, at: str, mode: ForkMode, **more: Any) -> Talk:
    draft = CopyDraft(client_request_id=new_id(), at=at, mode=mode, **more)
    return Talk(talk.store, (await talk.store.copy(ADA, talk.id, draft)).id)


async def duplicate(talk: Talk, **more: Any) -> Talk:
    return Talk(talk.store, (await talk.store.copy(ADA, talk.id, CopyDraft(client_request_id=new_id(), **more))).id)


async def said(talk: Talk) -> dict[str, str | None]:
    """Every message by its words → those of its parent. Words are used once in these trees."""
    words: dict[str, str] = {}
    nodes = await talk.store.tree(ADA, talk.id)
    for node in nodes:
        message = await talk.store.message(ADA, node.id)
        words[node.id] = "".join(part.text for part in message.parts if isinstance(part, TextPart))
    return {words[node.id]: None if node.parent_id is None else words[node.parent_id] for node in nodes}


def summary_of(conversation_id: str, message_id: str) -> Summary:
    counts: dict[str, Any] = {"messages": 2, "tokens_before": 100, "tokens_after": 10}
    now = datetime.now(UTC)
    return Summary(
        id=new_id(), conversation_id=conversation_id, message_id=message_id, text="Bees.", model="m", created_at=now, **counts
    )


@pytest.fixture
async def large(talk: Talk) -> str:
    """A long chain of messages."""
    ids = [new_id() for _ in range(SIZE)]
    now = datetime.now(UTC)
    same = {"conversation_id": talk.id, "status": "complete", "pinned": False, "created_at": now}
    roles = ("user", "assistant")
    rows = [{**same, "id": id, "parent_id": ids[at - 1] if at else None, "role": roles[at % 2]} for at, id in enumerate(ids)]
    said = [{"message_id": id, "idx": 0, "type": "text", "body": {"type": "text", "text": f"words {id}"}} for id in ids]

    def write(c: Any) -> None:
        c.execute(insert(messages), rows)
        c.execute(insert(parts), said)

    await talk.store.database.write(write)
    await talk.store.update(ADA, talk.id, {"head_id": ids[-1]})
    return talk.id


@pytest.fixture
async def tree(talk: Talk) -> tuple[Talk, dict[str, str]]:
    """q1 → a1 → q2 → a2 → q3 → a3; beside a1: a1b → q2b; beside q2: q2c → a2c; beside a2: a2d. Shown: a3."""
    ids: dict[str, str] = {}

    async def turn(question: str, answer: str, parent: str | None) -> None:
        ids[answer] = await talk.turn(parent and ids[parent], question, answer)
        ids[question] = (await talk.store.message(ADA, ids[answer])).parent_id or ""

    async def beside(words: str, parent: str, role: Any) -> None:
        model = "demo/plain" if role == "assistant" else None
        saved = await talk.store.add_message(ADA, talk.id, new(words, ids[parent], role=role, model=model))
        ids[words] = saved.id

    await turn("q1", "a1", None)
    await turn("q2", "a2", "a1")
    await beside("a1b", "q1", "assistant")
    await beside("q2b", "a1b", "user")
    await turn("q2c", "a2c", "a1")
    await beside("a2d", "q2", "assistant")
    await turn("q3", "a3", "a2")
    await talk.store.update(ADA, talk.id, {"title": "Bees", "tags": ["b", "a"], "model": "demo/x", "params": {"seed": 1}})
    return talk, ids


@pytest.mark.parametrize(
    ("at", "mode", "comes_along", "shown"),
    [
        ("a2", "path", "q1 a1 q2 a2", "a2"),
        ("q2", "path", "q1 a1 q2", "q2"),
        ("a2", "branches", "q1 a1 a1b q2 q2c a2 a2d", "a2"),
        ("a2", "to_here", "q1 a1 a1b q2 q2b q2c a2 a2c a2d", "a2"),
        ("q2", "to_here", "q1 a1 a1b q2 q2b q2c", "q2"),
        ("q2", "from_here", "q2 a2 a2d q3 a3", "a3"),
        ("a2", "from_here", "q2 a2 q3 a3", "a3"),
        ("q2c", "from_here", "q2c a2c", "a2c"),
    ],
)
async def test_a_fork_takes_along_what_its_mode_says(
    tree: tuple[Talk, dict[str, str]], at: str, mode: ForkMode, comes_along: str, shown: str
) -> None:
    talk, ids = tree
    before = await said(talk)
    made = await fork(talk, ids[at], mode)
    expected = {words: parent if parent in comes_along.split() else None for words, parent in before.items()}
    assert await said(made) == {words: expected[words] for words in comes_along.split()}
    assert (await made.texts())[-1] == shown
    assert await said(talk) == before


async def test_a_copy_is_called_so_and_is_as_the_original_but_for_its_place_in_the_list(tree: tuple[Talk, dict[str, str]]) -> None:
    talk, _ = tree
    await talk.store.update(ADA, talk.id, {"pinned": True, "archived": True})
    original = await talk.store.get(ADA, talk.id)
    copy = await talk.store.get(ADA, (await duplicate(talk)).id)
    assert (copy.title, copy.tags, copy.model, copy.params) == ("Bees (copy)", ("a", "b"), "demo/x", {"seed": 1})
    assert not (copy.pinned or copy.archived or copy.unread or copy.running)
    assert copy.updated_at > original.updated_at
    assert await said(Talk(talk.store, copy.id)) == await said(talk)
    assert await Talk(talk.store, copy.id).texts() == await talk.texts()
    named = await talk.store.get(ADA, (await duplicate(talk, title="Meine Kopie")).id)
    assert named.title == "Meine Kopie"


@pytest.mark.parametrize(
    ("title", "kind", "expected"),
    [
        ("Bees", "fork", "Bees (fork)"),
        ("Bees (fork)", "fork", "Bees (fork 2)"),
        ("Bees (fork 9)", "fork", "Bees (fork 10)"),
        ("Bees (fork)", "copy", "Bees (fork) (copy)"),
        ("x" * 1000, "copy", "x" * 993 + " (copy)"),
        (None, "copy", None),
    ],
)
def test_what_a_copy_is_called(title: str | None, kind: Any, expected: str | None) -> None:
    assert title_of(title, kind) == expected


async def test_messages_come_with_all_that_was_done_to_them_and_files_are_the_same_files(talk: Talk) -> None:
    store = talk.store
    first = await talk.turn()
    parts = (
        QuotePart(message_id=first, text="Because."),
        QuotePart(message_id=new_id(), text="from elsewhere"),
        FilePart(file_id=new_id(), name="a.txt", media_type="text/plain"),
    )
    run = await talk.ask(first, user_parts=parts, instruction="Briefly.")
    await store.finish_run(run.id, outcome("Yes."))
    await store.mark_message(ADA, talk.id, first, {"pinned": True, "starred": True, "rating": {"value": 1, "reason": "clear"}})
    made = await fork(talk, run.message_id, "path")
    old, copied = [await talk.store.path(ADA, one.id) for one in (talk, made)]
    ids = {before.id: after.id for before, after in zip(old.items, copied.items, strict=True)}

    def pointed(part: dict[str, Any]) -> dict[str, Any]:
        return {**part, "message_id": ids.get(part["message_id"], part["message_id"])} if part["type"] == "quote" else part

    def moved(message: Message) -> dict[str, Any]:
        same = message.model_dump()
        place: dict[str, Any] = {
            "id": ids[message.id],
            "conversation_id": made.id,
            "parent_id": ids.get(message.parent_id or ""),
            "run_id": None,
        }
        place |= {"sibling_ids": tuple(ids[id] for id in message.sibling_ids)}
        return {**same, **place, "parts": tuple(map(pointed, same["parts"]))}

    assert [message.model_dump() for message in copied.items] == [moved(message) for message in old.items]
    assert [message.id for message in copied.items] == sorted(ids.values())


async def test_a_summary_comes_along_where_all_that_it_stands_for_does(tree: tuple[Talk, dict[str, str]]) -> None:
    talk, ids = tree
    await talk.store.add_summary(ADA, summary_of(talk.id, ids["a1"]))
    with_it = await fork(talk, ids["a2"], "path")
    (copied,) = await talk.store.summaries(ADA, with_it.id)
    assert (await talk.store.message(ADA, copied.message_id)).conversation_id == with_it.id
    assert await talk.store.summaries(ADA, (await fork(talk, ids["a1"], "from_here")).id) == []
    assert await talk.store.summaries(ADA, (await fork(talk, ids["a1b"], "path")).id) == []
    assert len(await talk.store.summaries(ADA, talk.id)) == 1


async def test_an_answer_that_is_being_written_comes_as_far_as_it_is(talk: Talk) -> None:
    run = await talk.ask()
    made = await fork(talk, run.message_id, "path", said={run.message_id: (TextPart(text="So far"),)})
    assert await made.texts() == ["Why?", "So far"]
    answer = (await talk.store.path(ADA, made.id)).items[-1]
    assert (answer.status, answer.run_id) == ("interrupted", None)
    await talk.store.finish_run(run.id, outcome("So far, so good."))
    assert await made.texts() == ["Why?", "So far"] and (await talk.texts())[-1] == "So far, so good."


async def test_the_same_request_copies_once_also_when_the_original_is_gone(talk: Talk) -> None:
    at = await talk.turn()
    draft = CopyDraft(client_request_id="once", at=at)
    first = await talk.store.copy(ADA, talk.id, draft)
    await talk.store.delete(ADA, talk.id)
    assert (await talk.store.copy(ADA, talk.id, draft)).id == first.id
    assert len((await talk.store.list(ADA)).items) == 1


async def test_nobody_copies_what_is_not_theirs_or_not_there(talk: Talk) -> None:
    at = await talk.turn()
    gone = await talk.turn()
    await talk.store.delete_message(ADA, talk.id, gone)
    other = await (await Talk.begin(talk.store)).turn()
    for owner, message in ((BOB, at), (ADA, gone), (ADA, other), (ADA, new_id()), (ADA, "7")):
        with pytest.raises(NotFound):
            await talk.store.copy(owner, talk.id, CopyDraft(client_request_id=new_id(), at=message))
    copy = await duplicate(talk)
    assert len(await talk.store.tree(ADA, copy.id)) == 3, "what was deleted does not come along"
    assert (await duplicate(Talk(talk.store, (await Talk.begin(talk.store)).id))).id


async def test_a_copy_of_a_temporary_conversation_is_temporary_too(store: ConversationStore) -> None:
    talk = await Talk.begin(store, temporary=True)
    made = await fork(talk, await talk.turn(), "path")
    assert (await store.get(ADA, made.id)).temporary and (await store.list(ADA)).items == []
    assert await made.texts() == ["Why?", "Because."]
    assert store.is_temporary((await store.tree(ADA, made.id))[0].id)


@given(st.data(), st.lists(st.integers(0, 30), max_size=24), st.sampled_from(MODES))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_fork_takes_along_is_a_tree_that_holds_its_message(data: st.DataObject, shape: list[int], mode: ForkMode) -> None:
    """Each number is the place of a message's parent among those before it; beyond them it is a root."""
    parents = {str(index): None if at >= index else str(at) for index, at in enumerate([99, *shape])}
    depth: dict[str | None, int] = {None: 0}
    for id, parent in parents.items():
        depth[id] = depth[parent] + 1
    roles = {id: "user" if depth[id] % 2 else "assistant" for id in parents}
    nodes: list[Any] = [Node.model_construct(id=id, parent_id=parents[id], role=roles[id]) for id in parents]
    target = data.draw(st.sampled_from(sorted(parents)))
    found = picked(nodes, target, mode)
    path, at = [], target
    while at is not None:
        path.append(at)
        at = parents[at]  # type: ignore[assignment]
    assert target in found
    tops = {id for id in found if parents[id] not in found}
    if mode == "from_here":
        assert tops == {path[1] if roles[target] == "assistant" and len(path) > 1 else target}
        assert all(id in found for id in parents if parents[id] in found - tops)
    else:
        assert set(path) <= found and all(parents[id] is None for id in tops)
        assert not {id for id in found if parents[id] == target}
        assert max(depth[id] for id in found) == depth[target]
        by_mode = {one: picked(nodes, target, one) for one in MODES}
        assert by_mode["path"] <= by_mode["branches"] <= by_mode["to_here"]


async def test_a_large_tree_is_copied_in_as_few_statements_as_a_small_one(talk: Talk, large: str) -> None:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        made = await talk.store.copy(ADA, large, CopyDraft(client_request_id=new_id()))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(await talk.store.tree(ADA, made.id)) == SIZE
    assert len(seen) < SIZE / 10
