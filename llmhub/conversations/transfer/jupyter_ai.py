"""A `.chat` file of Jupyter AI and Jupyter Chat: messages of people and of personas, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from ...messages import OutputPart, Part, TextPart
from . import fields
from .attached import Attached
from .bundle import Bundle, Origin, Skipped
from .reading import each
from .source import Source
from .tree import Found, grow


class JupyterAI:
    """See the module."""

    product = "jupyter-ai"
    label = "Jupyter AI"

    def recognises(self, source: Source) -> bool:
        """`messages` with senders beside `users`."""
        shape = source.shape
        return {"messages", "users"} <= shape and ("messages.item.sender" in shape or "attachments" in shape or "metadata" in shape)

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """See `Reader`."""
        return each(source.items(""), source.name, lambda item, place: _conversation(item, source))


def _conversation(item: Mapping[str, Any], source: Source) -> Bundle | Skipped:
    title = PurePosixPath(source.name).stem or None
    users = fields.record(item.get("users"))
    files = Attached(source.archive)
    said = list(fields.records(item.get("messages")))
    bots = {
        sender for sender in (fields.text(one.get("sender")) for one in said) if _is_bot(sender, fields.record(users.get(sender)))
    }
    several = len({fields.text(one.get("sender")) for one in said} - bots) > 1
    attachments = fields.record(item.get("attachments"))
    nodes: list[Found] = []
    for number, message in enumerate(said):
        sender = fields.text(message.get("sender"))
        parts = [] if message.get("deleted") is True else _parts(message, attachments, files)
        if several and sender not in bots and parts and isinstance(parts[0], TextPart):
            about = fields.record(users.get(sender))
            name = fields.name(about.get("display_name")) or fields.name(about.get("name")) or "Somebody"
            parts[0] = TextPart(text=f"**{name}:** {parts[0].text}")
        nodes.append(
            Found(
                id=fields.key(message.get("id")) or f"no. {number}",
                parent=nodes[-1].id if nodes else None,
                role="assistant" if sender in bots else "user",
                parts=tuple(parts),
                at=fields.time(message.get("time")),
                model=fields.name(fields.record(message.get("metadata")).get("model")),
            )
        )
    begun, changed = fields.span(None, None, *(node.at for node in nodes))
    tree = grow(nodes, begun)
    if not tree.messages:
        return Skipped(title or source.name, "There is no message in it.")
    return Bundle(
        origin=Origin(JupyterAI.product, f"first:{nodes[0].id}"),
        title=title,
        created_at=begun,
        updated_at=changed,
        head=tree.head(nodes[-1].id),
        messages=tree.messages,
        files=tuple(files.found.values()),
        notes=tuple(files.notes),
    )


def _is_bot(sender: str, user: Mapping[str, Any]) -> bool:
    name = fields.text(user.get("display_name")) or fields.text(user.get("name"))
    return user.get("bot") is True or "persona" in sender.lower() or "jupyternaut" in (sender.lower(), name.lower())


def _parts(message: Mapping[str, Any], attachments: Mapping[str, Any], files: Attached) -> list[Part]:
    parts: list[Part] = []
    if (body := fields.text(message.get("body"))).strip():
        parts.append(TextPart(text=body))
    model = fields.record(message.get("mime_model"))
    if data := dict(fields.record(model.get("data"))):
        parts.append(OutputPart(mime_bundle=data, metadata=dict(fields.record(model.get("metadata")))))
    for id in fields.rows(message.get("attachments")):
        about = fields.record(attachments.get(id)) if isinstance(id, str) else fields.record(id)
        selected = fields.text(fields.record(about.get("selection")).get("content"))
        name = fields.name(about.get("value"))
        if selected and name:
            parts.append(files.written(PurePosixPath(name).name, selected))
        else:
            parts.append(files.named(name))
    return parts
