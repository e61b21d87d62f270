"""Files that somebody attached. Bytes are kept once, by their SHA-256 (`ab/abcdef…`); owner and name are a row in `files`.

The bytes are stored before the row is: a crash in between leaves bytes that nobody names, never a name without bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Connection, Row, insert, select

from ..config import StoragesConfig
from ..errors import Corrupt, NotFound, StoreError, TooLarge
from ..ids import is_id, new_id
from .database import Database
from .held import Held, HeldFiles
from .storage import PIECE, Folder, Storage, storage_at
from .tables import files
from .transfer.bundle import FileRef
from .values import Kept, StoredFile

NAME_CHARS = 200

_Row = Row[Any] | Held


class FileStore:
    """Bytes where `config` says, else under `folder`; rows in `database` (that of the `ConversationStore`).

    Those of temporary conversations are in memory.
    """

    def __init__(
        self, folder: Path, database: Database, config: StoragesConfig | None = None, held: HeldFiles | None = None
    ) -> None:
        self._here = Folder(folder)
        self._database = database
        self._config: StoragesConfig | None = None
        self._held = HeldFiles() if held is None else held
        self.configure(config or StoragesConfig())

    def configure(self, config: StoragesConfig) -> None:
        """Keep files elsewhere from now on. What was put before is still found where it is."""
        if config != self._config:
            self._config = config
            here = Path(self._here.name)
            self._attachments: Storage = storage_at(config.attachments, here)
            self._images: Storage = storage_at(config.images, here)

    async def put(self, owner: str, data: bytes, *, name: str, media_type: str, limit: int | None = None) -> StoredFile:
        """Store bytes. More than `limit` of them are `TooLarge`. The same bytes twice take their space once."""
        if limit is not None and len(data) > limit:
            raise TooLarge(
                f"The file {clean_name(name)!r} has {len(data):,} bytes; {limit:,} are allowed.",
                hint="Attach a smaller file, or ask the administrator to raise limits.file_bytes.",
                details={"size": len(data), "limit": limit},
            )
        kept = await self.keep(data, name=name, media_type=media_type)

        def work(c: Connection) -> None:
            c.execute(insert(files).values(owner=owner, sha256=kept.sha256, **kept.file.model_dump()))

        await self._database.write(work)
        return kept.file

    def hold(self, owner: str, data: bytes, *, name: str, media_type: str) -> StoredFile:
        """Keep bytes in memory only, for a temporary conversation."""
        file = _described(data, name, media_type)
        self._held.hold(Held(**file.model_dump(), owner=owner, sha256=hashlib.sha256(data).hexdigest(), data=data))
        return file

    def is_held(self, file_id: str) -> bool:
        """Whether a file is kept in memory only: nobody else should keep it either."""
        return file_id in self._held

    def let_go(self, owner: str, ids: Collection[str]) -> None:
        """Forget files that are kept in memory only."""
        self._held.let_go(owner, ids)

    async def keep(self, data: bytes, *, name: str, media_type: str) -> Kept:
        """Store bytes whose row somebody else writes, in a transaction of theirs."""
        sha256 = await asyncio.to_thread(self._write, data, self._place(clean_type(media_type)))
        return Kept(_described(data, name, media_type), sha256)

    async def get(self, owner: str, file_id: str) -> StoredFile:
        """A file without its bytes."""
        row = await self._row(owner, file_id)
        return StoredFile(id=row.id, name=row.name, media_type=row.media_type, size=row.size, created_at=row.created_at)

    async def read(self, owner: str, file_id: str) -> bytes:
        """The bytes of a file, as they were put."""
        row = await self._row(owner, file_id)
        return await asyncio.to_thread(self._read, row)

    async def open(self, owner: str, file_id: str) -> Download:
        """The bytes piece by piece, so that no whole file is held. Raises `NotFound`, `Corrupt`, `StoreError`."""
        row = await self._row(owner, file_id)
        return Download(await asyncio.to_thread(self._open, row), row)

    async def refs(self, owner: str, ids: Collection[str]) -> list[FileRef]:
        """Those of the files that are there, for exports; each is checked while it is read."""
        found: list[_Row] = [*self._held.of(owner, ids)]
        known = sorted(id for id in set(ids) if is_id(id))
        for start in range(0, len(known), 500):
            mine = select(files).where(files.c.owner == owner, files.c.id.in_(known[start : start + 500])).order_by(files.c.id)
            found += await self._database.read(lambda c, mine=mine: list(c.execute(mine).all()))
        return [
            FileRef(id=row.id, name=row.name, media_type=row.media_type, size=row.size, open=partial(self._checked, row))
            for row in found
        ]

    async def _row(self, owner: str, file_id: str) -> _Row:
        row: _Row | None = None
        if (held := self._held.use(file_id)) is not None:
            row = held if held.owner == owner else None
        elif is_id(file_id):
            mine = select(files).where(files.c.id == file_id, files.c.owner == owner)
            row = await self._database.read(lambda c: c.execute(mine).one_or_none())
        if row is None:
            raise NotFound("There is no such file.", hint="Attach it again.", details={"file_id": file_id})
        return row

    # ---- bytes; these block

    def _place(self, media_type: str) -> Storage:
        return self._images if media_type.startswith("image/") else self._attachments

    def _write(self, data: bytes, place: Storage) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if not place.has(sha256, len(data)):
            place.write(sha256, data)
        return sha256

    def _open(self, row: _Row) -> BinaryIO:
        """To read from, wherever it lies: what was put before `storage` was changed stays where it was."""
        if isinstance(row, Held):
            return io.BytesIO(row.data)
        places = {place.name: place for place in (self._place(row.media_type), self._images, self._attachments, self._here)}
        trouble: StoreError | None = None
        for place in places.values():
            try:
                if (file := place.open(row.sha256)) is not None:
                    return file
            except StoreError as exc:
                trouble = trouble or exc
        raise trouble or _damaged(row, next(iter(places)))

    def _checked(self, row: _Row) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Checked(_pieces(self._open(row), row)), PIECE))

    def _read(self, row: _Row) -> bytes:
        return b"".join(_pieces(self._open(row), row))


class Download:
    """The bytes of a file, piece by piece: `async for piece in download`. Close it.

    The last piece is given only when the sum is right, so that what arrived whole is what was put.
    """

    def __init__(self, file: BinaryIO, row: _Row) -> None:
        self._file = file
        self._pieces = _pieces(file, row)

    def __aiter__(self) -> Download:
        return self

    async def __anext__(self) -> bytes:
        piece = await asyncio.to_thread(next, self._pieces, None)
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Let go of the file."""
        await asyncio.to_thread(self._file.close)


class _Checked(io.RawIOBase):
    """The pieces of a file as a file: reading to its end raises `Corrupt` if they are not what was put."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._left = self._left or next(self._pieces, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        cast("Any", self._pieces).close()
        super().close()


def _pieces(file: BinaryIO, row: _Row) -> Iterator[bytes]:
    """What is in a file, the last piece only when the sum is right. Raises `Corrupt`."""
    seen = hashlib.sha256()
    held: bytes | None = None
    left = row.size
    try:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            if held is not None:
                yield held
            seen.update(piece)
            left -= len(piece)
            held = piece
        if seen.hexdigest() != row.sha256:
            raise _damaged(row, "")
        if held is not None:
            yield held
    finally:
        file.close()


def _described(data: bytes, name: str, media_type: str) -> StoredFile:
    kind = clean_type(media_type)
    return StoredFile(id=new_id(), name=clean_name(name), media_type=kind, size=len(data), created_at=datetime.now(UTC))


def _damaged(row: _Row, place: str) -> Corrupt:
    where = f"{place}/{row.sha256[:2]}/{row.sha256}" if place else f"{row.sha256[:2]}/{row.sha256}"
    return Corrupt(
        f"The bytes of the file {row.name!r} are damaged or gone.",
        hint=f"Put {where} back from a backup, or attach the file again.",
    )


def clean_name(name: str) -> str:
    """A name that is safe to show and to save under: no folders, no control or direction-changing characters, not too long."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    shown = " ".join(shown.split()).strip(". ")
    if len(shown) > NAME_CHARS:
        stem, dot, suffix = shown.rpartition(".")
        keep = f".{suffix}" if dot and stem and len(suffix) <= 20 else ""
        shown = shown[: NAME_CHARS - len(keep)] + keep
    return shown or "file"


def clean_type(media_type: str) -> str:
    """A media type in its plain form, or the one for unknown bytes."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}", plain) else "application/octet-stream"
