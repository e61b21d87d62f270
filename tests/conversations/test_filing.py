"""Many conversations at once, tags, and lists that are narrowed and sorted."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.conversations.bulk import Bulk
from llmhub.conversations.filters import Filter
from llmhub.conversations.folders import FolderStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tagging import TagStore
from llmhub.conversations.values import FolderDraft
from llmhub.errors import Invalid, Malformed, NotFound
from llmhub.ids import new_id

from .talk import ADA, BOB, Talk


async def titles(store: ConversationStore, **asked: Any) -> list[str | None]:
    return [conversation.title for conversation in (await store.list(ADA, **asked)).items]


async def make(store: ConversationStore, **changes: dict[str, Any]) -> dict[str, str]:
    """Conversations by their titles."""
    made = {title: (await store.create(ADA, title=title)).id for title in changes}
    for title, changed in changes.items():
        await store.update(ADA, made[title], changed)
    return made


async def test_many_are_changed_at_once_and_each_says_what_it_was_like(store: ConversationStore) -> None:
    bulk = Bulk(store)
    folder = await FolderStore(store.database).add(ADA, FolderDraft(name="Sea"))
    made = await make(store, a={"tags": ["x", "y"], "pinned": True}, b={"tags": ["y"]}, c={})
    others = (await store.create(BOB)).id
    before = {id: await store.get(ADA, id) for id in made.values()}
    ids = [*made.values(), others, new_id(), "no id"]
    done = await bulk.change(ADA, ids, {"folder_id": folder.id, "archived": True, "add_tags": ["z"], "remove_tags": ["y"]})
    assert [item.id for item in done] == ids
    assert [item.error is None for item in done] == [True] * 3 + [False] * 3
    after = {title: await store.get(ADA, id) for title, id in made.items()}
    assert {title: one.tags for title, one in after.items()} == {"a": ("x", "z"), "b": ("z",), "c": ("z",)}
    assert all(one.archived and one.folder_id == folder.id for one in after.values())

    undo = {item.id: item.before.model_dump() for item in done if item.before}
    assert all(item.error is None for item in await bulk.change_each(ADA, undo))
    assert {id: await store.get(ADA, id) for id in made.values()} == before


async def test_nothing_of_many_changes_without_their_folder(store: ConversationStore) -> None:
    made = await make(store, a={}, b={})
    with pytest.raises(NotFound):
        await Bulk(store).change(ADA, list(made.values()), {"folder_id": new_id(), "pinned": True})
    with pytest.raises(Invalid, match="titel"):
        await Bulk(store).change(ADA, list(made.values()), {"titel": "x"})
    assert await titles(store, pinned=True) == []


async def test_to_take_back_what_cannot_be_taken_back_says_so_of_each(store: ConversationStore) -> None:
    made = await make(store, a={}, b={"tags": [str(n) for n in range(100)]})
    each = {made["a"]: {"folder_id": new_id(), "pinned": True}, made["b"]: {"add_tags": ["one more"]}}
    done = await Bulk(store).change_each(ADA, each)
    assert [item.error and item.error.code for item in done] == ["not_found", "invalid"]
    assert await titles(store, pinned=True) == []


async def test_many_are_deleted_at_once_temporary_ones_too(store: ConversationStore) -> None:
    made = await make(store, a={}, b={}, c={})
    temporary = (await store.create(ADA, temporary=True)).id
    done = await Bulk(store).delete(ADA, [made["a"], made["b"], temporary, new_id()])
    assert [item.error is None for item in done] == [True, True, True, False]
    assert await titles(store) == ["c"]
    with pytest.raises(NotFound):
        await store.get(ADA, temporary)


async def test_a_filter_finds_the_same_in_a_list_and_for_a_change(store: ConversationStore) -> None:
    folders = FolderStore(store.database)
    outer = await folders.add(ADA, FolderDraft(name="Outer"))
    inner = await folders.add(ADA, FolderDraft(name="Inner", parent_id=outer.id))
    made = await make(
        store,
        a={"folder_id": outer.id, "model": "lab/x"},
        b={"folder_id": inner.id, "unread": True},
        c={"tags": ["x"], "archived": True},
        d={},
    )
    await Talk(store, made["d"]).ask()
    wanted: list[tuple[dict[str, Any], set[str]]] = [
        ({"folder_id": outer.id}, {"a"}),
        ({"folder_id": outer.id, "subfolders": True}, {"a", "b"}),
        ({"folder_id": outer.id, "subfolders": True, "unread": True}, {"b"}),
        ({"unfiled": True}, {"c", "d"}),
        ({"unfiled": True, "archived": False}, {"d"}),
        ({"running": True}, {"d"}),
        ({"running": False, "unread": False}, {"a", "c"}),
        ({"model": "lab/x"}, {"a"}),
        ({"query": "D"}, {"d"}),
        ({"model": "\0"}, set()),
    ]
    by_id = {id: title for title, id in made.items()}
    for which, found in wanted:
        assert set(await titles(store, **which)) == found, which
        assert {by_id[id] for id in await Bulk(store).ids(ADA, Filter(**which))} == found, which
    with pytest.raises(NotFound):
        await store.list(ADA, folder_id=new_id(), subfolders=True)
    with pytest.raises(Invalid, match="in no folder"):
        await store.list(ADA, folder_id=outer.id, unfiled=True)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_each_order_has_every_conversation_once_page_after_page(store: ConversationStore, limit: int) -> None:
    names = ["b", "Äpfel", "a", "A", None, "b", "ß" * 80 + "2", "ß" * 80 + "1"]
    talks = [await Talk.begin(store, title=title) for title in names]
    await talks[0].turn()
    for sort, first in {"used": "b", "created": "ß" * 80 + "1", "title": "a"}.items():
        found: list[Any] = []
        cursor = None
        while True:
            page = await store.list(ADA, sort=sort, limit=limit, cursor=cursor)  # type: ignore[arg-type]
            found += page.items
            if (cursor := page.next) is None:
                break
        assert sorted(one.id for one in found) == sorted(talk.id for talk in talks), sort
        assert found[0].title == first
    assert found[-1].title is None, "those without a title come last"
    assert [one.title for one in found[:5]] == ["a", "A", "Äpfel", "b", "b"]
    page = await store.list(ADA, sort="title", limit=2)
    for other in ("created", "used"):
        with pytest.raises(Malformed):
            await store.list(ADA, sort=other, cursor=page.next)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
async def test_pinned_ones_can_stand_first_page_after_page(store: ConversationStore, limit: int) -> None:
    await make(store, a={"pinned": True}, b={}, c={"pinned": True}, d={}, e={})
    found: list[str | None] = []
    cursor = None
    while True:
        page = await store.list(ADA, pinned_first=True, limit=limit, cursor=cursor)
        found += [one.title for one in page.items]
        if (cursor := page.next) is None:
            break
    assert found == ["c", "a", "e", "d", "b"]
    with pytest.raises(Malformed):
        await store.list(ADA, pinned_first=True, cursor="nonsense")


async def test_tags_are_counted_renamed_and_taken_away_everywhere(store: ConversationStore) -> None:
    tags = TagStore(store.database)
    made = await make(store, a={"tags": ["sea", "moon"]}, b={"tags": ["sea", "tide"]}, c={"tags": ["tide"], "archived": True})
    await store.update(BOB, (await store.create(BOB)).id, {"tags": ["sea"]})
    assert [(one.tag, one.conversations) for one in await tags.list(ADA)] == [("sea", 2), ("tide", 2), ("moon", 1)]
    assert set(await tags.rename(ADA, "sea", " tide ")) == {made["a"], made["b"]}
    assert (await store.get(ADA, made["b"])).tags == ("tide",), "where both were, one is left"
    assert (await store.get(ADA, made["a"])).tags == ("moon", "tide")
    assert set(await tags.delete(ADA, "tide")) == set(made.values())
    assert await tags.rename(ADA, "moon", "moon") == [made["a"]]
    assert [(one.tag, one.conversations) for one in await tags.list(ADA)] == [("moon", 1)]
    assert [one.tag for one in await tags.list(BOB)] == ["sea"]
    for missing in (tags.rename(ADA, "sea", "x"), tags.delete(ADA, "\0"), tags.rename(ADA, "\ud800", "x")):
        with pytest.raises(NotFound):
            await missing
    for name in (" ", "nul\0"):
        with pytest.raises(Invalid):
            await tags.rename(ADA, "moon", name)
