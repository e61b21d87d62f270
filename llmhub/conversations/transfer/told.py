"""A conversation as people read it: which messages in which order, who said them and when, and what stands beside the words.

What Markdown, HTML and notebooks have in common; nothing here knows how it looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from ...errors import NotFound
from ...messages import CitationPart, Message, TextPart, ToolCallPart
from .bundle import Bundle, FileRef
from .export import Options


@dataclass(frozen=True, slots=True)
class Branch:
    """Messages that follow one another. `below`: what the first of them answers, where that was told before."""

    messages: tuple[Message, ...]
    below: Message | None = None


def branches(bundle: Bundle, options: Options) -> list[Branch]:
    """What is to be told: the branch that is shown (or ends at `leaf`) first, then what of the others was not told yet."""
    known = {message.id: message for message in bundle.messages}
    shown = _path(known, options.leaf or _shown(bundle))
    if options.branches == "path":
        return [Branch(tuple(shown))]
    told = {message.id for message in shown}
    found = [Branch(tuple(shown))]
    inner = {message.parent_id for message in bundle.messages}
    for leaf in bundle.messages:
        if leaf.id in inner:
            continue
        rest = [message for message in _path(known, leaf.id) if message.id not in told]
        if rest:
            told.update(message.id for message in rest)
            found.append(Branch(tuple(rest), known.get(rest[0].parent_id or "")))
    return found


def _shown(bundle: Bundle) -> str | None:
    if bundle.head is not None:
        return bundle.head
    inner = {message.parent_id for message in bundle.messages}
    leaves = [message for message in bundle.messages if message.id not in inner]
    return max(leaves, key=lambda message: message.created_at).id if leaves else None


def _path(known: dict[str, Message], leaf: str | None) -> list[Message]:
    if leaf is not None and leaf not in known:
        raise NotFound("There is no such message.", hint="Reload the conversation.", details={"message_id": leaf})
    path: list[Message] = []
    at = known.get(leaf or "")
    while at is not None:
        path.append(at)
        at = known.get(at.parent_id or "")
    return path[::-1]


def author(message: Message) -> str:
    """Who said it."""
    match message.role:
        case "user":
            return "You"
        case "assistant":
            return (message.model or "").rpartition("/")[2] or "Answer"
        case "system":
            return "Instructions"
        case "tool":
            return "Tool"


def who(message: Message) -> str:
    """Who said it, within a sentence."""
    return "you" if message.role == "user" else author(message)


def when(message: Message) -> str:
    """The minute it was said in."""
    return f"{message.created_at:%Y-%m-%d %H:%M} UTC"


def trouble(message: Message) -> str | None:
    """How an answer ended, where it did not end well."""
    match message.status:
        case "failed":
            return f"This answer failed: {message.error.message if message.error else 'nobody knows why'}"
        case "stopped":
            return "This answer was stopped."
        case "interrupted":
            return "This answer was interrupted."
        case "running" | "waiting":
            return "This answer was being written."
        case "complete":
            return None


def words_of(message: Message) -> Iterator[tuple[int, Any]]:
    """The parts with their numbers, adjacent texts as they are."""
    yield from enumerate(message.parts)


@dataclass(frozen=True, slots=True)
class Code:
    """What a tool was asked to run."""

    text: str
    language: str


def code_of(call: ToolCallPart) -> Code | None:
    """The code in a tool call, if that is what its arguments are."""
    try:
        arguments = json.loads(call.arguments)
    except ValueError:
        return None
    if not isinstance(arguments, dict):
        return None
    told = cast("dict[str, Any]", arguments)
    code = next((told[name] for name in ("code", "source") if isinstance(told.get(name), str)), None)
    language = told.get("language")
    return None if not code else Code(code, language if isinstance(language, str) else "python")


def address_of(citation: CitationPart) -> str | None:
    """Where a passage can be read on the web, if it can."""
    return next((text for text in (citation.locator, citation.file_id) if is_web(text)), None)


def is_web(address: str) -> bool:
    """Whether it is an address that a link may lead to."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(c.isspace() or c in '<>"' for c in address)


def files_of(bundle: Bundle) -> dict[str, FileRef]:
    """The files by their ids."""
    return {file.id: file for file in bundle.files}


def is_text(part: object) -> bool:
    """Whether it is words."""
    return isinstance(part, TextPart)
