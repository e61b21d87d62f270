"""Claude's export: `conversations.json`, alone or in the zip.

It names no models; an attachment is the text that Claude read in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...messages import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from . import fields
from .attached import Attached
from .bundle import Bundle, Origin, Skipped
from .links import is_web, link, placed
from .reading import each
from .source import Source
from .tree import Found, grow

_ROOT: Final = "00000000-0000-4000-8000-000000000000"
"""The parent of a conversation's first message."""


class Claude:
    """See the module."""

    product = "claude"
    label = "Claude"

    def recognises(self, source: Source) -> bool:
        """Entries with `chat_messages`; a single conversation may stand alone."""
        return "item.chat_messages" in source.shape or "chat_messages" in source.shape

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        prefix = "item" if "[]" in source.shape else ""
        return each(source.items(prefix), source.name, lambda item, place: _conversation(item, place, source))


def _conversation(item: Mapping[str, Any], place: str, source: Source) -> Bundle | Skipped:
    title = fields.name(item.get("name"))
    files = Attached(source.archive)
    said = list(fields.records(item.get("chat_messages")))
    nodes: list[Found] = []
    for number, message in enumerate(said):
        before = nodes[-1].id if nodes else None
        nodes.append(
            _node(message, fields.key(message.get("uuid")) or f"no. {number}", before, fields.name(item.get("model")), files)
        )
    begun, changed = fields.span(
        fields.time(item.get("created_at")), fields.time(item.get("updated_at")), *(node.at for node in nodes)
    )
    tree = grow(nodes, begun)
    if not tree.messages:
        return Skipped(title or place, "There is no message in it.")
    return Bundle(
        origin=Origin(Claude.product, fields.key(item.get("uuid")) or f"first:{tree.messages[0].id}"),
        title=title,
        model=fields.name(item.get("model")),
        created_at=begun,
        updated_at=changed,
        pinned=item.get("is_starred") is True,
        head=tree.head(fields.key(item.get("current_leaf_message_uuid")) or nodes[-1].id),
        messages=tree.messages,
        files=tuple(files.found.values()),
        notes=tuple(files.notes),
    )


def _node(message: Mapping[str, Any], id: str, before: str | None, model: str | None, files: Attached) -> Found:
    named = fields.key(message.get("parent_message_uuid"))
    parent = before if named is None else None if named == _ROOT else named
    role = "user" if message.get("sender") == "human" else "assistant"
    parts = _parts(message)
    text = fields.text(message.get("text"))
    if not parts and text.strip():  # older exports have nothing else
        parts.append(TextPart(text=text))
    for one in fields.records(message.get("attachments")):
        name = fields.name(one.get("file_name")) or "pasted.txt"
        text = fields.text(one.get("extracted_content"))
        parts.append(files.written(name, text, fields.text(one.get("file_type"))) if text else files.named(name))
    for one in (*fields.records(message.get("files")), *fields.records(message.get("files_v2"))):
        parts.append(files.named(fields.name(one.get("file_name"))))
    return Found(
        id=id,
        parent=parent,
        role=role,
        parts=tuple(parts),
        at=fields.time(message.get("created_at")),
        model=fields.name(message.get("model")) or model,
        finish_reason={"max_tokens": "length", "user_canceled": "stopped"}.get(fields.text(message.get("stop_reason"))),  # type: ignore[arg-type]
    )


def _parts(message: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = []
    last_call = ""
    for number, block in enumerate(fields.records(message.get("content"))):
        match block.get("type"):
            case "text" | "voice_note":
                text = fields.text(block.get("text"))
                if text.strip():
                    parts.append(TextPart(text=_cited(text, block)))
            case "thinking":
                thought = fields.text(block.get("thinking"))
                if thought.strip():
                    parts.append(ReasoningPart(text=thought, duration_ms=_duration(block)))
            case "tool_use":
                last_call = fields.key(block.get("id")) or f"call {number}"
                given = block.get("input")
                parts.append(
                    ToolCallPart(call_id=last_call, name=fields.name(block.get("name")) or "tool", arguments=_arguments(given))
                )
            case "tool_result":
                said = _said(block.get("content"))
                call = fields.key(block.get("tool_use_id")) or last_call
                inner = (TextPart(text=said),) if said.strip() else ()
                parts.append(ToolResultPart(call_id=call, ok=block.get("is_error") is not True, parts=inner))
            case "token_budget" | "flag" | None:
                pass
            case _:
                parts.append(TextPart(text=fields.fenced(fields.dumped(dict(block)), "json")))
    return parts


def _arguments(given: Any) -> str:
    return given if isinstance(given, str) and given.strip() else fields.dumped(given if given is not None else {})


def _said(content: Any) -> str:
    if isinstance(content, str):
        return fields.text(content)
    return "\n\n".join(filter(None, (_of_result(one) for one in fields.records(content))))


def _of_result(one: Mapping[str, Any]) -> str:
    """A piece of what a tool gave: text, or a page of the web."""
    text, url = fields.text(one.get("text")), fields.text(one.get("url"))
    if is_web(url):
        text = "\n".join(filter(None, (link(fields.name(one.get("title")) or url, url), text)))
    return text or (fields.dumped(dict(one)) if one.get("type") not in ("text", "image") else "")


def _cited(text: str, block: Mapping[str, Any]) -> str:
    spots: list[tuple[int, int, str]] = []
    for one in fields.records(block.get("citations")):
        about = fields.record(one.get("details")) or one
        url, end = fields.text(about.get("url")), one.get("end_index")
        if is_web(url) and type(end) is int and 0 <= end <= len(text):
            title = fields.name(one.get("title")) or fields.name(about.get("title")) or url
            spots.append((end, end, f" ({link(title, url)})"))
    return placed(text, spots)


def _duration(block: Mapping[str, Any]) -> float | None:
    begun, ended = fields.time(block.get("start_timestamp")), fields.time(block.get("stop_timestamp"))
    return (ended - begun).total_seconds() * 1000 if begun is not None and ended is not None and ended >= begun else None
