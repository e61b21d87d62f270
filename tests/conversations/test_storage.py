"""Files kept elsewhere: in another folder, in whatever fsspec knows, in a bucket of a server that speaks S3's protocol."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from llmhub.config import StorageConfig, StoragesConfig
from llmhub.conversations.files import FileStore
from llmhub.conversations.storage import PIECE
from llmhub.conversations.store import ConversationStore
from llmhub.errors import Corrupt, StoreError

from .s3_server import BUCKET, KEY, SECRET, S3Server
from .talk import ADA

PNG = b"\x89PNG\r\n\x1a\n\x00\x01"
BIG = bytes(range(256)) * (5 * PIECE // 512)
"""Two and a half pieces."""


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server.running() as server:
        yield server


def bucket(s3: S3Server, *, name: str = BUCKET, key: str = KEY) -> StorageConfig:
    return StorageConfig.model_validate(
        {"url": f"s3://{name}/llmhub/", "endpoint_url": s3.url, "access_key": key, "secret_key": SECRET, "region": "eu-central-1"}
    )


def key_of(data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    return f"llmhub/{sha256[:2]}/{sha256}"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


def file_store(store: ConversationStore, here: Path, **kinds: StorageConfig) -> FileStore:
    return FileStore(here, store.database, StoragesConfig(**kinds))


async def gathered(files: FileStore, file_id: str) -> list[bytes]:
    download = await files.open(ADA, file_id)
    try:
        return [piece async for piece in download]
    finally:
        await download.aclose()


async def test_each_kind_of_file_has_its_place(store: ConversationStore, here: Path, tmp_path: Path, s3: S3Server) -> None:
    files = file_store(store, here, attachments=bucket(s3), images=StorageConfig(url=str(tmp_path / "pictures")))
    text = await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    image = await files.put(ADA, PNG, name="a.png", media_type="image/png")
    assert s3.objects == {key_of(b"paper"): b"paper"} and not here.exists()
    assert [path.read_bytes() for path in (tmp_path / "pictures").rglob("*") if path.is_file()] == [PNG]
    assert (await files.read(ADA, text.id), await files.read(ADA, image.id)) == (b"paper", PNG)


@pytest.mark.parametrize("address", ["memory://llmhub/test", "file://{tmp}/elsewhere", "{tmp}/plain"])
async def test_other_addresses_that_fsspec_knows_work_too(
    store: ConversationStore, here: Path, tmp_path: Path, address: str
) -> None:
    files = file_store(store, here, attachments=StorageConfig(url=address.format(tmp=tmp_path)))
    for data in (BIG, b""):
        put = await files.put(ADA, data, name="a.bin", media_type="application/pdf")
        assert b"".join(await gathered(files, put.id)) == await files.read(ADA, put.id) == data
    assert not here.exists()


async def test_the_same_bytes_go_to_the_bucket_once(store: ConversationStore, here: Path, s3: S3Server) -> None:
    files = file_store(store, here, attachments=bucket(s3))
    for _ in range(2):
        await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    assert [method for method, *_ in s3.requests].count("PUT") == 1


async def test_a_large_file_comes_in_pieces_as_they_are_asked_for(store: ConversationStore, here: Path, s3: S3Server) -> None:
    files = file_store(store, here, attachments=bucket(s3))
    put = await files.put(ADA, BIG, name="a.bin", media_type="application/pdf")
    s3.requests.clear()
    download = await files.open(ADA, put.id)
    first = await anext(download)
    ranges = [asked for method, _, asked in s3.requests if method == "GET"]
    assert first == BIG[:PIECE] and len(ranges) == 2  # this one, and the one that tells whether it is the last
    assert first + b"".join([piece async for piece in download]) == BIG
    await download.aclose()


async def test_what_was_put_before_the_storage_changed_is_still_found(store: ConversationStore, here: Path, s3: S3Server) -> None:
    files = file_store(store, here)
    old = await files.put(ADA, b"old", name="a.txt", media_type="text/plain")
    files.configure(StoragesConfig(attachments=bucket(s3)))
    new = await files.put(ADA, b"new", name="a.txt", media_type="text/plain")
    assert (await files.read(ADA, old.id), await files.read(ADA, new.id)) == (b"old", b"new")
    assert list(s3.objects.values()) == [b"new"]


async def test_damage_is_noticed_before_the_last_piece_is_given(store: ConversationStore, here: Path, s3: S3Server) -> None:
    files = file_store(store, here, attachments=bucket(s3))
    put = await files.put(ADA, BIG, name="a.bin", media_type="application/pdf")
    s3.objects[key_of(BIG)] = BIG[:-1] + b"!"
    download = await files.open(ADA, put.id)
    seen = 0
    with pytest.raises(Corrupt, match="damaged"):
        async for piece in download:
            seen += len(piece)
    assert seen == 2 * PIECE
    s3.objects.clear()
    with pytest.raises(Corrupt, match="damaged or gone"):
        await files.open(ADA, put.id)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ({"name": "no-such-bucket"}, "there is no such bucket"),
        ({"key": "AKIA-OTHER"}, "refuses llmhub"),
        ({}, "cannot be reached"),
    ],
)
async def test_a_bucket_that_is_missing_refuses_or_is_down_is_said_in_words(
    store: ConversationStore, here: Path, s3: S3Server, trouble: dict[str, str], words: str
) -> None:
    s3.is_down = not trouble
    config = bucket(s3, **trouble)
    quick = {"retry_config": {"max_retries": 0, "retry_timeout": timedelta(seconds=5)}}
    files = file_store(store, here, attachments=config.model_copy(update={"options": quick}))
    with pytest.raises(StoreError, match=words) as fault:
        await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    said = fault.value.message + fault.value.hint
    assert "s3://" in said and SECRET not in said and KEY not in said


async def test_a_place_that_nobody_knows_or_that_lacks_its_library_is_said(
    store: ConversationStore, here: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = file_store(store, here, attachments=StorageConfig(url="gopher://x/y"))
    with pytest.raises(StoreError, match="nobody knows what gopher:// is"):
        await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    monkeypatch.setitem(sys.modules, "obstore.fsspec", None)
    files.configure(StoragesConfig(attachments=bucket(s3)))
    with pytest.raises(StoreError) as fault:
        await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    assert "llmhub[s3]" in fault.value.hint


async def test_a_key_that_is_not_written_down_is_found_as_amazons_tools_find_it(
    store: ConversationStore, here: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")  # which would be asked over the network
    config = bucket(s3).model_copy(update={"access_key": None, "secret_key": None})
    files = file_store(store, here, attachments=config)
    with pytest.raises(StoreError, match="There is no key for s3://"):
        await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    put = await files.put(ADA, b"paper", name="a.txt", media_type="text/plain")
    assert await files.read(ADA, put.id) == b"paper" and s3.objects


async def test_many_at_once_are_no_trouble(store: ConversationStore, here: Path, s3: S3Server) -> None:
    files = file_store(store, here, attachments=bucket(s3))
    papers = [f"paper {n}".encode() for n in range(20)]
    puts = await asyncio.gather(*(files.put(ADA, data, name="a.txt", media_type="text/plain") for data in papers))
    assert await asyncio.gather(*(files.read(ADA, put.id) for put in puts)) == papers
