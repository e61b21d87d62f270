"""`Routes`: every address under `{base_url}llmhub/`, in two tables: our own contract, and the doors of others.

A handler is imported with its first request, in a thread: SQLAlchemy and pydantic take most of a second of CPU, and the server has
others to answer.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from functools import cached_property, partial
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Router
from tornado.web import Application, RequestHandler

TABLE: Final = (
    ("conversations", "handlers.conversations.ConversationsHandler"),
    ("conversations/bulk", "handlers.filing.ManyHandler"),
    ("conversations/{conversation_id}", "handlers.conversations.ConversationHandler"),
    ("conversations/{conversation_id}/messages", "handlers.messages.MessagesHandler"),
    ("conversations/{conversation_id}/messages/{message_id}", "handlers.messages.MessageHandler"),
    ("conversations/{conversation_id}/messages/{message_id}/restore", "handlers.messages.RestoreHandler"),
    ("conversations/{conversation_id}/summaries", "handlers.summaries.SummariesHandler"),
    ("conversations/{conversation_id}/summaries/stop", "handlers.summaries.StopHandler"),
    ("conversations/{conversation_id}/summaries/{summary_id}", "handlers.summaries.SummaryHandler"),
    ("conversations/{conversation_id}/tree", "handlers.messages.TreeHandler"),
    ("conversations/{conversation_id}/mentions", "handlers.search.MentionsHandler"),
    ("conversations/{conversation_id}/fork", "handlers.copies.ForkHandler"),
    ("conversations/{conversation_id}/duplicate", "handlers.copies.DuplicateHandler"),
    ("conversations/{conversation_id}/context", "handlers.usage.ContextHandler"),
    ("conversations/{conversation_id}/usage", "handlers.usage.ConversationUsageHandler"),
    ("conversations/{conversation_id}/export", "handlers.export.ConversationExportHandler"),
    ("conversations/{conversation_id}/runs", "handlers.runs.ConversationRunsHandler"),
    ("import", "handlers.imports.ImportHandler"),
    ("folders", "handlers.filing.FoldersHandler"),
    ("folders/{folder_id}", "handlers.filing.FolderHandler"),
    ("tags", "handlers.filing.TagsHandler"),
    ("search", "handlers.search.SearchHandler"),
    ("stars", "handlers.marks.StarsHandler"),
    ("ratings", "handlers.marks.RatingsHandler"),
    ("jobs", "handlers.runs.JobsHandler"),
    ("runs", "handlers.runs.RunsHandler"),
    ("runs/{run_id}", "handlers.runs.RunHandler"),
    ("runs/{run_id}/stop", "handlers.runs.StopHandler"),
    ("runs/{run_id}/answer", "handlers.runs.AnswerHandler"),
    ("runs/{run_id}/exchange", "handlers.runs.ExchangeHandler"),
    ("runs/{run_id}/events", "handlers.events.EventsHandler"),
    ("stream", "stream.StreamHandler"),
    ("completion", "handlers.completion.CompletionHandler"),
    ("rows", "rows.RowsHandler"),
    ("models", "handlers.models.ModelsHandler"),
    ("parameters", "handlers.presets.ParametersHandler"),
    ("presets", "handlers.presets.PresetsHandler"),
    ("presets/{preset_id}", "handlers.presets.PresetHandler"),
    ("providers", "handlers.providers.ProvidersHandler"),
    ("providers/discover", "handlers.providers.DiscoverHandler"),
    ("providers/{name}", "handlers.providers.ProviderHandler"),
    ("providers/{name}/key", "handlers.providers.KeyHandler"),
    ("providers/{name}/test", "handlers.providers.TestHandler"),
    ("keys", "handlers.providers.KeysHandler"),
    ("files", "handlers.files.FilesHandler"),
    ("files/{file_id}", "handlers.files.FileHandler"),
    ("export", "handlers.export.ExportHandler"),
    ("usage", "handlers.usage.UsageHandler"),
    ("usage/report", "handlers.usage.ReportHandler"),
    ("usage/csv", "handlers.usage.TableHandler"),
    ("usage/ceilings", "handlers.usage.CeilingsHandler"),
    ("usage/ceilings/seen", "handlers.usage.CeilingsSeenHandler"),
    ("config", "handlers.config.ConfigHandler"),
    ("settings", "handlers.config.SettingsHandler"),
    ("openapi.json", "handlers.openapi.OpenAPIHandler"),
)
"""Address under `llmhub/api/` → its handler, as seen from here."""

DOORS: Final = (
    ("models", "handlers.doors.ModelsHandler"),
    ("models/{model...}", "handlers.doors.ModelHandler"),
    ("chat/completions", "handlers.doors.ChatHandler"),
    ("embeddings", "handlers.doors.EmbeddingsHandler"),
    ("messages", "handlers.doors.MessagesHandler"),
    ("messages/count_tokens", "handlers.doors.CountHandler"),
    ("openapi.json", "handlers.doors.DocumentHandler"),
)
"""Address under `llmhub/v1/` → its handler: OpenAI's and Anthropic's contracts. `...`: to the end of the address."""

_importing = threading.Lock()


class Routes(Router):
    """Our part of the server's addresses."""

    SUPPORTED_METHODS: tuple[str, ...] = ()
    """jupyter_server looks every target over for methods; ours stand in the handlers, which a test walks."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = re.escape(prefix)
        self._handlers: dict[str, type[RequestHandler]] = {}
        """Those that have been imported, by their names in the tables."""

    @cached_property
    def rules(self) -> list[tuple[PathMatches, str]]:
        """Every route, the last one being "there is nothing here"."""
        known = [(PathMatches(self._pattern(f"api/{path}")), name) for path, name in TABLE]
        doors = [(PathMatches(self._pattern(f"v1/{path}")), name) for path, name in DOORS]
        nowhere = (PathMatches(f"{self._prefix}v1/.*"), "handlers.doors.UnknownHandler")
        return [*known, *doors, nowhere, (PathMatches(".*"), "handler.UnknownHandler")]

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """The first route that fits; called by tornado."""
        for matcher, name in self.rules:
            found = matcher.match(request)
            if found is not None:
                delegate = partial(self._application.get_handler_delegate, request, **found)
                return delegate(self._handlers[name]) if name in self._handlers else _Later(partial(self._load, name), delegate)
        return None

    async def _load(self, name: str) -> type[RequestHandler]:
        handler = self._handlers[name] = await asyncio.to_thread(handler_of, name)
        return handler

    def _pattern(self, path: str) -> str:
        steps = [_step(step) for step in path.split("/")]
        return f"{self._prefix}{'/'.join(steps)}"


class _Later(HTTPMessageDelegate):
    """A request whose handler is still to be imported. Its body waits on the wire; the server's other requests do not."""

    def __init__(
        self, load: Callable[[], Awaitable[type[RequestHandler]]], delegate: Callable[[type[RequestHandler]], HTTPMessageDelegate]
    ) -> None:
        self._load = load
        self._delegate = delegate
        self._found: HTTPMessageDelegate | None = None

    async def headers_received(self, start_line: Any, headers: HTTPHeaders) -> None:
        self._found = self._delegate(await self._load())
        if (prepared := self._found.headers_received(start_line, headers)) is not None:
            await prepared

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return None if self._found is None else self._found.data_received(chunk)

    def finish(self) -> None:
        if self._found is not None:
            self._found.finish()

    def on_connection_close(self) -> None:
        if self._found is not None:
            self._found.on_connection_close()


def handler_of(name: str) -> type[RequestHandler]:
    """The handler that a table names."""
    module, _, handler = name.rpartition(".")
    return getattr(imported(f"{__package__}.{module}"), handler)


def imported(name: str) -> ModuleType:
    """A module, for threads: one imports at a time, since two that meet in a circle would see modules that are not ready."""
    with _importing:
        return import_module(name)


def _step(step: str) -> str:
    if step.startswith("{"):
        return "(.+)" if step.endswith("...}") else "([^/]+)"
    return step.replace(".", r"\.")
