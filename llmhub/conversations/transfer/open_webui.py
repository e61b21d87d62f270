"""Open WebUI's export: an array of chats, each a `history` of messages that know their parents.

What a model thought and which tools it called stand as `<details>` in the text of older exports, as `output` beside it in newer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ...messages import ErrorInfo, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from . import fields
from .attached import Attached
from .bundle import Bundle, Origin, Skipped
from .links import listed
from .options import params_of
from .ratings import of_open_webui
from .reading import each
from .source import Source
from .tree import Found, grow

_OPEN: Final = '<details type="'
_CLOSE: Final = "</details>"
_ATTRIBUTE: Final = re.compile(r'([a-z_]{1,40})="([^"]*)"')


class OpenWebUI:
    """See the module."""

    product = "open-webui"
    label = "Open WebUI"

    def recognises(self, source: Source) -> bool:
        """Entries whose `chat` has a history or messages; a single chat may stand alone; the oldest have no `chat` round it."""
        shape = source.shape
        return any(f"{at}chat.{part}" in shape for at in ("", "item.") for part in ("history", "messages")) or any(
            f"{at}history.messages" in shape and f"{at}history.currentId" in shape for at in ("", "item.")
        )

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        prefix = "item" if "[]" in source.shape else ""
        return each(source.items(prefix), source.name, lambda item, place: _conversation(item, place, source))


def _conversation(item: Mapping[str, Any], place: str, source: Source) -> Bundle | Skipped:
    chat = fields.record(item.get("chat")) or item
    title = fields.name(item.get("title")) or fields.name(chat.get("title"))
    history = fields.record(chat.get("history"))
    files = Attached(source.archive)
    nodes: list[Found] = []
    systems: list[str] = []
    by_id = fields.record(history.get("messages"))
    said = [(id, fields.record(message)) for id, message in by_id.items()]
    if not said:
        said = [(fields.key(one.get("id")) or f"no. {at}", one) for at, one in enumerate(fields.records(chat.get("messages")))]
    for id, message in said:
        if message.get("role") == "system":
            systems.append(fields.text(message.get("content")))
        before = nodes[-1].id if nodes and not by_id and "parentId" not in message else None
        nodes.append(_node(id, message, before, files))
    begun, changed = fields.span(
        fields.time(item.get("created_at")) or fields.time(chat.get("timestamp")),
        fields.time(item.get("updated_at")),
        *(node.at for node in nodes),
    )
    tree = grow(nodes, begun)
    if not tree.messages:
        return Skipped(title or place, "There is no message in it.")
    models = [name for name in map(fields.name, fields.rows(chat.get("models"))) if name]
    options = fields.record(chat.get("params"))
    system = fields.text(chat.get("system")) or fields.text(options.get("system")) or next(iter(systems), "")
    tags = [*fields.rows(fields.record(item.get("meta")).get("tags")), *fields.rows(chat.get("tags"))]
    return Bundle(
        origin=Origin(
            OpenWebUI.product, fields.key(item.get("id")) or fields.key(chat.get("id")) or f"first:{tree.messages[0].id}"
        ),
        title=title,
        model=models[0] if models else next((message.model for message in tree.messages if message.model), None),
        params=params_of({**options, "system": system}),
        created_at=begun,
        updated_at=changed,
        tags=tuple(tag for tag in (fields.text(one) or fields.text(fields.record(one).get("name")) for one in tags) if tag),
        pinned=item.get("pinned") is True,
        archived=item.get("archived") is True,
        head=tree.head(fields.key(history.get("currentId")) or (nodes[-1].id if not by_id else None)),
        messages=tree.messages,
        files=tuple(files.found.values()),
        notes=tuple(files.notes),
    )


def _node(id: str, message: Mapping[str, Any], before: str | None, files: Attached) -> Found:
    role, parent = message.get("role"), fields.key(message.get("parentId")) or before
    at = fields.time(message.get("timestamp"))
    if role not in ("user", "assistant"):
        return Found(id=id, parent=parent, role="assistant", at=at)
    answer = role == "assistant"
    parts = _output(message.get("output")) if answer else []
    if not any(isinstance(part, TextPart) for part in parts):
        parts = [*parts, *_content(message.get("content"), files, answer=answer)]
    elif (cited := listed(_sources(message))) and isinstance(parts[-1], TextPart):
        parts[-1] = TextPart(text=parts[-1].text + cited)
    if answer and (cited := listed(_sources(message))) and not _has(parts, cited):
        parts.append(TextPart(text=cited.lstrip("\n")))
    parts += _files(message, files)
    error = message.get("error")
    words = fields.text(error) or fields.text(fields.record(error).get("content")) or ("It failed." if error is True else "")
    failed = answer and bool(words)
    if failed and not parts:
        parts = [TextPart(text=words)]
    return Found(
        id=id,
        parent=parent,
        role="assistant" if answer else "user",
        parts=tuple(parts),
        at=at,
        model=fields.name(message.get("model")),
        status="failed" if failed else "interrupted" if answer and message.get("done") is False else "complete",
        usage=fields.usage(message.get("usage") or message.get("info")),
        error=ErrorInfo(code="provider_error", message=words[:2000]) if failed else None,
        finish_reason="error" if failed else None,
        rating=of_open_webui(message.get("annotation"), at or datetime.now(UTC)) if answer else None,
    )


def _has(parts: list[Part], text: str) -> bool:
    return any(text in part.text for part in parts if isinstance(part, TextPart))


def _sources(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in (*fields.records(message.get("sources")), *fields.records(message.get("citations"))):
        about = fields.record(one.get("source"))
        known = [about, *fields.records(one.get("metadata"))]
        for place in known:
            url = fields.text(place.get("url")) or fields.text(place.get("source"))
            yield fields.name(place.get("title")) or fields.name(place.get("name")) or url, url


def _files(message: Mapping[str, Any], files: Attached) -> Iterator[Part]:
    for one in fields.records(message.get("files")):
        inner = fields.record(one.get("file")) or one
        name = fields.name(one.get("name")) or fields.name(inner.get("filename"))
        text = fields.text(fields.record(inner.get("data")).get("content")) or fields.text(inner.get("content"))
        url = fields.text(one.get("url"))
        if text:
            yield files.written(name or "file.txt", text)
        else:
            yield files.linked(url, name) if url.startswith(("data:", "https://")) else files.named(name)
    for url in map(fields.text, fields.rows(message.get("images"))):
        if url:
            yield files.linked(url if url.startswith(("data:", "http")) else f"data:image/png;base64,{url}")


def _content(given: Any, files: Attached, *, answer: bool) -> list[Part]:
    if isinstance(given, str):
        said = fields.text(given)
        return list(unfolded(said)) if answer else [TextPart(text=said)] if said.strip() else []
    parts: list[Part] = []
    for one in fields.records(given):
        url = fields.record(one.get("image_url")).get("url")
        if (said := fields.text(one.get("text"))).strip():
            parts.append(TextPart(text=said))
        elif isinstance(url, str):
            parts.append(files.linked(url))
    return parts


def _output(given: Any) -> list[Part]:
    """An answer in the items of OpenAI's Responses API."""
    parts: list[Part] = []
    for number, one in enumerate(fields.records(given)):
        match one.get("type"):
            case "reasoning":
                said = _texts(one.get("content")) or _texts(one.get("summary"))
                seconds = fields.number(one.get("duration"))
                if said.strip():
                    parts.append(ReasoningPart(text=said, duration_ms=None if seconds is None else seconds * 1000))
            case "function_call":
                call = fields.key(one.get("call_id")) or f"call {number}"
                given_arguments = one.get("arguments")
                arguments = given_arguments if isinstance(given_arguments, str) else fields.dumped(given_arguments or {})
                parts.append(ToolCallPart(call_id=call, name=fields.name(one.get("name")) or "tool", arguments=arguments))
            case "function_call_output":
                said = fields.text(one.get("output")) or _texts(one.get("output"))
                inner = (TextPart(text=said),) if said.strip() else ()
                parts.append(ToolResultPart(call_id=fields.key(one.get("call_id")) or f"call {number}", ok=True, parts=inner))
            case _:
                if (said := _texts(one.get("content"))).strip():
                    parts.append(TextPart(text=said))
    return parts


def _texts(given: Any) -> str:
    if isinstance(given, str):
        return fields.text(given)
    return "\n\n".join(filter(None, (fields.text(one.get("text")) for one in fields.records(given))))


def unfolded(said: str) -> Iterator[Part]:
    """An answer with what is folded away in it as parts of their own. Takes time in proportion to its length."""
    done = 0
    while (start := said.find(_OPEN, done)) >= 0:
        head, end = said.find(">", start), said.find(_CLOSE, start)
        if head < 0 or end < head:
            break
        attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(said[start:head])}
        folded = tuple(_folded(attributes, said[head + 1 : end], start))
        if folded or attributes.get("type") in ("reasoning", "tool_calls"):
            if said[done:start].strip():
                yield TextPart(text=said[done:start].strip())
            yield from folded
        else:
            yield TextPart(text=said[done : end + len(_CLOSE)])
        done = end + len(_CLOSE)
    if said[done:].strip():
        yield TextPart(text=said[done:].strip() if done else said)


def _folded(attributes: Mapping[str, str], body: str, at: int) -> Iterator[Part]:
    if attributes.get("type") == "reasoning":
        if "</summary>" in body:
            body = body.partition("</summary>")[2]
        thought = "\n".join(line.removeprefix(">").removeprefix(" ") for line in html.unescape(body).strip().split("\n"))
        seconds = fields.number(attributes.get("duration"))
        if thought.strip():
            yield ReasoningPart(text=thought, duration_ms=None if seconds is None else seconds * 1000)
    elif attributes.get("type") == "tool_calls":
        call = attributes.get("id") or f"call {at}"
        yield ToolCallPart(
            call_id=call, name=attributes.get("name") or "tool", arguments=_unquoted(attributes.get("arguments", "")) or "{}"
        )
        if result := _unquoted(attributes.get("result", "")):
            yield ToolResultPart(call_id=call, ok=True, parts=(TextPart(text=result),))


def _unquoted(text: str) -> str:
    """JSON is written there as a JSON string."""
    if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
        try:
            import json

            inner = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return fields.text(inner) or text
    return text
