"""`Routes`: every address under `{base_url}llmhub/`, in two tables: our own contract, and the doors of others.

The handlers are imported with the first request.
"""

from __future__ import annotations

import re
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Router, Rule
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


class Routes(Router):
    """Our part of the server's addresses."""

    SUPPORTED_METHODS: tuple[str, ...] = ()
    """jupyter_server looks every target over for methods; ours stand in the handlers, which a test walks."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = re.escape(prefix)

    @cached_property
    def rules(self) -> list[Rule]:
        """Every route, the last one being "there is nothing here"."""
        known = [Rule(PathMatches(self._pattern(f"api/{path}")), handler_of(name)) for path, name in TABLE]
        doors = [Rule(PathMatches(self._pattern(f"v1/{path}")), handler_of(name)) for path, name in DOORS]
        nowhere = Rule(PathMatches(f"{self._prefix}v1/.*"), handler_of("handlers.doors.UnknownHandler"))
        return [*known, *doors, nowhere, Rule(PathMatches(".*"), handler_of("handler.UnknownHandler"))]

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """The first rule that fits; called by tornado."""
        for rule in self.rules:
            found = rule.matcher.match(request)
            if found is not None:
                return self._application.get_handler_delegate(request, rule.target, **found)
        return None

    def _pattern(self, path: str) -> str:
        steps = [_step(step) for step in path.split("/")]
        return f"{self._prefix}{'/'.join(steps)}"


def handler_of(name: str) -> type[RequestHandler]:
    """The handler that a table names."""
    module, _, handler = name.rpartition(".")
    return getattr(import_module(f".{module}", __package__), handler)


def _step(step: str) -> str:
    if step.startswith("{"):
        return "(.+)" if step.endswith("...}") else "([^/]+)"
    return step.replace(".", r"\.")
