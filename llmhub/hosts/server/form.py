"""A multipart form as it comes in: its one file goes to disk piece by piece, nothing of it is held in memory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...errors import LLMHubError, Malformed
from ..http import invalid

_PIECE: Final = 2**20
"""Bytes that are written at a time, in a thread: the disk may be far away."""


class Form:
    """Feed it with `take`, end with `finish`. Only the field `file` is taken; its bytes go to `path`, readable for us alone."""

    def __init__(self, content_type: str, path: Path) -> None:
        """Raises `Malformed` where it is no form. Loads its parser with the first."""
        from python_multipart.multipart import MultipartParser, parse_options_header

        kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary or len(boundary) > 200:
            raise Malformed("The request is no form.", hint="Send multipart/form-data with the file in the field `file`.")
        self.name: str | None = None
        """What the file is called; None while there is none."""
        self._path = path
        self._file: BinaryIO | None = None
        self._waiting: list[bytes] = []
        self._size = 0
        self._header = [b"", b""]
        self._disposition = b""
        self._mine = False
        self._ended = False
        self._options = parse_options_header
        self._parser: Any = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._field,
                "on_header_value": self._value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    async def take(self, chunk: bytes) -> None:
        """A piece of the body. Raises `Malformed` and `Invalid`."""
        try:
            self._parser.write(chunk)
        except LLMHubError:
            raise
        except Exception as exc:
            raise Malformed("The form cannot be read.", hint="Send multipart/form-data with the file in the field `file`.") from exc
        if self._size >= _PIECE:
            await self._write()

    async def finish(self) -> str:
        """The body has ended; gives the file's name. Raises `Malformed` and `Invalid`."""
        if not self._ended:
            raise Malformed("The form ends in the middle.", hint="Send it again.")
        if self.name is None:
            raise invalid(("file", "is missing"))
        await self._write()
        self.close()
        return self.name

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _write(self) -> None:
        data, self._waiting, self._size = b"".join(self._waiting), [], 0
        await asyncio.to_thread(self._write_now, data)

    def _write_now(self, data: bytes) -> None:
        if self._file is None:
            self._file = open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")  # noqa: SIM115
        self._file.write(data)

    # ---- what the parser calls

    def _begin(self) -> None:
        self._disposition = b""
        self._mine = False

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_end(self) -> None:
        _, options = self._options(self._disposition)
        self._mine = options.get(b"name") == b"file"
        if self._mine:
            if self.name is not None:
                raise invalid(("file", "given twice; import one file at a time"))
            said = options.get(b"filename", b"").decode(errors="replace").replace("\\", "/").rpartition("/")[2]
            shown = "".join(char for char in said if char.isprintable()).strip()
            self.name = shown[:200] or "file"

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._mine:
            self._waiting.append(data[start:end])
            self._size += end - start

    def _end(self) -> None:
        self._ended = True
