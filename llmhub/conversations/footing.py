"""`Footing`: what a turn begins from, as it is when the turn is written down: what its folders say, and the end of its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ..messages import Message
from . import folders, library, summaries
from .tables import conversations
from .values import Page, Summary

_SETTINGS = (
    select(*(conversations.c[name] for name in ("head_id", "title", "params", "folder_id")))
    .where(conversations.c.id == bindparam("conversation"), conversations.c.owner == bindparam("owner"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Footing:
    """A conversation as a turn finds it."""

    title: str | None
    folder_id: str | None
    instructions: tuple[str, ...]
    """What its folders say to its models, the outermost first."""
    summaries: list[Summary]
    page: Page[Message] | None
    """The end of the path with the question, without siblings; None: it was not read."""


def settings(c: Connection, owner: str, conversation_id: str) -> Row[Any]:
    """The owner's conversation (head_id, title, params, folder_id), whose other writers wait from now on; or `NotFound`."""
    row = c.execute(_SETTINGS, {"conversation": conversation_id, "owner": owner}).one_or_none()
    if row is None:
        raise library.no_conversation(conversation_id)
    return row


def of(c: Connection, conversation_id: str, settings: Row[Any], page: Page[Message] | None) -> Footing:
    """What is known of it, and what is to be known besides."""
    begins = page is not None and len(page.items) == 1 and page.next is None
    return Footing(
        title=settings.title,
        folder_id=settings.folder_id,
        instructions=folders.instructions_of(c, settings.folder_id),
        summaries=[] if begins else summaries.of_conversation(c, conversation_id),
        page=page,
    )
