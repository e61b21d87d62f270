from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import pytest

from llmhub.conversations.files import FileStore
from llmhub.conversations.store import ConversationStore
from llmhub.errors import Corrupt, Full, NotFound, ReadOnly, TooLarge
from llmhub.ids import new_id

from .talk import ADA, BOB

PNG = b"\x89PNG\r\n\x1a\n\x00\x01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


@pytest.fixture
def files(store: ConversationStore, folder: Path) -> FileStore:
    return FileStore(folder, store.database)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_bytes_come_back_as_they_were_put(files: FileStore, folder: Path) -> None:
    put = await files.put(ADA, PNG, name="tide.png", media_type="image/png")
    assert (put.name, put.media_type, put.size) == ("tide.png", "image/png", len(PNG))
    assert await files.get(ADA, put.id) == put
    assert await files.read(ADA, put.id) == PNG
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert on_disk(folder) == [folder / sha256[:2] / sha256]
    assert (folder / sha256[:2] / sha256).stat().st_mode & 0o077 == 0


async def test_an_empty_file_is_a_file(files: FileStore) -> None:
    put = await files.put(ADA, b"", name="empty.txt", media_type="text/plain")
    assert await files.read(ADA, put.id) == b""


async def test_the_same_bytes_take_their_space_once(files: FileStore, folder: Path) -> None:
    puts = await asyncio.gather(
        *(files.put(owner, PNG, name=f"{n}.png", media_type="image/png") for n in range(5) for owner in (ADA, BOB))
    )
    assert len({put.id for put in puts}) == 10 and len(on_disk(folder)) == 1
    assert await files.read(BOB, puts[1].id) == PNG


async def test_another_principal_finds_no_file(files: FileStore) -> None:
    put = await files.put(ADA, PNG, name="tide.png", media_type="image/png")
    for id in (put.id, new_id(), "", "\0", "../../etc/passwd"):
        with pytest.raises(NotFound):
            await files.get(BOB, id)
        with pytest.raises(NotFound):
            await files.read(BOB, id)


async def test_more_than_the_limit_is_too_large_and_not_stored(files: FileStore, folder: Path) -> None:
    with pytest.raises(TooLarge) as caught:
        await files.put(ADA, PNG, name="tide.png", media_type="image/png", limit=len(PNG) - 1)
    assert caught.value.details == {"size": len(PNG), "limit": len(PNG) - 1}
    assert "tide.png" in caught.value.message and not folder.exists()
    assert await files.put(ADA, PNG, name="tide.png", media_type="image/png", limit=len(PNG))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\tide.png", "tide.png"),
        ("a\0b\n\tc.txt", "abc.txt"),
        ("exe\u202egnp.txt", "exegnp.txt"),
        ("half \ud800.txt", "half .txt"),
        ("  two   spaces .txt  ", "two spaces .txt"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("x" * 300, "x" * 200),
        ("Gezeiten – Übersicht 潮.pdf", "Gezeiten – Übersicht 潮.pdf"),
    ],
)
async def test_names_are_made_safe(files: FileStore, given: str, kept: str) -> None:
    put = await files.put(ADA, PNG, name=given, media_type="text/plain")
    assert (await files.get(ADA, put.id)).name == put.name == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("IMAGE/PNG", "image/png"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("", "application/octet-stream"),
        ("text/html\r\nX-Evil: 1", "application/octet-stream"),
        ("a" * 300 + "/b", "application/octet-stream"),
    ],
)
async def test_media_types_are_made_plain(files: FileStore, given: str, kept: str) -> None:
    assert (await files.put(ADA, PNG, name="x", media_type=given)).media_type == kept


async def test_damaged_or_lost_bytes_are_told_apart_from_a_missing_file(files: FileStore, folder: Path) -> None:
    put = await files.put(ADA, PNG, name="tide.png", media_type="image/png")
    [path] = on_disk(folder)
    path.write_bytes(PNG[:-1])
    with pytest.raises(Corrupt, match=r"tide\.png"):
        await files.read(ADA, put.id)
    path.unlink()
    with pytest.raises(Corrupt) as caught:
        await files.read(ADA, put.id)
    assert str(path) in caught.value.hint
    await files.put(ADA, PNG, name="again.png", media_type="image/png")
    assert await files.read(ADA, put.id) == PNG, "putting the bytes again heals it"


async def test_a_disk_that_fills_up_leaves_neither_half_a_file_nor_a_row(
    files: FileStore, folder: Path, store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(Full) as caught:
            await files.put(ADA, PNG, name="tide.png", media_type="image/png")
    assert str(folder) in caught.value.message
    assert on_disk(folder) == []
    assert await files.put(ADA, PNG, name="tide.png", media_type="image/png")


async def test_a_folder_that_cannot_be_made_says_so(files: FileStore, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    with pytest.raises(ReadOnly) as caught:
        await files.put(ADA, PNG, name="tide.png", media_type="image/png")
    assert str(folder) in caught.value.message


async def test_files_of_temporary_chats_make_room_for_the_same_persons_only(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmhub.conversations.held.HELD_BYTES", 100)
    monkeypatch.setattr("llmhub.conversations.held.HELD_IN_ALL", 150)

    def hold(owner: str, size: int) -> str:
        return files.hold(owner, bytes(size), name="a.txt", media_type="text/plain").id

    def held(*ids: str) -> list[bool]:
        return [files.is_held(id) for id in ids]

    first, second, bobs = hold(ADA, 40), hold(ADA, 40), hold(BOB, 30)
    await files.read(ADA, first)
    third = hold(ADA, 40)
    assert held(first, second, third, bobs) == [True, False, True, True], "the one that was used longest ago"
    large = hold(BOB, 60)
    assert held(first, third, bobs, large) == [True, True, False, True], "all have too much: whoever has most gives way"
    whole = hold(ADA, 120)
    assert held(first, third, whole, large) == [False, False, True, True], "the one file just given is always held"
