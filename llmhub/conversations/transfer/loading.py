"""A conversation out of the store as a bundle: one moment's view of it, with the files that its messages name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ...messages import Message
from ..files import FileStore
from ..store import ConversationStore
from ..values import FolderSettings
from .bundle import Bundle, Origin
from .writer import OURS, named_files

Overlay = Callable[[Sequence[Message]], Awaitable[Sequence[Message]]]
"""Messages that are being answered, with what has been said so far."""


async def load(
    store: ConversationStore, files: FileStore, owner: str, conversation_id: str, overlay: Overlay | None = None
) -> Bundle:
    """Raises `NotFound`. A file whose row is gone is not in `files`, and said in `notes`."""
    whole = await store.whole(owner, conversation_id)
    conversation, messages = whole.conversation, whole.messages
    if overlay is not None and any(message.status in ("running", "waiting") for message in messages):
        messages = list(await overlay(messages))
    named = {id for message in messages for id in named_files(message.parts)}
    refs = await files.refs(owner, named)
    lost = len(named) - len(refs)
    return Bundle(
        origin=Origin(OURS, conversation.id),
        title=conversation.title,
        model=conversation.model,
        params=conversation.params,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        folder=whole.folder,
        folder_settings=whole.folder_settings if any(one != FolderSettings() for one in whole.folder_settings) else (),
        tags=conversation.tags,
        pinned=conversation.pinned,
        archived=conversation.archived,
        head=conversation.head_id,
        messages=tuple(messages),
        files=tuple(refs),
        summaries=tuple(whole.summaries),
        notes=()
        if not lost
        else (f"{lost} {'file that is named is' if lost == 1 else 'files that are named are'} not there any more.",),
    )
