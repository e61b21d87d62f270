"""Our own JSON: what is written comes back, by itself, from the store and from an archive of everything."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, delete

from llmhub.conversations import tables
from llmhub.conversations.files import FileStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.transfer import document
from llmhub.conversations.transfer.archive import Archive as Export
from llmhub.conversations.transfer.bundle import Bundle, FileRef, Origin, Skipped
from llmhub.conversations.transfer.export import Options, file_name
from llmhub.conversations.transfer.loading import load
from llmhub.conversations.transfer.ours import LLMHub
from llmhub.conversations.transfer.source import Archive
from llmhub.conversations.transfer.writer import named_files
from llmhub.errors import Corrupt
from llmhub.ids import new_id
from llmhub.messages import ImagePart

from .bundles import PIXEL, bundles, file, said, same, talk

SCHEMA = jsonschema.Draft202012Validator(json.loads(document.SCHEMA.read_text()))
SOME = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def read(path: Path) -> list[Bundle | Skipped]:
    archive = Archive(path, path.name)
    reader = LLMHub()
    return [found for source in archive.sources() if reader.recognises(source) for found in reader.read(source)]


@SOME
@given(bundle=bundles())
def test_a_tree_that_is_written_comes_back(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(b"".join(document.write(bundle)))
    SCHEMA.validate(json.loads(path.read_bytes()))
    (found,) = read(path)
    assert isinstance(found, Bundle), found
    same(found, bundle)
    assert [(ref.id, ref.name, ref.media_type, ref.size, ref.open().read()) for ref in found.files] == [
        (ref.id, ref.name, ref.media_type, ref.size, ref.open().read()) for ref in bundle.files
    ]
    assert b"".join(document.write(found)) == path.read_bytes()


def wipe(c: Connection) -> None:
    for table in (tables.conversations, tables.imports, tables.files, tables.folders):
        c.execute(delete(table))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(bundle=bundles())
async def test_export_wipe_and_import_give_the_same_bytes(bundle: Bundle, data: Path) -> None:
    written: list[bytes] = []
    current = bundle
    store = ConversationStore(data / "llmhub.db", backups=data)
    files = FileStore(data / "files", store.database)
    for _ in range(2):
        await store.database.write(wipe)
        kept = {ref.id: await files.keep(ref.open().read(), name=ref.name, media_type=ref.media_type) for ref in current.files}
        assert await store.add_bundle("ada", current, kept) == ("new", bundle.origin.id)
        written.append(b"".join(document.write(await load(store, files, "ada", bundle.origin.id))))
        (data / "one.json").write_bytes(written[-1])
        (found,) = read(data / "one.json")
        assert isinstance(found, Bundle), found
        current = found
    await store.aclose()
    assert written[0] == written[1]
    named = {id for message in bundle.messages for id in named_files(message.parts)}
    same(current, bundle)
    assert {ref.id: ref.open().read() for ref in current.files} == {
        ref.id: ref.open().read() for ref in bundle.files if ref.id in named
    }


async def test_what_never_left_keeps_its_file_and_somebody_elses_id_is_not_taken(data: Path) -> None:
    store = ConversationStore(data / "two.db", backups=data)
    files = FileStore(data / "files", store.database)
    picture = file(new_id())
    bundle = replace(talk(), origin=Origin("llmhub", new_id()), files=(picture,), head=None, messages=(
        said(0, "user", ImagePart(file_id=picture.id, media_type="image/png")),
    ))  # fmt: skip

    async def come(owner: str, data: bytes = PIXEL) -> str:
        kept = {picture.id: await files.keep(data, name=picture.name, media_type=picture.media_type)}
        _, id = await store.add_bundle(owner, bundle, kept)
        (ref,) = (await load(store, files, owner, id)).files
        assert ref.open().read() == data
        return ref.id

    assert await come("ada") == picture.id
    await store.delete("ada", bundle.origin.id)
    assert await come("ada") == picture.id  # its row is still there
    await store.delete("ada", bundle.origin.id)
    assert await come("ada", b"something else") != picture.id
    assert await come("bob") != picture.id
    await store.aclose()


def test_the_schema_beside_the_code_is_what_it_writes() -> None:
    assert document.SCHEMA.read_text() == document.schema_text(), "python -m llmhub.conversations.transfer.document"


MESSAGE = {"id": "a", "role": "user", "status": "complete", "created_at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "newer llmhub"),
        ({"conversation": {"id": "x"}}, "created_at"),
        ({"messages": [{"id": "a", "role": "bogus"}]}, "role"),
        ({"messages": [{**MESSAGE, "parent_id": "b"}]}, "before"),
        ({"messages": [MESSAGE, MESSAGE]}, "Two of its"),
        ({"messages": [7]}, "message"),
    ],
)
def test_what_is_no_conversation_of_ours_is_skipped_with_its_reason(change: dict[str, object], words: str, tmp_path: Path) -> None:
    about = {"id": "x", "title": "T", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    whole = {"format": document.FORMAT, "version": 1, "conversation": about, "messages": [], "summaries": [], "files": []}
    path = tmp_path / "one.json"
    path.write_text(json.dumps({**whole, **change}))
    (found,) = read(path)
    assert isinstance(found, Skipped) and words.lower() in found.reason.lower(), found


def gone(id: str) -> FileRef:
    def open_it() -> io.BytesIO:
        raise Corrupt("The bytes of the file 'gone.png' are damaged or gone.")

    return FileRef(id=id, name="gone.png", media_type="image/png", size=3, open=open_it)


@SOME
@given(bundle=bundles(most=4))
def test_an_archive_of_everything_is_read_again_with_its_files(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    export = Export(Options())
    with_lost = replace(bundle, files=(*bundle.files, gone("gone-id")))
    again = replace(bundle, origin=Origin("llmhub", "01a1ffc1-cf11-721a-8ba0-39479e65e021"))
    path.write_bytes(b"".join([*export.add(with_lost), *export.add(again), *export.finish()]))
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        index = json.loads(packed.read("index.json"))
        assert [each["id"] for each in index["conversations"]] == [bundle.origin.id, again.origin.id]
        assert index["failed"] == [{"name": "gone.png", "reason": "The bytes of the file 'gone.png' are damaged or gone."}]
        assert sum(name.startswith("files/") for name in packed.namelist()) == 2
    found = [each for each in read(path) if isinstance(each, Bundle)]
    assert len(found) == 2
    (first,) = [each for each in found if each.origin == bundle.origin]
    same(first, bundle)
    assert [ref.open().read() for ref in first.files] == [ref.open().read() for ref in bundle.files]
    assert first.notes == ("The file 'gone.png' is not in the export.",)


def test_writing_many_conversations_and_a_large_file_holds_a_piece_at_a_time() -> None:
    class Large(io.RawIOBase):
        left = 200 * 2**20

        def read(self, size: int = -1) -> bytes:  # type: ignore[override]
            size = min(size, self.left)
            self.left -= size
            return b"\x01" * size

    big = replace(file("big"), open=lambda: Large(), media_type="video/mp4", size=Large.left)  # type: ignore[arg-type]
    bundle = replace(talk(), files=(big,))
    export = Export(Options())
    tracemalloc.start()
    size = sum(len(piece) for piece in export.add(bundle))
    for number in range(2000):
        size += sum(len(piece) for piece in export.add(replace(bundle, files=(), origin=Origin("llmhub", f"{number:012}"))))
    size += sum(len(piece) for piece in export.finish())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200 * 2**20 and peak < 12 * 2**20, peak


def test_a_file_is_called_as_its_conversation_wherever_it_is_saved() -> None:
    named = replace(talk(), title='a/b\\c: "d" <e>|?* con')
    assert file_name(named, "md") == "a b c d e con.md"
    assert file_name(replace(named, title="CON"), "md") == "CON_.md"
    assert file_name(replace(named, title=None), "json") == "conversation 2026-03-01 12.00.json"
    assert file_name(replace(named, title="../../etc"), "json") == "etc.json"
