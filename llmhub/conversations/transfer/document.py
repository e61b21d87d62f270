"""Our own JSON: a whole conversation, lossless. `conversation.schema.json` beside this file describes it for others.

`{"format", "version", "conversation": {...}, "messages": [...], "summaries": [...], "files": [...]}`: each of the lists can be read
as a stream. A file's bytes are in `data` (base64), or beside the document under `path`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field

from ...errors import LLMHubError
from ...messages import Message
from ..values import FolderSettings, Summary
from .bundle import Bundle, FileRef

FORMAT: Final = "llmhub.conversation"
VERSION: Final = 1
SCHEMA: Final = Path(__file__).with_name("conversation.schema.json")
_PIECE: Final = 3 * 2**16
"""Bytes of a file that are encoded at a time; a multiple of three."""
_NOT_MESSAGES: Final = {"conversation_id", "sibling_ids", "run_id"}
"""What follows from the rest, or belongs to one store."""


class About(BaseModel):
    """What is known of the conversation itself."""

    model_config = ConfigDict(extra="ignore")
    id: str
    title: str | None = None
    model: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    folder: tuple[str, ...] = ()
    """Names of the folders that it lies in, the outermost first."""
    folder_settings: tuple[FolderSettings, ...] = ()
    """What each of these says to its conversations, in the same order."""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    archived: bool = False
    head: str | None = None
    """The leaf that is shown."""
    notes: tuple[str, ...] = ()
    """What could not be written, in words."""


class File(BaseModel):
    """A file that messages name by its id."""

    model_config = ConfigDict(extra="ignore")
    id: str
    name: str
    media_type: str
    size: int | None = None
    data: str | None = None
    """The bytes in base64."""
    path: str | None = None
    """Or where they are, from the folder or archive of this document."""
    fault: str | None = None
    """Why it could not be read when this was written; `data` is then not all of it."""


class Document(BaseModel):
    """A conversation as `llmhub export` writes it."""

    format: Literal["llmhub.conversation"] = FORMAT
    version: Literal[1] = VERSION
    conversation: About
    messages: tuple[Message, ...] = ()
    summaries: tuple[Summary, ...] = ()
    files: tuple[File, ...] = ()


PathOf = Callable[[FileRef], str | None]
"""Where a file is put beside the document; None: it could not be read."""


def write(bundle: Bundle, path_of: PathOf | None = None) -> Iterator[bytes]:
    """The document in pieces, a value to a line; no file is ever whole in memory. Blocks: it reads files.

    `path_of` None: the files are in the document. One that cannot be read is in `files` without bytes, with the reason in `fault`.
    """
    yield b'{"format": "%b", "version": %d,\n"conversation": ' % (FORMAT.encode(), VERSION)
    yield _json(about(bundle))
    yield b',\n"messages": ['
    for number, message in enumerate(bundle.messages):
        yield (b",\n" if number else b"\n") + _json(message_json(message))
    yield b'],\n"summaries": ['
    for number, summary in enumerate(bundle.summaries):
        yield (b",\n" if number else b"\n") + _json(summary_json(summary))
    yield b'],\n"files": ['
    for number, file in enumerate(bundle.files):
        yield b",\n" if number else b"\n"
        described = {"id": file.id, "name": file.name, "media_type": file.media_type, "size": file.size}
        if path_of is None:
            yield from _with_data(file, described)
        else:
            yield _json({**described, "path": path_of(file)})
    yield b"]}\n"


def as_value(bundle: Bundle) -> dict[str, Any]:
    """The same as one value, without any file's bytes and what folders say: what a notebook carries in its metadata."""
    return {
        "format": FORMAT,
        "version": VERSION,
        # What a folder tells its conversations is the person's, and a notebook is given to others.
        "conversation": about(replace(bundle, folder_settings=())),
        "messages": [message_json(message) for message in bundle.messages],
        "summaries": [summary_json(summary) for summary in bundle.summaries],
    }


def about(bundle: Bundle) -> dict[str, Any]:
    """The conversation without its messages; what is empty is left out."""
    said: dict[str, Any] = {
        "id": bundle.origin.id,
        "title": bundle.title,
        "model": bundle.model,
        "params": dict(bundle.params),
        "created_at": bundle.created_at,
        "updated_at": bundle.updated_at,
        "folder": bundle.folder,
        "folder_settings": [one.model_dump(exclude_none=True) for one in bundle.folder_settings],
        "tags": bundle.tags,
        "pinned": bundle.pinned,
        "archived": bundle.archived,
        "head": bundle.head,
        "notes": bundle.notes,
    }
    return pydantic_core.to_jsonable_python({name: value for name, value in said.items() if value not in (None, (), [], False, {})})


def message_json(message: Message) -> dict[str, Any]:
    """A message; `null` and what is as always are left out."""
    said = message.model_dump(mode="json", exclude_none=True, exclude=_NOT_MESSAGES)
    for name in ("adapted", "pinned", "starred"):
        if not said.get(name):
            said.pop(name, None)
    return said


def summary_json(summary: Summary) -> dict[str, Any]:
    """A summary."""
    return summary.model_dump(mode="json", exclude_none=True, exclude={"conversation_id"})


def schema_text() -> str:
    """The JSON schema of a document, as `conversation.schema.json` has it."""
    schema = Document.model_json_schema(mode="serialization")
    message: dict[str, Any] = schema["$defs"]["Message"]
    for name in _NOT_MESSAGES:
        message["properties"].pop(name, None)
    for definition in [schema, *schema["$defs"].values()]:
        # What is as always may be left out, and a later llmhub may say more.
        required = [name for name in definition.get("required", []) if "default" not in definition["properties"].get(name, {})]
        definition["required"] = [name for name in required if name not in (*_NOT_MESSAGES, "parent_id")]
        definition.pop("additionalProperties", None)
    schema["required"] = ["format", "version", "conversation", "messages"]
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1) + "\n"


def _with_data(file: FileRef, described: dict[str, Any]) -> Iterator[bytes]:
    yield _json(described)[:-1]
    begun = False
    try:
        with file.open() as opened:
            while piece := opened.read(_PIECE):
                yield base64.b64encode(piece) if begun else b', "data": "' + base64.b64encode(piece)
                begun = True
        yield b'"}' if begun else b', "data": ""}'
    except LLMHubError as exc:  # what came of it stays, and is known to be no file by the reason behind it
        yield (b'"' if begun else b"") + b', "fault": ' + _json(exc.message) + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")).encode(errors="replace")


if __name__ == "__main__":
    SCHEMA.write_text(schema_text())
