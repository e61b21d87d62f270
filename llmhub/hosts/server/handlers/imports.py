"""Conversations from elsewhere: looked at, or brought in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ....agents.importing import ImportPreview
from ....conversations.failures import from_os
from ....errors import LLMHubError, TooLarge
from ...bodies.imports import ImportAccepted, ImportQuery
from ...http import invalid, size_words, to_json
from ..form import Form
from ..handler import Handler
from ..operation import writes


class ImportHandler(Handler):
    """A file that comes in goes to disk as it comes; only when it is whole is it looked into."""

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        super().initialize()
        self._form: Form | None = None
        self._fault: LLMHubError | None = None
        self._path: Path | None = None
        self._upload_id = ""
        self._taken = False

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Jupyter's own limit for bodies is for those that it holds in memory."""
        await super().prepare()
        connection: Any = self.request.connection
        if not self._finished and not self.refused and hasattr(connection, "set_max_body_size"):
            connection.set_max_body_size(self._limit + 1)

    @writes(
        "Import conversations: a file of another product's, or of llmhub's, as multipart field `file`",
        query=ImportQuery,
        answer=ImportAccepted,
        status=202,
        also={200: ImportPreview},
        form=True,
        errors=(404, 409),
    )
    async def post(self, query: ImportQuery) -> ImportAccepted | None:
        """`dry_run=true` answers 200 with what would come in."""
        try:
            name, path, upload_id = await self._given(query)
            if query.dry_run:
                preview = await self.workspace.imports.preview(self.principal, path, name, upload_id=upload_id)
                self._taken = True  # it waits for being imported
                self.set_status(200)
                self.finish(to_json(preview))
                return None
            if query.folder_id is not None:
                await self.workspace.folders.get(self.principal.id, query.folder_id)
            job = await self.workspace.imports.start(
                self.principal, path, name, folder_id=query.folder_id, client_request_id=query.client_request_id
            )
            self._taken = True
        finally:
            await self._throw_away()
        self.extension.note_activity()
        return ImportAccepted(run_id=job.id)

    async def _given(self, query: ImportQuery) -> tuple[str, Path, str]:
        """The file: its name, where it lies, and its id."""
        if query.upload_id is not None:
            path = await asyncio.to_thread(self.workspace.imports.uploaded, self.principal, query.upload_id)
            return self.workspace.imports.name_of(path), path, query.upload_id
        if self._fault is not None:
            raise self._fault
        if self._form is None or self._path is None:
            raise invalid(("file", "is missing; send it as multipart/form-data, or name an upload_id"))
        name = await self._form.finish()
        await asyncio.to_thread(self.workspace.imports.name, self._path, name)
        return name, self._path, self._upload_id

    # ---- the body as it comes

    def body_limit(self) -> int:
        """A file of conversations has a limit of its own."""
        return self.rules.config.settings.limits.import_bytes

    def too_large(self, size: int, limit: int) -> TooLarge:
        """In words about the file."""
        return TooLarge(
            f"The file is {size_words(size)}; at most {size_words(limit)} are imported.",
            hint="Raise limits.import_bytes in llmhub.yaml, or ask whoever runs the server to.",
            details={"size": size, "limit": limit},
        )

    async def take(self, chunk: bytes) -> None:
        """A piece of it goes to disk. What comes with another method is nothing to keep, and OPTIONS has no workspace."""
        if self._fault is not None or self.request.method != "POST":
            return
        try:
            if self._form is None:
                upload = self.workspace.imports.upload
                self._upload_id, self._path = await asyncio.to_thread(upload, self.principal)
                self._form = Form(self.request.headers.get("Content-Type", ""), self._path)
            await self._form.take(chunk)
        except LLMHubError as exc:
            self._fault = exc
        except OSError as exc:
            self._fault = from_os(exc, "the file that was sent")

    def on_connection_close(self) -> None:
        """Whoever was sending is gone."""
        super().on_connection_close()
        if self._form is not None and not self._taken:
            self._form.close()
            if self._path is not None:
                self.workspace.imports.throw_away(self._path)

    async def _throw_away(self) -> None:
        """What nobody will import."""
        if self._form is not None:
            self._form.close()
        if self._path is not None and not self._taken:
            await asyncio.to_thread(self.workspace.imports.throw_away, self._path)
