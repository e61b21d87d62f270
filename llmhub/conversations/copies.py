"""Forks and copies: a conversation, or a part of its tree, once more as a conversation of its own.

Rows go from table to table inside the database, so that 10,000 messages take a moment. Files are the same files; pins, stars,
ratings and summaries come along. Of an answer that is being written the copy has what was said so far, as interrupted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Column, Connection, MetaData, String, Table, bindparam, case, delete, insert, literal, null, select, update

from ..ids import ids_at
from ..messages import Part
from . import library, trees
from .changes import TITLE_CHARS, Changes
from .forks import picked
from .runs import ACTIVE, write_parts
from .search.copied import copied
from .tables import conversations, messages, parts, summaries, tags
from .values import ForkMode

_copied = Table(
    "llmhub_copied",
    MetaData(),
    Column("old", String(36), primary_key=True),
    Column("new", String(36), nullable=False),
    Column("parent", String(36)),
    prefixes=["TEMPORARY"],
)
_KEPT: Final = [
    *("role", "model", "usage", "finish_reason", "error", "instruction", "adapted", "pinned", "starred_at", "rating", "created_at")
]
"""Columns of a message that are the same in a copy."""
_SUMMARY: Final = [
    column.name for column in summaries.c if column.name not in ("id", "conversation_id", "message_id", "client_request_id")
]
_SOURCE = select(conversations).where(conversations.c.id == bindparam("conversation"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyDraft:
    """What is to be copied of whose. Without `at` everything is; `said`: what running answers have said so far, by message."""

    client_request_id: str | None = None
    at: str | None = None
    mode: ForkMode = "path"
    title: str | None = None
    said: Mapping[str, tuple[Part, ...]] = field(default_factory=dict[str, tuple[Part, ...]])


def copy(
    c: Connection, owner: str, conversation_id: str, new_conversation: str, draft: CopyDraft, now: datetime
) -> tuple[str, list[str]]:
    """Make it; gives its id, or that of the one that the same request made before, and the ids of its messages."""
    asked = draft.client_request_id
    if asked is not None and (before := library.requested(c, owner, asked)) is not None:
        return before, []
    head = library.require(c, owner, conversation_id, lock=True)
    nodes: Sequence[Any] = c.execute(trees.TREE, {"conversation": conversation_id}).all()
    if draft.at is not None and draft.at not in {node.id for node in nodes}:
        raise trees.no_message(draft.at)
    wanted = {node.id for node in nodes} if draft.at is None else picked(nodes, draft.at, draft.mode)
    taken = [node for node in nodes if node.id in wanted]
    source = c.execute(_SOURCE, {"conversation": conversation_id}).one()
    kind = "copy" if draft.at is None else "fork"
    given = {
        "title": draft.title or title_of(source.title, kind),
        "model": source.model,
        "params": source.params,
        "folder_id": source.folder_id,
    }
    made = library.create(c, owner, new_conversation, Changes.read(given), now, draft.client_request_id)
    if made != new_conversation:  # the same request came to another server at the same time
        return made, []
    tagged = select(literal(made), tags.c.tag).where(tags.c.conversation_id == conversation_id)
    c.execute(insert(tags).from_select(["conversation_id", "tag"], tagged))
    ids = dict(zip((node.id for node in taken), ids_at([node.created_at for node in taken]), strict=True))
    if ids:
        rows = [{"old": node.id, "new": ids[node.id], "parent": ids.get(node.parent_id)} for node in taken]
        _copied.create(c, checkfirst=False)
        c.execute(insert(_copied), rows)
        running = [node.id for node in taken if node.status in ACTIVE]
        _write(c, conversation_id, made, running, draft)
        copied(c, conversation_id, made, {ids[id] for id in running})
        if draft.at is None or draft.mode != "from_here":
            _write_summaries(c, conversation_id, made, now)
        _copied.drop(c, checkfirst=False)
        shown = _shown(taken, draft, head)
        c.execute(update(conversations).where(conversations.c.id == made).values(head_id=ids[shown]))
    return made, list(ids.values())


def title_of(title: str | None, kind: Literal["fork", "copy"]) -> str | None:
    """What a copy is called: "Bees (fork)", and that one's fork "Bees (fork 2)". Without a title it has none."""
    if not title:
        return None
    found = re.search(rf" \({kind}(?: (\d{{1,6}}))?\)$", title)
    mark = f" ({kind} {int(found[1] or 1) + 1})" if found else f" ({kind})"
    return (title[: found.start()] if found else title)[: TITLE_CHARS - len(mark)] + mark


# ---- steps


def _write(c: Connection, conversation_id: str, made: str, running: Sequence[str], draft: CopyDraft) -> None:
    """Messages and their parts."""
    new = {
        "id": _copied.c.new,
        "conversation_id": literal(made),
        "parent_id": _copied.c.parent,
        "status": case((messages.c.status.in_(ACTIVE), literal("interrupted")), else_=messages.c.status),
        "run_id": null(),
    }
    columns = [*new.values(), *(messages.c[name] for name in _KEPT)]
    copies = select(*columns).select_from(messages).join(_copied, _copied.c.old == messages.c.id)
    c.execute(insert(messages).from_select([*new, *_KEPT], copies))
    bodies = select(_copied.c.new, parts.c.idx, parts.c.type, parts.c.body).join(_copied, _copied.c.old == parts.c.message_id)
    c.execute(insert(parts).from_select(["message_id", "idx", "type", "body"], bodies))
    ids: dict[str, str] = {row.old: row.new for row in c.execute(select(_copied))} if running else {}
    for id in running:
        if said := draft.said.get(id):
            c.execute(delete(parts).where(parts.c.message_id == ids[id]))
            write_parts(c, ids[id], said)
    _point_quotes(c)


def _point_quotes(c: Connection) -> None:
    """A quote names the message that it is from: the copy of it, where there is one."""
    quotes = select(parts.c.message_id, parts.c.idx, parts.c.body).join(_copied, _copied.c.new == parts.c.message_id)
    for row in c.execute(quotes.where(parts.c.type == "quote")).all():
        there = c.execute(select(_copied.c.new).where(_copied.c.old == row.body.get("message_id"))).scalar()
        if there is not None:
            where = (parts.c.message_id == row.message_id, parts.c.idx == row.idx)
            c.execute(update(parts).where(*where).values(body={**row.body, "message_id": there}))


def _write_summaries(c: Connection, conversation_id: str, made: str, now: datetime) -> None:
    """Those whose message came along: all that they stand for came along with it."""
    of = select(summaries.c.id, _copied.c.new).join(_copied, _copied.c.old == summaries.c.message_id)
    found = c.execute(of.where(summaries.c.conversation_id == conversation_id).order_by(summaries.c.id)).all()
    for (old, message_id), new in zip(found, ids_at([now] * len(found)), strict=True):
        columns = [literal(new), literal(made), literal(message_id), *(summaries.c[name] for name in _SUMMARY)]
        row = select(*columns).where(summaries.c.id == old)
        c.execute(insert(summaries).from_select(["id", "conversation_id", "message_id", *_SUMMARY], row))


def _shown(taken: Sequence[Any], draft: CopyDraft, head: str | None) -> str:
    """The message that the copy ends with as it is shown."""
    if draft.at is not None and draft.mode != "from_here":
        return draft.at
    if any(node.id == head for node in taken) and head is not None:
        return head
    parents = {node.parent_id for node in taken}
    return [node.id for node in taken if node.id not in parents][-1]
