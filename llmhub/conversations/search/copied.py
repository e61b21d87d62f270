"""The index of messages that were copied: their entries are those of the originals but for the conversation's mark.

To take 10,000 texts apart once more takes seconds. What is not done here, for whatever reason, `index.settle` does as for any other
message.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from . import index
from .direct import Direct, Statement
from .entries import Entry, unpacked
from .marks import conversation_mark

_log = logging.getLogger(__name__)
# `llmhub_copied`: the table of old and new ids that `copies` works with.
_ORIGINALS: Final = (
    "SELECT k.new, e.piece, e.owner, m.created_at, e.terms FROM llmhub_copied k JOIN search_entries e ON e.subject = k.old"
    " JOIN messages m ON m.id = k.new WHERE NOT EXISTS (SELECT 1 FROM search_backlog b WHERE b.id = k.old)"
    " ORDER BY k.new, e.piece"
)
_DONE: Final = "DELETE FROM search_stale WHERE id {among}"


def copied(c: Connection, source: str, made: str, without: Collection[str]) -> None:
    """Entries for the messages of the conversation `made` that are copies of what `source` has; for none of `without`."""
    direct = Direct(c)
    try:
        with index.undone_if_it_fails(direct):
            _copy(direct, source, made, without)
    except Exception as exc:  # nothing of the index keeps a conversation from being copied
        if not direct.goes_on:
            raise
        _log.warning("The search index of %s cannot be copied: that of %s is made from its texts.", source, made, exc_info=exc)


def _copy(direct: Direct, source: str, made: str, without: Collection[str]) -> None:
    before, after = (conversation_mark(id).encode() for id in (source, made))
    index.lock(direct)
    new: list[tuple[Entry, bytes]] = []
    for subject, piece, owner, at, held in direct.ask(Statement(_ORIGINALS))[0]:
        if subject not in without:
            packed = zlib.compress(zlib.decompress(held).replace(before, after), 1)
            time = datetime.fromisoformat(at) if isinstance(at, str) else at
            new.append((Entry(subject, piece, owner, time, *unpacked(packed)), packed))
    ids = index.next_ids(direct, [entry.at for entry, _ in new])
    done = Statement(_DONE, (direct.ids({entry.subject for entry, _ in new}),))
    index.put(direct, [(id, *one) for id, one in zip(ids, new, strict=True)], after=[done])
