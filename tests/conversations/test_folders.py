from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from llmhub.conversations.bulk import Bulk
from llmhub.conversations.folders import DEEPEST, FolderStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import Folder, FolderDraft
from llmhub.errors import Conflict, Invalid, NotFound
from llmhub.ids import new_id

from .talk import ADA, BOB, Talk


@pytest.fixture
def folders(store: ConversationStore) -> FolderStore:
    return FolderStore(store.database)


async def make(folders: FolderStore, *names: str, **more: Any) -> list[Folder]:
    """Folders, each in the one before it."""
    made: list[Folder] = []
    for name in names:
        made.append(await folders.add(ADA, FolderDraft(name=name, parent_id=made[-1].id if made else None, **more)))
    return made


async def tree(folders: FolderStore, owner: str = ADA) -> list[str]:
    """Every folder as its path, in order."""
    all_folders = {folder.id: folder for folder in await folders.list(owner)}

    def path(folder: Folder) -> str:
        return f"{path(all_folders[folder.parent_id])}/{folder.name}" if folder.parent_id else folder.name

    def place(folder: Folder) -> tuple[int, ...]:
        return (*place(all_folders[folder.parent_id]), folder.position) if folder.parent_id else (folder.position,)

    return [path(folder) for folder in sorted(all_folders.values(), key=place)]


async def test_folders_stand_in_the_order_in_which_they_were_made_and_moved(folders: FolderStore) -> None:
    a, _, c = [(await make(folders, name))[0] for name in ("a", "b", "c")]
    assert await tree(folders) == ["a", "b", "c"]
    await folders.change(ADA, c.id, {"position": 0})
    assert await tree(folders) == ["c", "a", "b"]
    await folders.change(ADA, a.id, {"parent_id": c.id})
    assert await tree(folders) == ["c", "c/a", "b"]
    assert await tree(folders, BOB) == []
    for method in (folders.get(BOB, a.id), folders.change(BOB, a.id, {"name": "x"}), folders.delete(BOB, a.id)):
        with pytest.raises(NotFound):
            await method


async def test_the_same_request_makes_one_folder(folders: FolderStore) -> None:
    request = new_id()
    made = [await folders.add(ADA, FolderDraft(name="Sea"), client_request_id=request) for _ in range(2)]
    assert made[0] == made[1] and len(await folders.list(ADA)) == 1


async def test_siblings_have_different_names_without_case(folders: FolderStore) -> None:
    sea, tides = await make(folders, "Sea", "Tides")
    with pytest.raises(Conflict, match="called “SEA” here already"):
        await folders.add(ADA, FolderDraft(name="SEA"))
    with pytest.raises(Conflict, match="here already"):
        await folders.change(ADA, tides.id, {"name": "sea", "parent_id": None})
    assert await tree(folders) == ["Sea", "Sea/Tides"], "all of a change happens or nothing"
    await folders.add(ADA, FolderDraft(name="sea", parent_id=sea.id))
    await folders.add(BOB, FolderDraft(name="Sea"))
    assert (await folders.change(ADA, sea.id, {"name": "SEA"})).name == "SEA"


async def test_a_folder_never_gets_into_itself(folders: FolderStore) -> None:
    a, b, c = await make(folders, "a", "b", "c")
    for to in (a, b, c):
        with pytest.raises(Conflict, match="cannot be put into itself"):
            await folders.change(ADA, a.id, {"parent_id": to.id})
    await folders.change(ADA, c.id, {"parent_id": None})
    await folders.change(ADA, a.id, {"parent_id": c.id})
    assert await tree(folders) == ["c", "c/a", "c/a/b"]
    assert (await folders.get(ADA, b.id)).parent_id == a.id


async def test_folders_that_two_servers_move_at_once_never_make_a_circle(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    one, other = (FolderStore(open_store(url).database) for _ in range(2))
    a, b = [(await make(one, name))[0] for name in "ab"]
    for _ in range(5):
        moves = (one.change(ADA, a.id, {"parent_id": b.id}), other.change(ADA, b.id, {"parent_id": a.id}))
        done = await asyncio.gather(*moves, return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["Conflict", "Folder"], done
        assert await tree(one) in (["b", "b/a"], ["a", "a/b"])
        for folder in (a, b):
            await one.change(ADA, folder.id, {"parent_id": None})


async def test_servers_that_put_the_same_in_order_at_once_do_not_wait_for_each_other_for_ever(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    one, other = (open_store(url) for _ in range(2))
    folders = FolderStore(other.database)
    for _ in range(4):
        full, empty = [(await make(folders, name))[0] for name in ("full", "empty")]
        talks = [(await one.create(ADA, folder_id=full.id)).id for _ in range(12)]
        done = await asyncio.gather(
            *(one.update(ADA, id, {"folder_id": empty.id}) for id in talks[:4]),
            Bulk(one).change(ADA, talks, {"folder_id": empty.id}),
            Bulk(other).change(ADA, talks[::-1], {"archived": True, "add_tags": ["x"]}),
            folders.delete(ADA, full.id),
            return_exceptions=True,
        )
        assert not [each for each in done if isinstance(each, Exception)]
        assert {(await other.get(ADA, id)).folder_id for id in talks} == {empty.id}
        await folders.delete(ADA, empty.id)


async def test_folders_are_only_so_deep(folders: FolderStore) -> None:
    deep = await make(folders, *map(str, range(DEEPEST)))
    pair = await make(folders, "x", "y")
    for parent, folder in ((deep[-1], pair[1]), (deep[-2], pair[0])):
        with pytest.raises(Conflict, match=f"at most {DEEPEST} deep"):
            await folders.change(ADA, folder.id, {"parent_id": parent.id})
    with pytest.raises(Conflict, match="deep"):
        await folders.add(ADA, FolderDraft(name="z", parent_id=deep[-1].id))
    await folders.change(ADA, pair[0].id, {"parent_id": deep[-3].id})


async def test_what_no_database_takes_is_refused(folders: FolderStore) -> None:
    for draft in (FolderDraft(name="nul\0"), FolderDraft(name="a", instructions="\ud800"), FolderDraft(name="ﷺ" * 200)):
        with pytest.raises(Invalid):
            await folders.add(ADA, draft)
    for parent in (new_id(), "no id", "nul\0"):
        with pytest.raises(NotFound):
            await folders.add(ADA, FolderDraft(name="a", parent_id=parent))


async def test_a_new_conversation_takes_the_nearest_folders_model(store: ConversationStore, folders: FolderStore) -> None:
    _, inner = await make(folders, "outer", "inner", model="lab/outer")
    assert (await store.create(ADA, folder_id=inner.id)).model == "lab/outer"
    await folders.change(ADA, inner.id, {"model": "lab/inner"})
    made = await store.create(ADA, folder_id=inner.id)
    assert (made.model, made.folder_id) == ("lab/inner", inner.id)
    assert (await store.create(ADA, folder_id=inner.id, model="lab/own")).model == "lab/own"
    with pytest.raises(NotFound):
        await store.create(BOB, folder_id=inner.id)
    with pytest.raises(Invalid, match="temporary conversation is in no folder"):
        await store.create(ADA, folder_id=inner.id, temporary=True)


async def test_what_folders_say_comes_from_the_outside_in(store: ConversationStore, folders: FolderStore) -> None:
    outer, middle, inner = await make(folders, "a", "b", "c")
    talk = await store.create(ADA, folder_id=inner.id)
    assert await store.instructions(ADA, talk.id) == ()
    await folders.change(ADA, inner.id, {"instructions": "Inner."})
    await folders.change(ADA, outer.id, {"instructions": "Outer."})
    assert await store.instructions(ADA, talk.id) == ("Outer.", "Inner.")
    await store.update(ADA, talk.id, {"folder_id": middle.id})
    assert await store.instructions(ADA, talk.id) == ("Outer.",)


async def test_a_folder_counts_what_is_right_in_it(store: ConversationStore, folders: FolderStore) -> None:
    outer, inner = await make(folders, "outer", "inner")
    talks = [await Talk.begin(store, folder_id=folder) for folder in (inner.id, inner.id, outer.id, None)]
    await talks[0].turn()
    await talks[1].ask()
    await store.update(ADA, (await store.create(ADA, folder_id=inner.id)).id, {"archived": True})
    counted = {one.name: (one.conversations, one.archived, one.unread, one.running) for one in await folders.list(ADA)}
    assert counted == {"outer": (1, 0, 0, 0), "inner": (2, 1, 1, 1)}
    assert await folders.get(ADA, inner.id) == next(one for one in await folders.list(ADA) if one.id == inner.id)


async def test_what_was_in_a_deleted_folder_goes_up(store: ConversationStore, folders: FolderStore) -> None:
    outer, inner, _ = await make(folders, "outer", "inner", "twin")
    await folders.add(ADA, FolderDraft(name="TWIN", parent_id=outer.id))
    talk = await store.create(ADA, folder_id=inner.id)
    assert await folders.delete(ADA, inner.id) == [talk.id]
    assert (await store.get(ADA, talk.id)).folder_id == outer.id
    assert await tree(folders) == ["outer", "outer/twin (2)", "outer/TWIN"]
    await folders.delete(ADA, outer.id)
    assert (await store.get(ADA, talk.id)).folder_id is None
    assert await tree(folders) == ["twin (2)", "TWIN"]


async def test_a_folder_can_be_deleted_with_everything_in_it(store: ConversationStore, folders: FolderStore) -> None:
    outer, inner, _ = await make(folders, "outer", "inner", "empty")
    gone = [await Talk.begin(store, folder_id=folder.id) for folder in (outer, inner)]
    await gone[0].turn()
    other = await store.create(ADA)
    assert set(await folders.contents(ADA, outer.id)) == {talk.id for talk in gone}
    assert set(await folders.delete(ADA, outer.id, "delete")) == {talk.id for talk in gone}
    assert [one.id for one in (await store.list(ADA)).items] == [other.id]
    assert await folders.list(ADA) == []
