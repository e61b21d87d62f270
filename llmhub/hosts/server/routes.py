"""`Routes`: every address under `{base_url}llmhub/`, in one table. The handlers are imported with the first request."""

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
    ("conversations/{conversation_id}", "handlers.conversations.ConversationHandler"),
    ("conversations/{conversation_id}/messages", "handlers.messages.MessagesHandler"),
    ("conversations/{conversation_id}/messages/{message_id}", "handlers.messages.MessageHandler"),
    ("conversations/{conversation_id}/messages/{message_id}/restore", "handlers.messages.RestoreHandler"),
    ("conversations/{conversation_id}/tree", "handlers.messages.TreeHandler"),
    ("conversations/{conversation_id}/runs", "handlers.runs.ConversationRunsHandler"),
    ("runs", "handlers.runs.RunsHandler"),
    ("runs/{run_id}", "handlers.runs.RunHandler"),
    ("runs/{run_id}/stop", "handlers.runs.StopHandler"),
    ("runs/{run_id}/answer", "handlers.runs.AnswerHandler"),
    ("runs/{run_id}/exchange", "handlers.runs.ExchangeHandler"),
    ("runs/{run_id}/events", "handlers.events.EventsHandler"),
    ("stream", "stream.StreamHandler"),
    ("models", "handlers.models.ModelsHandler"),
    ("providers", "handlers.providers.ProvidersHandler"),
    ("providers/discover", "handlers.providers.DiscoverHandler"),
    ("providers/{name}", "handlers.providers.ProviderHandler"),
    ("providers/{name}/key", "handlers.providers.KeyHandler"),
    ("providers/{name}/test", "handlers.providers.TestHandler"),
    ("files", "handlers.files.FilesHandler"),
    ("files/{file_id}", "handlers.files.FileHandler"),
    ("usage", "handlers.usage.UsageHandler"),
    ("config", "handlers.config.ConfigHandler"),
    ("settings", "handlers.config.SettingsHandler"),
    ("openapi.json", "handlers.openapi.OpenAPIHandler"),
)
"""Address under `llmhub/api/` → its handler, as seen from here."""


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
        known = [Rule(PathMatches(self._pattern(path)), _handler(name)) for path, name in TABLE]
        return [*known, Rule(PathMatches(".*"), _handler("handler.UnknownHandler"))]

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """The first rule that fits; called by tornado."""
        for rule in self.rules:
            found = rule.matcher.match(request)
            if found is not None:
                return self._application.get_handler_delegate(request, rule.target, **found)
        return None

    def _pattern(self, path: str) -> str:
        steps = ["([^/]+)" if step.startswith("{") else step.replace(".", r"\.") for step in path.split("/")]
        return f"{self._prefix}api/{'/'.join(steps)}"


def handler_of(path: str) -> type[RequestHandler]:
    """The handler of an address in `TABLE`."""
    return _handler(dict(TABLE)[path])


def _handler(name: str) -> type[RequestHandler]:
    module, _, handler = name.rpartition(".")
    return getattr(import_module(f".{module}", __package__), handler)
