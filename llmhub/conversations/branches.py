"""Branches made, taken away and brought back by hand: what changes a conversation's tree without a run.

Deleting marks messages, so that it can be undone; what is marked is in no path, and a day later it is purged. Each deletion knows
which messages are its own: one within another stays deleted when the outer one is undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ..errors import Conflict, Invalid
from . import cursors, library, trees
from .changes import request_id_fault
from .runs import ACTIVE, write_parts
from .tables import conversations, deletions, messages, runs, summaries
from .values import NewMessage

_THERE = select(messages.c.id, messages.c.parent_id, messages.c.role, messages.c.status, messages.c.deleted_with).where(
    messages.c.id == bindparam("message"), messages.c.conversation_id == bindparam("conversation")
)
_REQUESTED = select(messages.c.id).where(
    messages.c.client_request_id == bindparam("request"), messages.c.conversation_id == bindparam("conversation")
)
_MOVE_HEAD = update(conversations).where(conversations.c.id == bindparam("place"))
_LOCK = select(conversations.c.id).where(conversations.c.id == bindparam("conversation")).with_for_update()


def check(new: NewMessage) -> None:
    """`Invalid` for what the tables could not hold or what means nothing."""
    faults = {
        "client_request_id": request_id_fault(new.client_request_id),
        "parts": None if new.parts else "should be at least one",
        "model": None if cursors.is_text(new.model or "") else "holds characters that cannot be stored",
    }
    if new.role == "user":
        told = {"model": new.model, "finish_reason": new.finish_reason}
        faults |= {name: "is only for an answer" for name, value in told.items() if value is not None}
    if errors := {name: why for name, why in faults.items() if why}:
        why = "; ".join(f"{name} {what}" for name, what in errors.items())
        raise Invalid(f"This cannot be saved: {why}.", hint="Correct the request and send it again.", details={"errors": errors})


def add(c: Connection, owner: str, conversation_id: str, message_id: str, new: NewMessage, now: datetime) -> str:
    """Save a message and show it; gives its id, or that of the one that the same request saved before."""
    library.require(c, owner, conversation_id, lock=True)
    if before := c.execute(_REQUESTED, {"request": new.client_request_id, "conversation": conversation_id}).scalar():
        return before
    _check_parent(c, conversation_id, new)
    row = {
        "id": message_id,
        "conversation_id": conversation_id,
        "parent_id": new.parent_id,
        "role": new.role,
        "status": "complete",
        "model": new.model,
        "finish_reason": new.finish_reason,
        "client_request_id": new.client_request_id,
        "created_at": now,
    }
    c.execute(insert(messages), row)
    write_parts(c, message_id, new.parts)
    c.execute(_MOVE_HEAD, {"place": conversation_id, "head_id": message_id, "updated_at": now})
    return message_id


def remove(c: Connection, owner: str, conversation_id: str, message_id: str, now: datetime) -> tuple[str | None, Sequence[str]]:
    """Take a message away with everything beneath it. Gives the head, and the runs that are answering in what is gone."""
    head = library.require(c, owner, conversation_id, lock=True)
    top = c.execute(_THERE, {"message": message_id, "conversation": conversation_id}).one_or_none()
    if top is None or top.deleted_with is not None:
        raise trees.no_message(message_id)
    below = {"top": message_id, "conversation": conversation_id}
    gone = set(c.execute(trees.BELOW, below).scalars())
    shown = trees.siblings_of(c, conversation_id, top.parent_id)
    c.execute(update(messages).where(messages.c.id.in_(trees.BELOW)).values(deleted_with=message_id), below)
    was = head if head in gone else None
    made = {"message_id": message_id, "conversation_id": conversation_id, "head_id": was, "created_at": now}
    c.execute(insert(deletions), made)
    if was is not None:
        nearest = _nearest(shown, message_id) or top.parent_id
        head = None if nearest is None else trees.newest_leaf(c, conversation_id, nearest)
        c.execute(_MOVE_HEAD, {"place": conversation_id, "head_id": head})
    running = select(runs.c.id, runs.c.message_id).where(runs.c.conversation_id == conversation_id, runs.c.finished_at.is_(None))
    return head, [run.id for run in c.execute(running) if run.message_id in gone]


def restore(c: Connection, owner: str, conversation_id: str, message_id: str) -> str | None:
    """Bring back what was taken away with a message, and show what was shown. One that is there stays as it is. Gives the head."""
    head = library.require(c, owner, conversation_id, lock=True)
    top = c.execute(_THERE, {"message": message_id, "conversation": conversation_id}).one_or_none()
    if top is None:
        raise trees.no_message(message_id)
    if top.deleted_with is None:
        return head
    above = top.parent_id and c.execute(_THERE, {"message": top.parent_id, "conversation": conversation_id}).one()
    outer = top.deleted_with if top.deleted_with != message_id else above and above.deleted_with
    if outer:
        raise Conflict(
            "An earlier message, which this one belongs to, was deleted.",
            hint="Restore that one first.",
            details={"message_id": outer},
        )
    own = messages.c.deleted_with == message_id
    c.execute(update(messages).where(own, messages.c.conversation_id == conversation_id).values(deleted_with=None))
    was = c.execute(select(deletions.c.head_id).where(deletions.c.message_id == message_id)).scalar()
    c.execute(delete(deletions).where(deletions.c.message_id == message_id))
    if was is None:
        return head
    c.execute(_MOVE_HEAD, {"place": conversation_id, "head_id": was})
    return was


def has_old(c: Connection, before: datetime) -> bool:
    """Whether there is something to purge."""
    return c.execute(select(deletions.c.message_id).where(deletions.c.created_at < before).limit(1)).first() is not None


def purge(c: Connection, before: datetime) -> None:
    """Delete for good what was taken away before a time."""
    old = select(deletions.c.message_id, deletions.c.conversation_id).where(deletions.c.created_at < before)
    for top, conversation_id in c.execute(old.order_by(deletions.c.message_id)).all():
        c.execute(_LOCK, {"conversation": conversation_id})
        if c.execute(delete(deletions).where(deletions.c.message_id == top, deletions.c.created_at < before)).rowcount:
            _purge(c, conversation_id, top)


def _purge(c: Connection, conversation_id: str, top: str) -> None:
    """Everything at and beneath `top`, what had been deleted before it included."""
    root = select(messages.c.id).where(messages.c.id == top).cte("everything", recursive=True)
    child = messages.alias("child")
    everything = select(root.union_all(select(child.c.id).join(root, child.c.parent_id == root.c.id)).c.id)
    c.execute(delete(runs).where(runs.c.conversation_id == conversation_id, runs.c.message_id.in_(everything)))
    c.execute(delete(deletions).where(deletions.c.message_id.in_(everything)))
    c.execute(delete(summaries).where(summaries.c.message_id.in_(everything)))
    c.execute(delete(messages).where(messages.c.id.in_(everything)))


def _check_parent(c: Connection, conversation_id: str, new: NewMessage) -> None:
    where = {"message": new.parent_id, "conversation": conversation_id}
    parent = None if new.parent_id is None else c.execute(_THERE, where).one_or_none()
    if new.parent_id is not None and (parent is None or parent.deleted_with is not None):
        raise trees.no_message(new.parent_id)
    if new.role == "assistant" and (parent is None or parent.role != "user"):
        raise Invalid(
            "An answer stands below a user's message.",
            hint="Give as parent_id the message that it answers.",
            details={"errors": {"parent_id": "is null" if parent is None else f"is a message of role {parent.role!r}"}},
        )
    if parent is not None and parent.status in ACTIVE:
        raise Conflict("The answer before this message is still being written.", hint="Wait for it, or stop it first.")


def _nearest(siblings: Sequence[str], message_id: str) -> str | None:
    """The sibling before a message, else the one behind it."""
    place = siblings.index(message_id)
    beside = siblings[place - 1 : place] or siblings[place + 1 : place + 2]
    return beside[0] if beside else None
