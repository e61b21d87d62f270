"""The files of one conversation while it is read: found in the archive, written out in the export itself, or missing."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from typing import BinaryIO, Final
from urllib.parse import unquote_to_bytes

from ...errors import Invalid
from ...messages import FilePart, ImagePart, Part, TextPart
from .bundle import FileRef
from .source import Archive

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
_DATA: Final = re.compile(r"data:([a-zA-Z0-9!#$&^_.+-]{1,60}/[a-zA-Z0-9!#$&^_.+-]{1,60})?((?:;[a-zA-Z0-9=_.-]{1,60}){0,3}),")


class Attached:
    """`found` and `notes` go into the bundle."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.found: dict[str, FileRef] = {}
        self.notes: list[str] = []

    def part(self, ref: FileRef) -> Part:
        """A file as a part of a message: pictures are shown, all else is a file."""
        self.found[ref.id] = ref
        if ref.media_type in _PICTURES:
            return ImagePart(file_id=ref.id, media_type=ref.media_type)
        return FilePart(file_id=ref.id, name=ref.name, media_type=ref.media_type)

    def written(self, name: str, text: str, media_type: str = "text/plain") -> Part:
        """A file whose text stands in the export."""
        data = text.encode(errors="replace")
        id = f"text:{hashlib.sha256(name.encode(errors='replace') + data).hexdigest()[:32]}"
        kind = media_type if media_type.startswith("text/") else "text/plain"
        return self.part(FileRef(id=id, name=name, media_type=kind, size=len(data), open=lambda: io.BytesIO(data)))

    def linked(self, url: str, name: str | None = None) -> Part:
        """A picture or file by its address: inside of the export (`data:`), or somewhere on the web."""
        if (match := _DATA.match(url)) is not None:
            kind = (match[1] or "text/plain").lower()
            id = f"data:{hashlib.sha256(url.encode(errors='replace')).hexdigest()[:32]}"
            shown = name or f"image.{kind.partition('/')[2].partition('+')[0]}"
            start, coded = match.end(), "base64" in match[2]
            size = (len(url) - start) * 3 // 4 if coded else None
            return self.part(FileRef(id=id, name=shown, media_type=kind, size=size, open=lambda: _decoded(url, start, coded)))
        if url.startswith("https://"):
            return ImagePart(url=url)
        path = self.archive.find(url.lstrip("/")) or self.archive.find(url.rpartition("/")[2])
        return self.here(path, name=name) if path is not None else self.missing(name or url.rpartition("/")[2][:200])

    def here(self, path: str, *, id: str | None = None, name: str | None = None, media_type: str | None = None) -> Part:
        """A file of the archive."""
        return self.part(self.archive.file(path, id=id, called=name, media_type=media_type))

    def named(self, name: str | None) -> Part:
        """A file that the export only names; it may lie beside it."""
        path = self.archive.find(name) if name else None
        return self.here(path, name=name) if path is not None else self.missing(name)

    def missing(self, name: str | None) -> Part:
        """A file that is not there. The message says so, and the import's summary too."""
        shown = name or "A file"
        self.notes.append(f"{shown} is not in the export.")
        return TextPart(text=f"*{shown} was here; it is not in the export.*")


def _decoded(url: str, start: int, coded: bool) -> BinaryIO:
    try:
        data = base64.b64decode(url[start:], validate=False) if coded else unquote_to_bytes(url[start:])
    except (binascii.Error, ValueError):
        raise Invalid("Its data: URL is not in base64.") from None
    return io.BytesIO(data)
