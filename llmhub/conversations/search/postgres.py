"""What PostgreSQL has of the index: its full text, and the statements that take what waits with all that is known of it.

Who changes the index has its lock. It is taken by a statement of its own: only the next one sees what the last owner of the lock
has written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .entries import BLOCK
from .marks import TITLE

BATCH: Final = 500
"""So much of what waits is taken at a time."""
LOCK: Final = 0x6C6C6D736561
"""PostgreSQL's advisory lock ("llmsea")."""
IS_TITLE: Final = f"vector @@ '''{TITLE}'''::tsquery"
"""Titles have a full text of their own, which is small: of a common word all matches would be gathered for a few."""

KNOWN: Final = "w.id, m.conversation_id, m.role, m.model, m.instruction, m.created_at, c.owner, t.owner, t.title, t.created_at"
JOINED: Final = (
    " LEFT JOIN messages m ON m.id = w.id LEFT JOIN conversations c ON c.id = m.conversation_id"
    " LEFT JOIN conversations t ON t.id = w.id"
)
# One row for each, however many: what a sub-select gathers is found by its index.
ALL: Final = (
    f" SELECT {KNOWN},"
    " (SELECT array_agg(CAST(p.body AS TEXT) ORDER BY p.idx) FROM parts p WHERE p.message_id = w.id),"
    " (SELECT array_agg(g.tag ORDER BY g.tag) FROM tags g WHERE g.conversation_id = t.id),"
    f" h.ids, h.terms, b.first, (SELECT max(e.id) FROM search_entries e WHERE e.id BETWEEN b.first AND b.first + {BLOCK - 1})"
    f" FROM (SELECT id FROM waiting LIMIT {{most}}) w{JOINED} CROSS JOIN LATERAL"
    " (SELECT array_agg(e.id ORDER BY e.piece) AS ids, array_agg(e.terms ORDER BY e.piece) AS terms"
    " FROM search_entries e WHERE e.subject = w.id) h CROSS JOIN LATERAL"
    f" (SELECT CAST(floor(date_part('epoch', coalesce(m.created_at, t.created_at)) / 60) AS bigint) * {BLOCK} AS first) b"
)
"""Of `waiting`, a table of ids. `{most}`: of so many."""
# Only where something waits: whoever writes nothing that is searched waits for nobody.
LOCKED: Final = f"SELECT pg_advisory_xact_lock({LOCK}) FROM (SELECT FROM search_stale LIMIT 1) one"
_TAKE: Final = f"DELETE FROM search_stale WHERE ctid = ANY(ARRAY(SELECT ctid FROM search_stale LIMIT {BATCH})) RETURNING id"
TAKEN: Final = f"WITH waiting AS ({_TAKE}){ALL.format(most=BATCH)}"


def install(words: str) -> Iterator[str]:
    """What makes it, where it is not there. `words`: what the full text is called."""
    # A message of usual length stays in its row: else its vector is packed, put elsewhere, and fetched back for each index.
    yield "ALTER TABLE search_entries SET (toast_tuple_target = 8160)"
    yield f"CREATE INDEX IF NOT EXISTS {words}_vector ON search_entries USING gin (vector)"
    yield f"CREATE INDEX IF NOT EXISTS {words}_titles ON search_entries USING gin (vector) WHERE {IS_TITLE}"


def is_there(words: str) -> str:
    """A condition: whether the full text is found by its index."""
    return f"to_regclass('{words}_vector') IS NOT NULL"
