"""Whole conversations into the store, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmhub.conversations.files import FileStore
from llmhub.conversations.folders import FolderStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.transfer.bundle import Bundle, Origin
from llmhub.conversations.values import FolderDraft, Kept, NewMessage
from llmhub.ids import new_id
from llmhub.messages import FilePart, ImagePart, Message, Role, TextPart

from ..talk import ADA, BOB

BEGUN = datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)


def said(id: str, parent: str | None, role: Role, text: str, minute: int) -> Message:
    at = BEGUN + timedelta(minutes=minute)
    parts = (TextPart(text=text),)
    return Message(id=id, conversation_id="", parent_id=parent, role=role, status="complete", parts=parts, created_at=at)


TALK = Bundle(
    origin=Origin("chatgpt", "c1"),
    title="Tides",
    model="gpt-4o",
    params={"temperature": 0.5},
    created_at=BEGUN,
    updated_at=BEGUN + timedelta(minutes=9),
    tags=("sea", "sea", " moon "),
    archived=True,
    head="a1",
    messages=(
        said("q", None, "user", "Why?", 0),
        said("a1", "q", "assistant", "The moon.", 1),
        said("a2", "q", "assistant", "The sun.", 2),
    ),
)


async def texts(store: ConversationStore, id: str, owner: str = ADA) -> list[str]:
    path = await store.path(owner, id)
    return ["".join(part.text for part in message.parts if isinstance(part, TextPart)) for message in path.items]


async def test_a_conversation_comes_in_with_its_branches_times_and_flags(store: ConversationStore):
    outcome, id = await store.add_bundle(ADA, TALK, {})
    there = await store.get(ADA, id)
    assert outcome == "new"
    assert (there.title, there.model, there.params, there.tags) == ("Tides", "gpt-4o", {"temperature": 0.5}, ("moon", "sea"))
    assert (there.archived, there.pinned, there.created_at, there.updated_at) == (True, False, TALK.created_at, TALK.updated_at)
    assert await texts(store, id) == ["Why?", "The moon."]
    tree = await store.tree(ADA, id)
    assert [node.created_at for node in tree] == [message.created_at for message in TALK.messages]
    assert [node.id for node in tree] == sorted(node.id for node in tree)
    assert [item.id for item in (await store.list(ADA, query="tides", archived=True)).items] == [id]


async def test_the_same_again_adds_nothing_and_another_owner_has_their_own(store: ConversationStore):
    first = await store.add_bundle(ADA, TALK, {})
    assert await store.add_bundle(ADA, TALK, {}) == ("unchanged", first[1])
    outcome, other = await store.add_bundle(BOB, TALK, {})
    assert outcome == "new" and other != first[1]
    assert len((await store.list(ADA)).items) == len((await store.list(BOB)).items) == 1


async def test_what_has_grown_gets_its_new_messages_and_is_shown_where_it_went_on(store: ConversationStore):
    _, id = await store.add_bundle(ADA, TALK, {})
    more = (said("q2", "a2", "user", "Sure?", 10), said("a3", "q2", "assistant", "Both.", 11))
    grown = replace(TALK, messages=TALK.messages + more, head="a3", updated_at=BEGUN + timedelta(minutes=11))
    assert (await store.standing(ADA, grown)).outcome == "updated"
    assert await store.add_bundle(ADA, grown, {}) == ("updated", id)
    assert await texts(store, id) == ["Why?", "The sun.", "Sure?", "Both."]
    assert (await store.get(ADA, id)).updated_at == grown.updated_at
    assert await store.add_bundle(ADA, grown, {}) == ("unchanged", id)


async def test_what_was_gone_on_with_or_deleted_here_stays_so(store: ConversationStore):
    _, id = await store.add_bundle(ADA, TALK, {})
    answer = (await store.get(ADA, id)).head_id
    own = NewMessage(client_request_id=new_id(), parent_id=answer, role="user", parts=(TextPart(text="And tides on Mars?"),))
    await store.add_message(ADA, id, own)
    sun = next(node for node in await store.tree(ADA, id) if node.id != answer and node.role == "assistant")
    await store.delete_message(ADA, id, sun.id)
    more = replace(TALK, messages=(*TALK.messages, said("a3", "q", "assistant", "Wind.", 12)), head="a3")
    assert await store.add_bundle(ADA, more, {}) == ("updated", id)
    assert await texts(store, id) == ["Why?", "The moon.", "And tides on Mars?"]
    assert sun.id not in [node.id for node in await store.tree(ADA, id)]


async def test_what_was_deleted_altogether_comes_in_anew(store: ConversationStore):
    _, id = await store.add_bundle(ADA, TALK, {})
    await store.delete(ADA, id)
    outcome, again = await store.add_bundle(ADA, TALK, {})
    assert outcome == "new" and again != id


async def test_our_own_keep_their_ids_where_they_are_free(store: ConversationStore):
    _, id = await store.add_bundle(ADA, TALK, {})
    tree = [await store.message(ADA, node.id) for node in await store.tree(ADA, id)]
    own = replace(TALK, origin=Origin("llmhub", id), messages=tuple(tree), head=tree[1].id)
    assert await store.add_bundle(ADA, own, {}) == ("unchanged", id)
    outcome, other = await store.add_bundle(BOB, own, {})
    assert outcome == "new" and other != id
    assert not {node.id for node in await store.tree(BOB, other)} & {message.id for message in tree}
    await store.delete(ADA, id)
    assert await store.add_bundle(ADA, own, {}) == ("new", id)
    assert [node.id for node in await store.tree(ADA, id)] == [message.id for message in tree]


async def test_two_people_bring_in_the_same_archive_at_once(url: str, open_store: Callable[[str], ConversationStore]):
    first, second = open_store(url), open_store(url)  # as two servers on one database
    await first.open()
    theirs = [replace(TALK, origin=Origin("chatgpt", f"c{number}")) for number in range(40)]
    pairs: list[tuple[Bundle, dict[str, Kept]]] = [(bundle, {}) for bundle in theirs]
    done = await asyncio.gather(*(store.add_bundles(owner, pairs) for store, owner in ((first, ADA), (second, BOB), (first, BOB))))
    assert [{outcome for outcome, _ in one} for one in done[:1]] == [{"new"}]
    assert {outcome for outcome, _ in (*done[1], *done[2])} == {"new", "unchanged"}
    mine, hers = await first.ids(ADA), await second.ids(BOB)
    assert (len(mine), len(hers), len({*mine, *hers})) == (40, 40, 80)
    for owner in (ADA, BOB):
        assert {one.outcome for one in await second.standings(owner, theirs)} == {"unchanged"}


async def test_files_come_with_the_messages_that_name_them(store: ConversationStore, tmp_path: Path):
    files = FileStore(tmp_path / "files", store.database)
    kept = {
        "f1": await files.keep(b"dots", name="cat.png", media_type="image/png"),
        "f2": await files.keep(b"never named", name="x", media_type="text/plain"),
        "f3": await files.keep(b"a,b", name="data.csv", media_type="text/csv"),
    }
    parts = (ImagePart(file_id="f1", media_type="image/png"), FilePart(file_id="f3", name="data.csv", media_type="text/csv"))
    seen = TALK.messages[0].model_copy(update={"parts": (*TALK.messages[0].parts, *parts)})
    _, id = await store.add_bundle(ADA, replace(TALK, messages=(seen, *TALK.messages[1:])), kept)
    _, picture, table = (await store.path(ADA, id)).items[0].parts
    assert isinstance(picture, ImagePart) and picture.file_id and isinstance(table, FilePart)
    assert await files.read(ADA, picture.file_id) == b"dots"
    assert (await files.get(ADA, table.file_id)).name == "data.csv"
    assert kept["f2"].file.id not in (picture.file_id, table.file_id)


async def test_text_that_no_database_holds_is_made_plain(store: ConversationStore):
    odd = replace(TALK, title="Ti\0des", model="gp\0t", tags=("\0", "a\0b"), origin=Origin("x", "y" * 400))
    _, id = await store.add_bundle(ADA, odd, {})
    there = await store.get(ADA, id)
    assert (there.title, there.model, there.tags) == ("Tides", "gpt", ("ab",))
    assert await store.add_bundle(ADA, odd, {}) == ("unchanged", id)


async def test_folders_are_made_once_and_within_the_one_that_was_chosen(store: ConversationStore):
    folders = FolderStore(store.database)
    chosen = await folders.add(ADA, FolderDraft(name="From elsewhere"))
    filed = replace(TALK, folder=("Work", "Tides\0"), archived=False)
    await store.add_bundle(ADA, filed, {}, folder_id=chosen.id)
    await store.add_bundle(ADA, replace(filed, origin=Origin("chatgpt", "c2"), folder=("WORK",)), {}, folder_id=chosen.id)
    await store.add_bundle(ADA, replace(filed, origin=Origin("chatgpt", "c3"), folder=tuple("abcdefghijkl")), {})
    there = {folder.id: folder for folder in await folders.list(ADA)}
    [work] = [folder for folder in there.values() if folder.name == "Work"]
    [tides] = [folder for folder in there.values() if folder.name == "Tides"]
    assert (work.parent_id, tides.parent_id, work.conversations, tides.conversations) == (chosen.id, work.id, 1, 1)
    assert len(there) == 3 + 8
