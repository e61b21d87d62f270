"""Conversations as files: one in a format, or all of them as a zip, written while it is downloaded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import quote

from tornado import web
from tornado.iostream import StreamClosedError

from ....agents.exporting import each
from ....conversations.transfer.export import file_name, pieces
from ....errors import LLMHubError
from ...bodies.export import ExportAccepted, ExportFetchQuery, ExportQuery, ExportStart
from ..handler import Handler
from ..operation import reads, writes


class _Download(Handler):
    """What both have in common."""

    def call_it(self, name: str) -> None:
        """It is a download, whatever is in it."""
        plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
        self.set_header("Content-Disposition", f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    async def pass_on(self, content: AsyncIterator[bytes]) -> None:
        """Write pieces as they come, each when the reader has taken the one before."""
        async with aclosing(cast(Any, content)):
            try:
                async for piece in content:
                    self.say(piece)
                    await self.flush()
            except StreamClosedError:
                raise web.Finish from None
            except LLMHubError as exc:
                if not self._headers_written:
                    self.clear()
                    raise
                self.log.warning("llmhub: an export was cut short: %s (%s)", exc.message, exc.code)
                self.request.connection.close()  # type: ignore[union-attr]  # nobody takes it for whole
                raise web.Finish from None


class ConversationExportHandler(_Download):
    """One conversation."""

    @reads(
        "A conversation as a notebook, JSON, Markdown or HTML, to be kept",
        query=ExportQuery,
        answer=bytes,
        errors=(404,),
        media_type="application/octet-stream",
    )
    async def get(self, conversation_id: str, query: ExportQuery) -> None:
        """Self-contained: its images and files are in it, as far as the format can hold them."""
        bundle = await self.workspace.exports.one(self.principal, conversation_id, leaf=query.leaf)
        self.set_header("Content-Type", "application/octet-stream")
        self.call_it(file_name(bundle, query.format))
        await self.pass_on(each(pieces(bundle, query.options())))
        self.end()


class ExportHandler(_Download):
    """All of them."""

    @reads(
        "All conversations with their files, as a zip",
        query=ExportFetchQuery,
        answer=bytes,
        errors=(404, 409),
        media_type="application/zip",
    )
    async def get(self, query: ExportFetchQuery) -> None:
        """Temporary conversations are not in it. What could not be written is listed in its `index.json`."""
        exports = self.workspace.exports
        if query.run_id is None:
            content = exports.pieces(self.principal, query.options())
        else:
            content = exports.take(self.principal, query.run_id)
        self.set_header("Content-Type", "application/zip")
        self.call_it("llmhub conversations.zip")
        await self.pass_on(content)
        self.end()

    @writes(
        "Announce an export of all conversations, to see how far it is and to stop it",
        body=ExportStart,
        answer=ExportAccepted,
        status=202,
    )
    async def post(self, body: ExportStart) -> ExportAccepted:
        """Fetch it within a minute; the same `client_request_id` again gives the same run."""
        job = await self.workspace.exports.start(self.principal, body.options(), client_request_id=body.client_request_id)
        return ExportAccepted(run_id=job.id)
