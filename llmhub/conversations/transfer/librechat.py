"""LibreChat's export of a conversation: its messages as a list, or (recursive) as a tree of `children`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ...messages import ErrorInfo, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from . import fields
from .attached import Attached
from .bundle import Bundle, Origin, Skipped
from .options import params_of
from .ratings import of_librechat
from .reading import each
from .source import Source
from .tree import Found, grow

_ROOT: Final = "00000000-0000-0000-0000-000000000000"


class LibreChat:
    """See the module."""

    product = "librechat"
    label = "LibreChat"

    def recognises(self, source: Source) -> bool:
        """An object with `conversationId` and messages; several in an array are taken too."""
        shape = source.shape
        return any(
            f"{at}conversationId" in shape and (f"{at}messages" in shape or f"{at}messagesTree" in shape) for at in ("", "item.")
        )

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        prefix = "item" if "[]" in source.shape else ""
        return each(source.items(prefix), source.name, lambda item, place: _conversation(item, place, source))


def _conversation(item: Mapping[str, Any], place: str, source: Source) -> Bundle | Skipped:
    title = fields.name(item.get("title"))
    options = fields.record(item.get("options"))
    model = fields.name(options.get("model")) or fields.name(item.get("model"))
    files = Attached(source.archive)
    flat = _flat(item.get("messages") if isinstance(item.get("messages"), list) else item.get("messagesTree"))
    is_chain = not any("parentMessageId" in message for message, _ in flat)
    nodes: list[Found] = []
    for number, (message, above) in enumerate(flat):
        before = above or (nodes[-1].id if nodes and is_chain else None)
        nodes.append(_node(message, fields.key(message.get("messageId")) or f"no. {number}", before, model, files))
    begun, changed = fields.span(
        fields.time(item.get("createdAt")), fields.time(item.get("updatedAt")), *(node.at for node in nodes)
    )
    tree = grow(nodes, begun)
    if not tree.messages:
        return Skipped(title or place, "There is no message in it.")
    return Bundle(
        origin=Origin(LibreChat.product, fields.key(item.get("conversationId")) or f"first:{tree.messages[0].id}"),
        title=title,
        model=model or next((message.model for message in tree.messages if message.model), None),
        params=params_of(
            {**options, "system": options.get("promptPrefix") or options.get("system") or options.get("instructions")}
        ),
        created_at=begun,
        updated_at=changed,
        tags=tuple(tag for tag in map(fields.text, fields.rows(item.get("tags"))) if tag),
        pinned=item.get("pinned") is True,
        archived=item.get("isArchived") is True,
        head=tree.head(nodes[-1].id),
        messages=tree.messages,
        files=tuple(files.found.values()),
        notes=tuple(files.notes),
    )


def _flat(given: Any) -> list[tuple[Mapping[str, Any], str | None]]:
    """All messages with the id of the one that they are nested in, in the order of the file."""
    found: list[tuple[Mapping[str, Any], str | None]] = []
    waiting: list[tuple[Mapping[str, Any], str | None]] = [(message, None) for message in reversed(list(fields.records(given)))]
    while waiting:
        message, above = waiting.pop()
        found.append((message, above))
        id = fields.key(message.get("messageId")) or f"no. {len(found) - 1}"
        waiting += [(child, id) for child in reversed(list(fields.records(message.get("children"))))]
    return found


def _node(message: Mapping[str, Any], id: str, before: str | None, default: str | None, files: Attached) -> Found:
    parent = fields.key(message.get("parentMessageId")) or before
    mine = message.get("isCreatedByUser") is True or (
        "isCreatedByUser" not in message and fields.text(message.get("sender")).lower() == "user"
    )
    parts = _parts(message, files)
    for one in (*fields.records(message.get("files")), *fields.records(message.get("attachments"))):
        name = fields.name(one.get("filename"))
        text = fields.text(one.get("text"))
        address = fields.text(one.get("filepath"))
        parts.append(
            files.written(name or "file.txt", text) if text else files.linked(address, name) if address else files.missing(name)
        )
    at = fields.time(message.get("createdAt"))
    failed = message.get("error") is True
    unfinished = message.get("unfinished") is True
    return Found(
        id=id,
        parent=None if parent == _ROOT else parent,
        role="user" if mine else "assistant",
        parts=tuple(parts),
        at=at,
        model=fields.name(message.get("model")) or default,
        status="failed" if failed and not mine else "stopped" if unfinished and not mine else "complete",
        error=ErrorInfo(code="provider_error", message=fields.text(message.get("text"))[:2000] or "It failed.")
        if failed and not mine
        else None,
        finish_reason="error" if failed and not mine else "stopped" if unfinished and not mine else None,
        rating=None if mine else of_librechat(message.get("feedback"), at or datetime.now(UTC)),
    )


def _parts(message: Mapping[str, Any], files: Attached) -> list[Part]:
    parts: list[Part] = []
    for number, one in enumerate(fields.records(message.get("content"))):
        match one.get("type"):
            case "text":
                parts += _text(_value(one.get("text")))
            case "think":
                if (thought := _value(one.get("think"))).strip():
                    parts.append(ReasoningPart(text=thought))
            case "tool_call":
                parts += _call(fields.record(one.get("tool_call")), f"call {number}")
            case "image_file":
                about = fields.record(one.get("image_file"))
                parts.append(files.linked(fields.text(about.get("filepath")), fields.name(about.get("filename"))))
            case "image_url":
                about = one.get("image_url")
                parts.append(files.linked(fields.text(about) or fields.text(fields.record(about).get("url"))))
            case "error":
                parts += _text(_value(one.get("error")) or _value(one.get("text")))
            case "agent_update" | "steer" | None:
                pass
            case _:
                parts.append(TextPart(text=fields.fenced(fields.dumped(dict(one)), "json")))
    return parts or _text(fields.text(message.get("text")))


def _text(said: str) -> list[Part]:
    return [TextPart(text=said)] if said.strip() else []


def _value(given: Any) -> str:
    """A text, bare or as `{value}`."""
    return fields.text(given) or fields.text(fields.record(given).get("value"))


def _call(call: Mapping[str, Any], id: str) -> list[Part]:
    """A call of a tool with its result; those of OpenAI's assistants lie one level deeper."""
    inner = fields.record(call.get("function")) or fields.record(call.get("code_interpreter")) or call
    id = fields.key(call.get("id")) or id
    name = fields.name(inner.get("name")) or fields.name(call.get("type")) or "tool"
    given = inner.get("args", inner.get("arguments", inner.get("input", {})))
    arguments = given if isinstance(given, str) and given.strip() else fields.dumped(given or {})
    output = inner.get("output")
    said = fields.text(output) or (fields.dumped(output) if output else "")
    result = [ToolResultPart(call_id=id, ok=True, parts=(TextPart(text=said),))] if said.strip() else []
    return [ToolCallPart(call_id=id, name=name, arguments=fields.text(arguments)), *result]
