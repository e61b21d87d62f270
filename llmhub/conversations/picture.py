"""Every message of a conversation without its body, as JSON text: enough to draw the tree.

Rows become text at once. As checked values 10,000 messages took three times as long, and every other request waited for it.
"""

from __future__ import annotations

from typing import Final

import orjson
from sqlalchemy import Connection, Text, cast, func, select

from . import excerpts, trees
from .tables import messages, parts

_said = parts.alias("said")
_NODES_SAYING: Final = trees.TREE.add_columns(
    # Another type than JSON, whose functions refuse U+0000 on PostgreSQL.
    select(func.substr(cast(_said.c.body, Text), 1, excerpts.READ))
    .where(_said.c.message_id == messages.c.id, _said.c.type == "text")
    .order_by(_said.c.idx)
    .limit(1)
    .scalar_subquery()
)


def written(c: Connection, conversation_id: str, *, with_excerpts: bool = False) -> bytes:
    """A list of `Node`s, oldest first. `with_excerpts`: each with its first words."""
    where = {"conversation": conversation_id}
    if not with_excerpts:
        return _json([_node(*row, None) for row in c.execute(trees.TREE, where).all()])
    nodes: list[dict[str, object]] = []
    unread: dict[str, dict[str, object]] = {}
    for *row, beginning in c.execute(_NODES_SAYING, where).all():
        words = excerpts.of_beginning(beginning) if beginning else None
        nodes.append(_node(*row, words or None))
        if words == "":
            unread[row[0]] = nodes[-1]  # another part says something, or this one does so further on
    for id, words in excerpts.of_messages(c, list(unread)).items():
        unread[id]["excerpt"] = words
    return _json(nodes)


_NAMES: Final = ("id", "parent_id", "role", "status", "model", "created_at", "pinned", "starred", "excerpt")


def _node(*values: object) -> dict[str, object]:
    return dict(zip(_NAMES, values, strict=True))


def _json(nodes: list[dict[str, object]]) -> bytes:
    """Times as everywhere on the wire."""
    return orjson.dumps(nodes, option=orjson.OPT_UTC_Z)
