"""All conversations as one zip, written while it is read: no conversation but one, and no piece but one, is in memory.

`conversations/<title> <id>.<format>`, the files of our JSON and of Markdown under `files/<id>/<name>`, each once, and at the end
`index.json`: what is in it, and what could not be written, with the reason.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, cast

from ...errors import LLMHubError
from ..files import clean_name
from . import document
from .bundle import Bundle, FileRef
from .export import Options, pieces, stem_of

_PIECE: Final = 2**18
_PACKED: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/zip", "application/pdf", "audio/", "video/")


class Archive:
    """`add` each conversation and pass on what comes, then `finish`. Everything blocks."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast(BinaryIO, self._sink), "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._files: dict[str, str | None] = {}
        self._index: list[dict[str, Any]] = []
        self._failed: list[dict[str, str]] = []

    def add(self, bundle: Bundle) -> Iterator[bytes]:
        """A conversation and those of its files that are not in yet."""
        name = f"conversations/{stem_of(bundle)} {bundle.origin.id[-12:]}.{self._options.format}"
        if self._options.format == "json":
            for file in bundle.files:
                yield from self._add_file(file)
            written = document.write(bundle, lambda file: self._path(file.id))
        else:
            written = pieces(bundle, self._options)
        try:
            yield from self._write(name, written, bundle.updated_at)
        except LLMHubError as exc:
            self.fail(bundle.title or bundle.origin.id, exc)
            return
        self._index.append({"id": bundle.origin.id, "title": bundle.title, "path": name})

    def fail(self, name: str, error: LLMHubError) -> None:
        """Note what is not in it."""
        self._failed.append({"name": name, "reason": error.message})

    def finish(self) -> Iterator[bytes]:
        """The index, and the end of the zip."""
        index = {
            "format": "llmhub.archive",
            "version": 1,
            "exported_at": datetime.now(UTC).isoformat(),
            "conversations": self._index,
            "failed": self._failed,
        }
        yield from self._write("index.json", iter([json.dumps(index, ensure_ascii=False, indent=1).encode(errors="replace")]))
        self._zip.close()
        yield self._sink.take()

    def _path(self, file_id: str) -> str | None:
        path = self._files.get(file_id)
        return None if path is None else f"../{path}"

    def _add_file(self, file: FileRef) -> Iterator[bytes]:
        if file.id in self._files:
            return
        path = f"files/{file.id}/{clean_name(file.name)}"
        try:
            with file.open() as opened:  # what is gone is known before its place in the zip begins
                packed = file.media_type.startswith(_PACKED)
                yield from self._write(path, iter(lambda: opened.read(_PIECE), b""), compress=not packed)
            self._files[file.id] = path
        except LLMHubError as exc:
            self._files[file.id] = None
            self.fail(file.name, exc)

    def _write(self, name: str, content: Iterator[bytes], at: datetime | None = None, *, compress: bool = True) -> Iterator[bytes]:
        time = max(at or datetime.now(UTC), datetime(1980, 1, 1, tzinfo=UTC)).astimezone(UTC)
        info = zipfile.ZipInfo(name, time.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for piece in content:
                entry.write(piece)
                if self._sink.size >= _PIECE:
                    yield self._sink.take()


class _Sink:
    """A file that zipfile writes to and nobody can wind back: it writes sizes behind what it has written then."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data, self._held, self.size = b"".join(self._held), [], 0
        return data
