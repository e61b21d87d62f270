"""ChatGPT's export: `conversations.json`, since 2026 many of them in a zip, with pictures and attachments beside them.

A conversation is a `mapping` of nodes. One answer is a chain of them: thoughts, a call of a tool, its result, the text; here it is
one message again. Hidden and system nodes only hold links.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from ...errors import LLMHubError
from ...messages import FilePart, ImagePart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from . import fields
from .attached import Attached
from .bundle import Bundle, Origin, Skipped
from .links import is_web, link, placed
from .ratings import of_chatgpt, rated_by_chatgpt
from .reading import each
from .source import Source
from .tree import Found, grow

_CITED: Final = re.compile("\ue200[^\ue200\ue201]*\ue201|[\ue200-\ue20f]|【\\d{1,9}†[^】\n]{0,200}】")
"""Where newer answers point at sources; `content_references` says what they mean."""
_POINTER: Final = re.compile(r"(?:file-service|sediment)://?/?([A-Za-z0-9_-]{1,200})")
_TOOLS: Final = frozenset({"code", "execution_output", "tether_browsing_display", "tether_quote", "system_error"})
_BESIDE: Final = 64 * 2**20
"""Bytes of a file beside the conversations that is read: all of it is held."""
_SKIPPED_TYPES: Final = frozenset({"user_editable_context", "model_editable_context", "reasoning_recap", "app_pairing_content"})


class ChatGPT:
    """See the module."""

    product = "chatgpt"
    label = "ChatGPT"

    def recognises(self, source: Source) -> bool:
        """Entries with a `mapping`; a single conversation may stand alone."""
        shape = source.shape
        return "item.mapping" in shape or {"mapping", "current_node"} <= shape or {"mapping", "create_time"} <= shape

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        prefix = "item" if "[]" in source.shape else ""
        beside = _Beside(source)
        return each(source.items(prefix), source.name, lambda item, place: _conversation(item, place, source, beside))


class _Beside:
    """What lies in an export beside its conversations and is about them: names of files, and what was thought of answers."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def names(self) -> Mapping[str, Any]:
        """What the files of an export of 2026 were called: there they all end in `.dat`."""
        return next((fields.record(item) for item in self._items("conversation_asset_file_names.json", "")), dict[str, Any]())

    @cached_property
    def ratings(self) -> Mapping[str, Mapping[str, Any]]:
        """Ratings as they are written, by the message; the last one of a message counts."""
        found: dict[str, Mapping[str, Any]] = {}
        for item in self._items("message_feedback.json", "item"):
            if (id := rated_by_chatgpt(item)) is not None:
                found[id] = fields.record(item)
        return found

    def _items(self, name: str, prefix: str) -> Iterator[Any]:
        """The values in a file of the export; none where it is not there or broken: the conversations come in without it."""
        path = self._source.archive.find(name)
        if path is not None and self._source.archive.size(path) <= _BESIDE:
            with suppress(LLMHubError):
                yield from Source(self._source.archive, path).items(prefix)


def _conversation(item: Mapping[str, Any], place: str, source: Source, beside: _Beside) -> Bundle | Skipped:
    title = fields.name(item.get("title"))
    mapping = fields.record(item.get("mapping"))
    if not mapping:
        return Skipped(title or place, "It has no `mapping`: its messages are not in the export.")
    files = _Files(source, beside.names)
    default = fields.name(item.get("default_model_slug"))
    calls = {id for id, node in mapping.items() if _is_call(fields.record(fields.record(node).get("message")))}
    nodes = [_node(id, fields.record(node), default, calls, files, beside.ratings) for id, node in mapping.items()]
    begun, changed = fields.span(
        fields.time(item.get("create_time")), fields.time(item.get("update_time")), *(node.at for node in nodes)
    )
    tree = grow(nodes, begun)
    if not tree.messages:
        return Skipped(title or place, "There is no message in it.")
    id = fields.key(item.get("conversation_id")) or fields.key(item.get("id")) or f"first:{tree.messages[0].id}"
    models = [message.model for message in tree.messages if message.model]
    return Bundle(
        origin=Origin(ChatGPT.product, id),
        title=title,
        model=default or (models[-1] if models else None),
        created_at=begun,
        updated_at=changed,
        pinned=item.get("is_starred") is True or item.get("pinned_time") is not None,
        archived=item.get("is_archived") is True,
        head=tree.head(fields.key(item.get("current_node"))),
        messages=tree.messages,
        files=tuple(files.found.values()),
        notes=tuple(files.notes),
    )


def _is_call(message: Mapping[str, Any]) -> bool:
    """Whether an answer speaks to a tool instead of to the person."""
    asked, kind = message.get("recipient"), fields.record(message.get("content")).get("content_type")
    by = fields.record(message.get("author")).get("role")
    return by == "assistant" and isinstance(asked, str) and asked not in ("", "all") and kind in ("code", "text")


def _node(
    id: str,
    node: Mapping[str, Any],
    default: str | None,
    calls: Container[str],
    files: _Files,
    ratings: Mapping[str, Mapping[str, Any]],
) -> Found:
    message = fields.record(node.get("message"))
    parent = fields.key(node.get("parent"))
    author = fields.record(message.get("author"))
    role = author.get("role")
    metadata = fields.record(message.get("metadata"))
    content = fields.record(message.get("content"))
    at = fields.time(message.get("create_time"))
    hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if not content or role not in ("user", "assistant", "tool") or content.get("content_type") in _SKIPPED_TYPES or hidden:
        return Found(id=id, parent=parent, role="assistant", at=at)
    if role == "user":
        said = (*_parts(content, metadata, files), *files.attached(metadata))
        return Found(id=id, parent=parent, role="user", parts=said, at=at)
    tool = fields.text(author.get("name")) or "tool"
    model = fields.name(metadata.get("model_slug")) or default
    if role == "tool":
        known = parent is not None and parent in calls
        found = _result(parent if parent is not None and known else id, content, metadata, files)
        if not known and any(isinstance(part, ToolResultPart) for part in found):
            found = (ToolCallPart(call_id=id, name=tool, arguments="{}"), *found)
    elif id in calls:
        found = _call(id, fields.text(message.get("recipient")), content)
    else:
        found = (*_parts(content, metadata, files), *files.attached(metadata))
    unfinished = message.get("status") == "in_progress"
    rated = ratings.get(id) or ratings.get(fields.key(message.get("id")) or "")
    return Found(
        id=id,
        parent=parent,
        role="assistant",
        parts=found,
        at=at,
        model=model,
        joins=True,
        status="interrupted" if unfinished else "complete",
        finish_reason=_end(metadata) if not unfinished else "interrupted",
        rating=None if rated is None else of_chatgpt(rated, at or datetime.now(UTC)),
    )


def _end(metadata: Mapping[str, Any]) -> Any:
    kind = fields.record(metadata.get("finish_details")).get("type")
    return {"max_tokens": "length", "stop": "stop", "interrupted": "stopped"}.get(fields.text(kind))


def _call(id: str, tool: str, content: Mapping[str, Any]) -> tuple[Part, ...]:
    said = fields.text(content.get("text")) or "".join(part for part in fields.rows(content.get("parts")) if isinstance(part, str))
    arguments = said if said.lstrip()[:1] == "{" else fields.dumped({"code": said}) if said else "{}"
    return (ToolCallPart(call_id=id, name=tool, arguments=arguments),)


def _result(id: str, content: Mapping[str, Any], metadata: Mapping[str, Any], files: _Files) -> tuple[Part, ...]:
    """What a tool gave back. Pictures that it made are the answer itself."""
    found = (*_parts(content, metadata, files, plain=True), *files.attached(metadata), *_drawn(metadata, files))
    shown = tuple(part for part in found if isinstance(part, ImagePart))
    inner = tuple(
        part for part in found if isinstance(part, TextPart | FilePart) and (not isinstance(part, TextPart) or part.text.strip())
    )
    failed = content.get("content_type") == "system_error"
    result = (ToolResultPart(call_id=id, ok=not failed, parts=inner),) if inner else ()
    return (*result, *shown)


def _drawn(metadata: Mapping[str, Any], files: _Files) -> Iterator[Part]:
    """Plots that code made."""
    for message in fields.records(fields.record(metadata.get("aggregate_result")).get("messages")):
        if message.get("message_type") == "image" and (part := files.pointed(message.get("image_url"), {})) is not None:
            yield part


def _parts(content: Mapping[str, Any], metadata: Mapping[str, Any], files: _Files, *, plain: bool = False) -> tuple[Part, ...]:
    """The parts of one node. `plain`: as a tool gave it, without fences."""
    kind = content.get("content_type")
    if kind == "thoughts":
        thoughts = [
            "\n\n".join(
                filter(
                    None,
                    (f"**{summary}**" if (summary := fields.name(one.get("summary"))) else "", fields.text(one.get("content"))),
                )
            )
            for one in fields.records(content.get("thoughts"))
        ]
        said = "\n\n".join(filter(None, thoughts))
        return (ReasoningPart(text=said),) if said else ()
    if kind in ("text", "multimodal_text") or (kind is None and "parts" in content):
        return tuple(_mixed(content, metadata, files))
    if kind in _TOOLS:
        said = "\n".join(filter(None, (fields.text(content.get(name)) for name in ("title", "text", "result", "summary", "url"))))
        if not said.strip():
            return ()
        language = fields.text(content.get("language")) if kind == "code" else ""
        return (
            TextPart(text=said if plain else fields.fenced(said, language if language.isalnum() and language != "unknown" else "")),
        )
    return (TextPart(text=fields.fenced(fields.dumped(dict(content)), "json")),)


def _mixed(content: Mapping[str, Any], metadata: Mapping[str, Any], files: _Files) -> Iterator[Part]:
    waiting: list[str] = []
    for part in fields.rows(content.get("parts")):
        if isinstance(part, str):
            waiting.append(fields.text(part))
            continue
        pointed = fields.record(part)
        kind = pointed.get("content_type")
        if kind == "audio_transcription":
            waiting.append(fields.text(pointed.get("text")))
        elif (found := files.pointed(_pointer(pointed), pointed)) is not None:
            yield from _said(waiting, metadata)
            yield found
        elif pointed:
            waiting.append(fields.fenced(fields.dumped(dict(pointed)), "json"))
    yield from _said(waiting, metadata)


def _pointer(part: Mapping[str, Any]) -> Any:
    inner = fields.record(part.get("audio_asset_pointer"))  # voice: a frame with the sound in it
    return part.get("asset_pointer") or inner.get("asset_pointer")


def _said(waiting: list[str], metadata: Mapping[str, Any]) -> Iterator[Part]:
    said = "\n\n".join(one for one in waiting if one)
    waiting.clear()
    if said:
        yield TextPart(text=cited(said, metadata))


# ---- citations


def cited(said: str, metadata: Mapping[str, Any]) -> str:
    """An answer with its sources as links. Ranges that make no sense are left alone; marks that nothing explains are taken out."""
    spots: list[tuple[int, int, str]] = []
    for one in fields.records(metadata.get("citations")):
        about = fields.record(one.get("metadata"))
        url, called = fields.text(about.get("url")), fields.name(about.get("title"))
        start, end = one.get("start_ix"), one.get("end_ix")
        if is_web(url) and type(start) is int and type(end) is int and 0 <= start <= end <= len(said):
            spots.append((start, end, f" ({link(called or url, url)})"))
    for one in fields.records(metadata.get("content_references")):
        start, end = one.get("start_idx"), one.get("end_idx")
        mark = fields.text(one.get("matched_text"))
        if not mark.strip():
            continue
        if type(start) is not int or type(end) is not int or said[start:end] != mark:
            start = said.find(mark)  # counted in other units than ours
            end = start + len(mark)
        if start >= 0:
            spots.append((start, end, _reference(one)))
    linked = placed(said, spots)
    return linked if linked.isascii() else _CITED.sub("", linked)


def _reference(one: Mapping[str, Any]) -> str:
    links = [
        link(fields.name(item.get("title")) or url, url)
        for item in (*fields.records(one.get("items")), one)
        if is_web(url := fields.text(item.get("url")))
    ]
    return f" ({', '.join(dict.fromkeys(links))})" if links else fields.text(one.get("alt"))


# ---- files


class _Files(Attached):
    """The files of one conversation, by the pointers that ChatGPT has for them."""

    def __init__(self, source: Source, names: Mapping[str, Any]) -> None:
        super().__init__(source.archive)
        self._names = names
        self._named: set[str] = set()

    def pointed(self, pointer: Any, part: Mapping[str, Any]) -> Part | None:
        """The picture or file that a pointer means."""
        match = _POINTER.search(fields.text(pointer))
        if match is None:
            return None
        self._named.add(match[1])
        called = fields.name(part.get("filename"))
        return self._part(match[1], called, fields.text(part.get("mime_type")), else_called="A picture")

    def attached(self, metadata: Mapping[str, Any]) -> tuple[Part, ...]:
        """What hangs on a message, without the pictures that stand in it already."""
        found: list[Part] = []
        for one in fields.records(metadata.get("attachments")):
            id = fields.text(one.get("id"))
            if id and id not in self._named:
                kind = fields.text(one.get("mime_type") or one.get("mimeType"))
                found.append(self._part(id, fields.name(one.get("name")), kind))
        return tuple(found)

    def _part(self, id: str, called: str | None, kind: str, *, else_called: str | None = None) -> Part:
        if (known := self.found.get(id)) is not None:
            return self.part(known)
        path = self.archive.starting(id)
        if path is None:
            return self.missing(called or else_called)
        last = path.rpartition("/")[2]
        name = fields.name(self._names.get(last)) or called or last.removeprefix(id).lstrip("-_") or last
        return self.here(path, id=id, name=last if name.startswith(".") else name, media_type=kind or None)
