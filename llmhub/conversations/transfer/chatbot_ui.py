"""Chatbot UI's export (`version`, `history`, `folders`), and the bare array of conversations that its first version wrote.

It keeps no times: a conversation begins when it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ...messages import TextPart
from . import fields
from .bundle import Bundle, Origin, Skipped
from .options import params_of
from .reading import each
from .source import Source
from .tree import Found, grow


class ChatbotUI:
    """See the module."""

    product = "chatbot-ui"
    label = "Chatbot UI"

    def recognises(self, source: Source) -> bool:
        """A `history` of conversations beside `folders` or `version`; or an array of conversations with `name` and `messages`."""
        shape = source.shape
        if "history" in shape and "history.messages" not in shape:
            return "version" in shape or "folders" in shape
        return {"item.name", "item.messages", "item.messages.item.role", "item.messages.item.content"} <= shape

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        is_bare = "[]" in source.shape
        folders: dict[str, str] = {}
        if not is_bare:
            for one in source.items("folders.item"):
                about = fields.record(one)
                id, name = fields.key(about.get("id")), fields.name(about.get("name"))
                if id and name and about.get("type", "chat") == "chat":
                    folders[id] = name
        items = source.items("item" if is_bare else "history.item")
        return each(items, source.name, lambda item, place: _conversation(item, place, folders))


def _conversation(item: Mapping[str, Any], place: str, folders: Mapping[str, str]) -> Bundle | Skipped:
    title = fields.name(item.get("name"))
    about = item.get("model")
    model = fields.name(about) or fields.name(fields.record(about).get("id")) or fields.name(fields.record(about).get("name"))
    now = datetime.now(UTC)
    nodes: list[Found] = []
    for number, message in enumerate(fields.records(item.get("messages"))):
        text = fields.text(message.get("content"))
        role = "user" if message.get("role") == "user" else "assistant"
        parts = (TextPart(text=text),) if text.strip() and message.get("role") in ("user", "assistant") else ()
        nodes.append(Found(id=f"{number}", parent=nodes[-1].id if nodes else None, role=role, parts=parts, model=model))
    tree = grow(nodes, now)
    if not tree.messages:
        return Skipped(title or place, "There is no message in it.")
    folder = folders.get(fields.key(item.get("folderId")) or "")
    return Bundle(
        origin=Origin(ChatbotUI.product, fields.key(item.get("id")) or f"name:{title}"),
        title=title,
        model=model,
        params=params_of({"system": item.get("prompt"), "temperature": item.get("temperature")}),
        created_at=now,
        updated_at=now,
        folder=(folder,) if folder else (),
        head=tree.messages[-1].id,
        messages=tree.messages,
    )
