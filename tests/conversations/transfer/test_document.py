"""Our own JSON: what is written comes back, by itself, from the store and from an archive of everything."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from llmhub.conversations.files import FileStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.transfer import document, writer
from llmhub.conversations.transfer.archive import Archive as Export
from llmhub.conversations.transfer.bundle import Bundle, FileRef, Origin, Skipped
from llmhub.conversations.transfer.export import Options, file_name
from llmhub.conversations.transfer.loading import load
from llmhub.conversations.transfer.ours import LLMHub
from llmhub.conversations.transfer.source import Archive
from llmhub.errors import Corrupt

from .bundles import bundles, file, same, talk

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
    jsonschema.validate(json.loads(path.read_bytes()), json.loads(document.SCHEMA.read_text()))
    (found,) = read(path)
    assert isinstance(found, Bundle), found
    same(found, bundle)
    assert [(ref.id, ref.name, ref.media_type, ref.size, ref.open().read()) for ref in found.files] == [
        (ref.id, ref.name, ref.media_type, ref.size, ref.open().read()) for ref in bundle.files
    ]
    assert b"".join(document.write(found)) == path.read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(bundle=bundles())
async def test_export_wipe_and_import_give_the_same_bytes_but_for_the_ids_of_files(bundle: Bundle, data: Path) -> None:
    store = ConversationStore(data / "llmhub.db", backups=data)
    files = FileStore(data / "files", store.database)
    texts: list[list[str]] = []
    current = bundle
    for _ in range(2):
        kept = {ref.id: await files.keep(ref.open().read(), name=ref.name, media_type=ref.media_type) for ref in current.files}
        done = await store.database.write(lambda c, b=current, k=kept: writer.write(c, "ada", b, k, datetime.now(UTC)))  # type: ignore[misc]
        assert done == ("new", bundle.origin.id)
        current = await load(store, files, "ada", bundle.origin.id)
        text = b"".join(document.write(current)).decode()
        for ref in current.files:
            text = text.replace(ref.id, f"<{ref.name}>")
        texts.append(sorted(line.strip(",]}") for line in text.splitlines()))  # files are in the order of their new ids
        await store.delete("ada", bundle.origin.id)
    await store.aclose()
    assert texts[0] == texts[1]
    bare = {"conversation_id": "", "sibling_ids": (), "run_id": None, "parts": ()}
    assert [m.model_copy(update=bare) for m in current.messages] == [m.model_copy(update=bare) for m in bundle.messages]


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
