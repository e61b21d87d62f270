"""A whole conversation as one value, on its way in or out: its messages with all branches, and the files that they name.

It knows no database and no format. Its ids are its own: message ids are any strings, unique within the bundle, and a part's
`file_id` is the `id` of one of `files`. Who writes it into the store gives it new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from ...messages import Message
from ..values import FolderSettings, Summary

if TYPE_CHECKING:
    from .source import Source


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a conversation comes from; it makes a second import of the same thing find the first.

    `product` is a short lower-case name ("chatgpt"); our own is "llmhub", and `id` is then the conversation's id there.
    """

    product: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRef:
    """A file that messages name. Its bytes are read when somebody calls `open`."""

    id: str
    name: str
    media_type: str
    size: int | None
    """Bytes; None where nobody knows before reading."""
    open: Callable[[], BinaryIO]
    """To read from; the caller closes it. Raises our errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One conversation. Parents stand before their children in `messages`; their `conversation_id` means nothing."""

    origin: Origin
    title: str | None = None
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    created_at: datetime
    updated_at: datetime
    """When its last turn began."""
    folder: tuple[str, ...] = ()
    """The names of the folders it lies in, the outermost first."""
    folder_settings: tuple[FolderSettings, ...] = ()
    """Of each of these in turn, what its conversations are told; the last ones may be missing."""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    archived: bool = False
    head: str | None = None
    """The id of the leaf that is shown; None: the newest."""
    messages: tuple[Message, ...] = ()
    files: tuple[FileRef, ...] = ()
    summaries: tuple[Summary, ...] = ()
    """What stands for older turns; their `message_id` is one of `messages`."""
    notes: tuple[str, ...] = ()
    """In words for a person: what of it could not be read or is not what it was."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that does not come in, and why, in words for a person."""

    name: str
    """What it is called: a title, else the place in its file ("conversations.json, no. 7")."""
    reason: str


class Reader(Protocol):
    """One format. It goes by what is in a file, never by its name."""

    product: str
    """The `Origin.product` of what it reads."""
    label: str
    """The product's name as people write it."""

    def recognises(self, source: Source) -> bool:
        """Whether this is the reader's format; looks only at `source.shape`, or at the first bytes."""
        ...

    def read(self, source: Source) -> Iterator[Bundle | Skipped]:
        """The conversations one by one, each read when it is asked for. Blocks: call it in a thread.

        One that cannot be read is a `Skipped` and does not break the others. Raises our errors only for the file as a whole.
        """
        ...
