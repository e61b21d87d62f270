"""What the index holds of a message or title: an entry for each piece of its text, the same for both databases."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple

from . import contents
from .marks import TITLE, conversation_mark, has_mark, model_marks, owner_mark, role_mark
from .words import Terms, terms

PIECE: Final = 16_000
"""Characters of a message that one entry holds: PostgreSQL tells no positions apart beyond 16,383."""
OVERLAP: Final = 200
"""Characters that two pieces share, so that a phrase where they meet is found."""
BLOCK: Final = 1 << 14
"""Ids of one minute."""
_LATEST: Final = 1 << 48
_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """A piece of a message, or a title with its tags, as it is found."""

    subject: str
    piece: int
    owner: str
    at: datetime
    stream: str
    """Its words in their order, parted by blanks."""
    extras: str
    """What else it is found by: stems, parts of names, marks."""

    def packed(self) -> bytes:
        """Both, as they are kept to be weighed, and to be taken out of SQLite's full text again."""
        return zlib.compress(f" {self.stream} \n {self.extras} ".encode(), 1)

    def vector(self) -> str:
        """What PostgreSQL reads as a tsvector: words with their places, extras without. It gathers the places of a word itself.

        Words are letters and digits, so they stand without quotes, which take it a third longer to read.
        """
        said = [f"{word}:{place}" for place, word in enumerate(self.stream.split(), 1)]
        return " ".join([*said, *(f"'{extra}'" for extra in self.extras.split())])


def unpacked(packed: bytes) -> tuple[str, str]:
    """Stream and extras of an entry, as SQLite has them."""
    stream, _, extras = zlib.decompress(packed).decode().partition("\n")
    return stream.strip(), extras.strip()


def of_message(row: Any, bodies: Sequence[Any], names: Mapping[str, str]) -> list[Entry]:
    """`row`: id, conversation_id, owner, role, model, instruction, created_at. `names`: those of stored files, by id."""
    if not bodies:
        return []  # an answer that is being written
    marks = [owner_mark(row.owner), conversation_mark(row.conversation_id), role_mark(row.role)]
    pieces = [Terms([], [])]
    with _said(f"The message {row.id}"):
        marks += model_marks(row.model or "")
        marks += [has_mark(what) for what in sorted(contents.has_of(bodies))]
        pieces = [terms(piece) for piece in cut("\n".join(contents.texts_of(bodies, names, row.instruction)))]
    return [_entry(row.id, index, row.owner, row.created_at, made, marks) for index, made in enumerate(pieces)]


def of_title(row: Any, tagged: Sequence[str]) -> list[Entry]:
    """`row`: id, title, titled_owner, titled_at."""
    if not row.title and not tagged:
        return []
    made = Terms([], [])
    with _said(f"The title of the conversation {row.id}"):
        made = terms("\n".join((row.title or "", *tagged)))
    return [_entry(row.id, 0, row.titled_owner, row.titled_at, made, [owner_mark(row.titled_owner), TITLE])]


@contextmanager
def _said(what: str) -> Generator[None]:
    """A text that we cannot take apart is stored, whatever is wrong with us: the log has why it is not found."""
    try:
        yield
    except Exception:
        _log.exception("%s cannot be searched.", what)


def _entry(subject: str, piece: int, owner: str, at: datetime, made: Terms, marks: Sequence[str]) -> Entry:
    return Entry(subject, piece, owner, at, " ".join(made.stream), " ".join(sorted({*made.extras, *marks})))


def cut(whole: str) -> list[str]:
    """A text in pieces, at blanks where there are some."""
    pieces: list[str] = []
    at = 0
    while len(whole) - at > PIECE:
        end = max(whole.rfind(blank, at + PIECE // 2, at + PIECE) for blank in " \n")
        end = end if end > 0 else at + PIECE
        pieces.append(whole[at:end])
        at = end - OVERLAP
    pieces.append(whole[at:])
    return pieces


def minute(at: datetime) -> int:
    """The minute of a time, as ids count them."""
    return min(max(0, int(at.timestamp() // 60)), _LATEST // BLOCK)


def first_id(at: datetime) -> int:
    """The smallest id that something of that time, or later in its minute, can have."""
    return minute(at) * BLOCK
