"""Attached files: stored as they come, given back so that no browser runs what is in them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from tornado import web
from tornado.iostream import StreamClosedError

from ....conversations.values import StoredFile
from ....errors import StoreError, TooLarge
from ...bodies.files import FileQuery
from ...http import invalid
from ...uploads import SAFE_IMAGES, check_size, media_type_of
from ..handler import Handler
from ..operation import reads, writes

_NAME_BYTES: Final = 255


class FilesHandler(Handler):
    """Putting one in."""

    @writes(
        "Store a file: the raw body, its `Content-Type`, its name URL-encoded in `X-File-Name`",
        query=FileQuery,
        raw_body=True,
        answer=StoredFile,
        status=201,
    )
    async def post(self, query: FileQuery) -> StoredFile:
        """The same bytes twice are kept once."""
        self.rules.check_feature("attachments")
        kind = media_type_of(self.request.headers.get("Content-Type", ""))
        files, owner, name = self.workspace.files, self.principal.id, self._name()
        if query.temporary:
            return files.hold(owner, self.body(), name=name, media_type=kind)
        return await files.put(owner, self.body(), name=name, media_type=kind)

    def body_limit(self) -> int:
        """A file has its own limit."""
        return self.rules.config.settings.limits.file_bytes

    def too_large(self, size: int, limit: int) -> TooLarge:
        """In words about the file."""
        return check_size(size, limit, image=self.request.headers.get("Content-Type", "").startswith("image/"))

    def _name(self) -> str:
        name = unquote(self.request.headers.get("X-File-Name", "")).replace("\\", "/").rpartition("/")[2].strip()
        if "\0" in name or len(name.encode(errors="replace")) > _NAME_BYTES:
            raise invalid(("X-File-Name", "is not a file name: at most 255 bytes, URL-encoded"))
        return name or "file"


class FileHandler(Handler):
    """Getting one out."""

    @reads("A file's bytes", answer=bytes, errors=(404,), media_type="application/octet-stream")
    async def get(self, file_id: str) -> None:
        """Shown in place only if it is a picture of dots, which cannot hold a script; everything else is a download."""
        file = await self.workspace.files.get(self.principal.id, file_id)
        download = await self.workspace.files.open(self.principal.id, file_id)
        shown = file.media_type in SAFE_IMAGES
        self.set_header("Content-Type", file.media_type if shown else "application/octet-stream")
        self.set_header(
            "Content-Disposition", f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
        )
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        held = self.workspace.files.is_held(file_id)
        self.set_header("Cache-Control", "no-store" if held else "private, max-age=31536000, immutable")
        try:
            first = await anext(download, b"")  # what is damaged or out of reach is said before anything is answered
            self.set_header("Content-Length", str(file.size))
            self.say(first)
            async for piece in download:
                await self.flush()  # returns when the reader has taken it: no more than two pieces are held
                self.say(piece)
        except StreamClosedError:
            raise web.Finish from None
        except StoreError as exc:
            if not self._headers_written:
                self.clear()
                raise
            self.log.warning("llmhub: %s (%s)", exc.message, exc.code)
            self.request.connection.close()  # type: ignore[union-attr]  # too short for its length: no reader takes it for whole
            raise web.Finish from None
        finally:
            await download.aclose()
        self.end()
