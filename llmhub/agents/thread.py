"""`Thread`: a path of a conversation as a model reads it: a summary of its beginning, what was pinned, and the messages after it.

It is read from its end in pages, so that a turn costs the same in a conversation of ten messages and of ten thousand. What has no
room is left out from the oldest on; what was pinned is never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

from ..conversations.store import ConversationStore
from ..conversations.values import Summary
from ..ids import new_id
from ..messages import ImagePart, Message, Part, QuotePart, ReasoningPart, TextPart

BYTES_PER_TOKEN: Final = 4
_PAGES: Final = (24, 96, 400)
"""Messages to read at a time: the first page is enough for most, and who has room for more wants few trips."""
_IMAGE_TOKENS: Final = 1_500
_SUMMARY: Final = (
    "This conversation is longer than what you can read at once. Its earlier part is summarised here; what follows the summary "
    "stands as it was said.\n\n<summary>\n{}\n</summary>"
)
_LEFT_OUT: Final = "The beginning of this conversation does not fit here and is left out."
_PINNED: Final = " The user pinned these messages of it, which stand as they were said:"


@dataclass(frozen=True, slots=True)
class Thread:
    """What of a path goes into a request. `messages` are those behind the summary, in order; the first may lack its first parts."""

    messages: Sequence[Message] = ()
    summary: Summary | None = None
    pinned: Sequence[Message] = ()
    """Those of them that are not in `messages`."""
    is_shortened: bool = False
    """The oldest messages behind the summary had no room."""
    was_undone: bool = False
    """There is a summary on this part of the path that somebody undid."""
    size: int = 0
    """Bytes of it all; where it is shortened, of what was looked at before there was no more room."""

    def as_messages(self) -> list[Message]:
        """The messages of a request, beginning with the user's."""
        if self.summary is None and not self.pinned:
            return list(self.messages)
        words = _LEFT_OUT if self.summary is None else _SUMMARY.format(self.summary.text)
        first = (self.messages or self.pinned or [None])[0]
        begin = Message(
            id=new_id(),
            conversation_id="" if first is None else first.conversation_id,
            parent_id=None,
            role="user",
            status="complete",
            parts=(TextPart(text=words + (_PINNED if self.pinned else "")),),
            created_at=self.summary.created_at if self.summary else self.pinned[0].created_at,
        )
        return [begin, *self.pinned, *self.messages]


async def read_thread(store: ConversationStore, owner: str, conversation_id: str, leaf: str | None, room: float) -> Thread:
    """The path to `leaf` within `room` bytes; its last message always. Raises `NotFound`."""
    if leaf is None:
        return Thread()
    summaries = await store.summaries(owner, conversation_id)
    made = {summary.message_id: summary for summary in summaries if summary.active}
    undone = {summary.message_id for summary in summaries if not summary.active}
    reading = _Reading(made, undone, room)
    cursor: str | None = None
    for size in chain(_PAGES, repeat(_PAGES[-1])):
        page = await store.path(owner, conversation_id, leaf=leaf, limit=size, cursor=cursor, siblings=False)
        cursor = page.next
        if not all(map(reading.take, reversed(page.items))) or cursor is None:
            break
    pinned: Sequence[Message] = ()
    if reading.summary is not None or reading.is_full:
        pinned = await store.pinned(owner, conversation_id, leaf)
    return reading.thread(pinned)


class _Reading:
    """Takes messages from the newest on, until there is no room or a summary stands for the rest."""

    def __init__(self, made: dict[str, Summary], undone: set[str], room: float) -> None:
        self.chosen: list[Message] = []
        """Newest first."""
        self.summary: Summary | None = None
        self.is_full = False
        self._made = made
        self._undone = undone
        self._room = room
        self._size = 0
        self._was_undone = False

    def take(self, message: Message) -> bool:
        """One more message; False: no further one is wanted."""
        if self.summary is not None:  # the question of an answer that a summary stands for in part: it goes before the rest of it
            self._choose(message)
            return False
        self._was_undone |= message.id in self._undone
        self.summary = self._made.get(message.id)
        if self.summary is None:
            self._choose(message)
            return not self.is_full or bool(self._made)  # without room, only a summary is still looked for
        self._size += size_of((TextPart(text=self.summary.text),))
        if self.summary.parts is None:
            return False
        self._choose(message.model_copy(update={"parts": message.parts[self.summary.parts :]}))
        return not self.is_full

    def _choose(self, message: Message) -> None:
        size = size_of(message.parts)
        self.is_full = self.is_full or (self._size + size > self._room and bool(self.chosen))
        if not self.is_full:
            self.chosen.append(message)
        self._size += size

    def thread(self, pinned: Sequence[Message]) -> Thread:
        """What has been read."""
        there = {message.id for message in self.chosen}
        above = [message for message in pinned if message.id not in there]
        used = sum(size_of(message.parts) for message in (*above, *self.chosen))
        used += len(self.summary.text.encode(errors="replace")) if self.summary else 0
        while len(self.chosen) > 1 and (used > self._room or (self.is_full and self.chosen[-1].role != "user")):
            self.is_full = True  # and no wire accepts a history that begins with an answer
            left_out = self.chosen.pop()
            if left_out.pinned:
                above.append(left_out)
            else:
                used -= size_of(left_out.parts)
        return Thread(self.chosen[::-1], self.summary, above, self.is_full, self._was_undone, max(self._size, used))


def size_of(parts: Sequence[Part]) -> int:
    """About how many bytes of a request these are; a picture counts as what it usually costs."""
    return sum(_part_size(part) for part in parts)


def _part_size(part: Part) -> int:
    match part:
        case TextPart() | ReasoningPart() | QuotePart():
            return len(part.text.encode(errors="replace"))
        case ImagePart():
            return _IMAGE_TOKENS * BYTES_PER_TOKEN
        case _:
            return len(part.model_dump_json(exclude={"provider_metadata"}))
