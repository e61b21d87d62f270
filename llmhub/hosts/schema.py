"""The JSON schema of everything that crosses the wire. `jlpm gen` turns it into `labextension/src/api/schema.ts`.

`python -m llmhub.hosts.schema` prints it. It lives among the hosts because it knows the bodies of requests and answers, but it
needs no web framework. Answers are described as they are written (what has a default is always there), requests as they are read.
"""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from .. import events, messages
from ..agents.ceilings import Ceiling
from ..agents.gauge import ContextView
from ..agents.importing import ImportPreview
from ..conversations import values
from ..providers.base import ModelInfo
from ..providers.parameters import Parameter
from .bodies.completion import CompletionBody, CompletionPiece
from .bodies.conversations import ConversationChanges, ConversationDraft, CopyStart, ForkStart
from .bodies.export import ExportAccepted
from .bodies.filing import FolderChanges, FolderStart, Many, ManyDone
from .bodies.imports import ImportAccepted, JobView
from .bodies.messages import HeadView, MessageChanges, MessageDraft, RatingDraft
from .bodies.presets import PresetChanges, PresetStart
from .bodies.providers import FieldView, FoundServer, Key, KindView, ProbeRequest, ProbeView, ProviderChanges, ProviderView
from .bodies.runs import ExchangesView, RunAccepted, RunStart, RunView
from .bodies.search import SearchNote
from .bodies.settings import ConfigView, SettingsChanges
from .bodies.summaries import Summaries, SummaryChanges, SummaryDraft
from .bodies.usage import CeilingChanges, CeilingsView

ANSWERS: Final[dict[str, Any]] = {
    "Part": messages.Part,
    "Message": messages.Message,
    "Usage": messages.Usage,
    "ErrorInfo": messages.ErrorInfo,
    "RunEvent": events.Event,
    "ModelInfo": ModelInfo,
    "Conversation": values.Conversation,
    "SearchHit": values.SearchHit,
    "SearchNote": SearchNote,
    "Mention": values.Mention,
    "TreeNode": values.Node,
    "StoredFile": values.StoredFile,
    "RunAccepted": RunAccepted,
    "Run": RunView,
    "Head": HeadView,
    "Exchanges": ExchangesView,
    "UsageTotal": values.UsageTotal,
    "ProviderField": FieldView,
    "UsageGroup": values.UsageGroup,
    "UsageReport": values.UsageReport,
    "ConversationUsage": values.ConversationUsage,
    "Ceiling": Ceiling,
    "ContextCount": ContextView,
    "Ceilings": CeilingsView,
    "ProviderInfo": ProviderView,
    "ProviderKey": Key,
    "ProviderKind": KindView,
    "ProviderVerdict": ProbeView,
    "FoundServer": FoundServer,
    "ServerConfig": ConfigView,
    "Parameter": Parameter,
    "CompletionPiece": CompletionPiece,
    "Preset": values.Preset,
    "Folder": values.Folder,
    "TagCount": values.TagCount,
    "FormerConversation": values.Former,
    "ManyDone": ManyDone,
    "Summary": values.Summary,
    "Rating": messages.Rating,
    "StarredMessage": values.StarredMessage,
    "RatedAnswer": values.RatedAnswer,
    "Summaries": Summaries,
    "ImportPreview": ImportPreview,
    "ImportAccepted": ImportAccepted,
    "ExportAccepted": ExportAccepted,
    "Job": JobView,
}
"""What TypeScript calls it → what the server writes."""

REQUESTS: Final[dict[str, Any]] = {
    "ConversationDraft": ConversationDraft,
    "ConversationChanges": ConversationChanges,
    "RunRequest": RunStart,
    "MessageDraft": MessageDraft,
    "ProviderChanges": ProviderChanges,
    "ProviderTest": ProbeRequest,
    "FolderStart": FolderStart,
    "FolderChanges": FolderChanges,
    "ManyRequest": Many,
    "PresetStart": PresetStart,
    "MessageChanges": MessageChanges,
    "RatingDraft": RatingDraft,
    "CopyStart": CopyStart,
    "ForkStart": ForkStart,
    "SummaryDraft": SummaryDraft,
    "SummaryChanges": SummaryChanges,
    "PresetChanges": PresetChanges,
    "SettingsChanges": SettingsChanges,
    "CeilingChanges": CeilingChanges,
    "CompletionRequest": CompletionBody,
}
"""What TypeScript calls it → what the server reads."""


class _Plain(GenerateJsonSchema):
    """As TypeScript wants it: no title on a field (it would become a type), and what is always written is required."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        inner: Any = field["schema"]
        if self.mode == "serialization" and inner["type"] == "default":
            return "default_factory" in inner or inner["default"] is not None
        return super().field_is_required(field, total)


def wire_schema() -> dict[str, Any]:
    """One JSON schema document; each wire type is one of its `$defs`."""
    definitions: dict[str, Any] = {}
    for name, kind in ANSWERS.items():
        definitions |= _definitions(name, kind, "serialization")
    for name, kind in REQUESTS.items():
        # A value that is also in an answer stays as the answer has it.
        definitions = _definitions(name, kind, "validation") | definitions
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": dict(sorted(definitions.items()))}


def _definitions(name: str, kind: Any, mode: JsonSchemaMode) -> dict[str, Any]:
    schema = TypeAdapter[Any](kind).json_schema(mode=mode, schema_generator=_Plain)
    inner: dict[str, Any] = schema.pop("$defs", {})
    return inner if schema == {"$ref": f"#/$defs/{name}"} else {**inner, name: {**schema, "title": name}}


if __name__ == "__main__":
    print(json.dumps(wire_schema(), indent=1))
