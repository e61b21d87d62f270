"""`Thread`: a path of a conversation as a model reads it: a summary of its beginning, what was pinned, and the messages after it.

It is read from its end in pages, so that a turn costs the same in a conversation of ten messages and of ten thousand. What has no
room is left out from the oldest on; what was pinned is never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import Final

from ..conversations.footing import Footing
from ..conversations.store import ConversationStore
from ..conversations.values import Summary
from ..ids import new_id
from ..messages import FilePart, ImagePart, Message, Part, TextPart, ToolResultPart
from ..providers.estimate import Estimate, family_of

FIRST: Final = 24
"""Messages that are read at once: enough for most."""
_PAGES: Final = (FIRST, 96, 400)
"""Messages to read at a time: who has room for more wants few trips."""
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
    """Tokens of it all; where it is shortened, of what was looked at before there was no more room."""
    estimate: Estimate = field(default_factory=Estimate)
    """As its reader counts, the attached files being looked up."""

    def anchor(self) -> tuple[Message, int] | None:
        """The last answer whose provider counted what it read, if that was this thread and the same tokeniser; its count."""
        if self.summary is not None or self.is_shortened:
            return None  # what the provider counted then may not be what it would read now
        if not self.estimate.sees and any(isinstance(part, ImagePart) for message in self.messages for part in message.parts):
            return None  # who counted may have seen it
        family = self.estimate.family
        for message in reversed(self.messages):
            used = message.usage
            if used is not None and used.input_tokens is not None and used.output_tokens is not None:
                was_whole = not any(each.what == "messages" for each in message.adapted)
                # What it only thought does not go back to it.
                count = used.input_tokens + used.output_tokens - (used.reasoning_tokens or 0)
                return (message, count) if was_whole and family_of(message.model or "") == family else None
        return None

    def counted(self, instructions: int) -> int:
        """Tokens of it all, beside `instructions`: up to the last answer as the provider counted, where it did."""
        if (anchor := self.anchor()) is None:
            return self.size
        answer, count = anchor
        newer = self.messages[self.messages.index(answer) + 1 :]
        return max(0, count - instructions) + sum(self.estimate.parts(message.parts) for message in newer)

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


async def read_thread(
    store: ConversationStore,
    owner: str,
    conversation_id: str,
    leaf: str | None,
    room: float,
    estimate: Estimate,
    footing: Footing | None = None,
) -> Thread:
    """The path to `leaf` within `room` tokens; its last message always. `footing`: what is known of it. Raises `NotFound`."""
    if leaf is None:
        return Thread(estimate=estimate)
    summaries = footing.summaries if footing is not None else await store.summaries(owner, conversation_id)
    page = footing.page if footing is not None else None
    made = {summary.message_id: summary for summary in summaries if summary.active}
    undone = {summary.message_id for summary in summaries if not summary.active}
    reading = _Reading(made, undone, room, estimate)
    cursor: str | None = None
    for size in chain(_PAGES, repeat(_PAGES[-1])):
        if page is None:
            page = await store.path(owner, conversation_id, leaf=leaf, limit=size, cursor=cursor, siblings=False)
        reading.files.update(await store.file_sizes(owner, _file_ids(page.items)))
        if not all(map(reading.take, reversed(page.items))) or page.next is None:
            break
        page, cursor = None, page.next
    pinned: Sequence[Message] = ()
    if reading.summary is not None or reading.is_full:
        pinned = await store.pinned(owner, conversation_id, leaf)
        reading.files.update(await store.file_sizes(owner, _file_ids(pinned)))
    return reading.thread(pinned)


class _Reading:
    """Takes messages from the newest on, until there is no room or a summary stands for the rest."""

    def __init__(self, made: dict[str, Summary], undone: set[str], room: float, estimate: Estimate) -> None:
        self.chosen: list[Message] = []
        """Newest first."""
        self.summary: Summary | None = None
        self.is_full = False
        self.files: dict[str, int] = {}
        """Bytes of attached files; filled page by page."""
        self._made = made
        self._undone = undone
        self._room = room
        self._estimate = replace(estimate, sizes=self.files)
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
        self._size += self._estimate.text(self.summary.text)
        if self.summary.parts is None:
            return False
        self._choose(message.model_copy(update={"parts": message.parts[self.summary.parts :]}))
        return not self.is_full

    def _choose(self, message: Message) -> None:
        size = self._estimate.parts(message.parts)
        self.is_full = self.is_full or (self._size + size > self._room and bool(self.chosen))
        if not self.is_full:
            self.chosen.append(message)
        self._size += size

    def thread(self, pinned: Sequence[Message]) -> Thread:
        """What has been read."""
        there = {message.id for message in self.chosen}
        above = [message for message in pinned if message.id not in there]
        used = sum(self._estimate.parts(message.parts) for message in (*above, *self.chosen))
        used += self._estimate.text(self.summary.text) if self.summary else 0
        while len(self.chosen) > 1 and (used > self._room or (self.is_full and self.chosen[-1].role != "user")):
            self.is_full = True  # and no wire accepts a history that begins with an answer
            left_out = self.chosen.pop()
            if left_out.pinned:
                above.append(left_out)
            else:
                used -= self._estimate.parts(left_out.parts)
        return Thread(self.chosen[::-1], self.summary, above, self.is_full, self._was_undone, max(self._size, used), self._estimate)


def _file_ids(messages: Iterable[Message]) -> set[str]:
    return {part.file_id for message in messages for part in _flat(message.parts) if isinstance(part, FilePart)}


def _flat(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, ToolResultPart):
            yield from _flat(part.parts)
