"""Files that somebody attached. Bytes are kept once, by their SHA-256 (`ab/abcdef…`); owner and name are a row in `files`.

The bytes are on the disk before the row is: a crash in between leaves bytes that nobody names, never a name without bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ..errors import Corrupt, NotFound, TooLarge
from ..ids import is_id, new_id
from .database import Database
from .failures import in_words
from .tables import files
from .values import StoredFile

NAME_CHARS = 200


class FileStore:
    """Bytes under `folder`, rows in `database` (that of the `ConversationStore`)."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    async def put(self, owner: str, data: bytes, *, name: str, media_type: str, limit: int | None = None) -> StoredFile:
        """Store bytes. More than `limit` of them are `TooLarge`. The same bytes twice take their space once."""
        if limit is not None and len(data) > limit:
            raise TooLarge(
                f"The file {clean_name(name)!r} has {len(data):,} bytes; {limit:,} are allowed.",
                hint="Attach a smaller file, or ask the administrator to raise limits.file_bytes.",
                details={"size": len(data), "limit": limit},
            )
        sha256 = await asyncio.to_thread(self._write, data)
        file = StoredFile(
            id=new_id(), name=clean_name(name), media_type=clean_type(media_type), size=len(data), created_at=datetime.now(UTC)
        )

        def work(c: Connection) -> None:
            c.execute(insert(files).values(owner=owner, sha256=sha256, **file.model_dump()))

        await self._database.write(work)
        return file

    async def get(self, owner: str, file_id: str) -> StoredFile:
        """A file without its bytes."""
        row = await self._row(owner, file_id)
        return StoredFile(id=row.id, name=row.name, media_type=row.media_type, size=row.size, created_at=row.created_at)

    async def read(self, owner: str, file_id: str) -> bytes:
        """The bytes of a file, as they were put."""
        row = await self._row(owner, file_id)
        return await asyncio.to_thread(self._read, row.sha256, row.name)

    async def _row(self, owner: str, file_id: str) -> Row[Any]:
        row = None
        if is_id(file_id):
            mine = select(files).where(files.c.id == file_id, files.c.owner == owner)
            row = await self._database.read(lambda c: c.execute(mine).one_or_none())
        if row is None:
            raise NotFound("There is no such file.", hint="Attach it again.", details={"file_id": file_id})
        return row

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _write(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        with in_words(str(path.parent)):
            if path.is_file() and path.stat().st_size == len(data):
                return sha256
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Made with mode 0600. Whole and on the disk before it gets its name.
            handle, half = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(half, path)
            except BaseException:
                Path(half).unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        return sha256

    def _read(self, sha256: str, name: str) -> bytes:
        path = self._path(sha256)
        with in_words(str(path)):
            data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Corrupt(
                f"The bytes of the file {name!r} are damaged or gone.",
                hint=f"Put {path} back from a backup, or attach the file again.",
            )
        return data


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


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too. Not every file system can, and none needs it to be right."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
