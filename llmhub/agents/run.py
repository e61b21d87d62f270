"""A turn being answered, as its watchers see it: numbered frames, in memory while the run lives. It outlives whoever watches.

Watchers pull: each remembers only how far it has read, so a slow one holds nothing and slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

from ..conversations.values import RunRecord
from ..events import Event, ReasoningDelta, TextDelta
from ..messages import Usage
from .answer import Answer
from .journal import Journal
from .log import Frame, RunLog

COALESCE: Final = 0.025
"""Seconds within which deltas of one part become one event. The first delta after a pause goes out at once."""

_Delta = TextDelta | ReasoningDelta


class Run:
    """One run of this process."""

    def __init__(self, record: RunRecord, answer: Answer, journal: Journal, earlier_usage: Usage | None = None) -> None:
        self.record = record
        self.answer = answer
        self.earlier_usage = earlier_usage
        self.log = RunLog(record.id)
        self.task: asyncio.Task[None] | None = None
        self.finished = False
        self._journal = journal
        self._waiting: list[_Delta] = []
        self._timer: asyncio.TimerHandle | None = None
        self._last_delta = 0.0
        self._watchers: set[asyncio.Event] = set()
        self._hidden: int | None = None

    def publish(self, event: Event) -> None:
        """Number `event` and wake the watchers; deltas that come in quick succession are joined."""
        if not isinstance(event, TextDelta | ReasoningDelta):
            self._release()
            self._append(event)
            return
        if self._waiting and not _continues(self._waiting[-1], event):
            self._release()
        loop = asyncio.get_running_loop()
        if self._timer is None and loop.time() - self._last_delta >= COALESCE:
            self._last_delta = loop.time()
            self._append(event)
            return
        self._waiting.append(event)
        if self._timer is None:
            self._timer = loop.call_at(self._last_delta + COALESCE, self._release)

    def finish(self, event: Event) -> Frame:
        """Number the last event without waking anybody: it is shown when it is stored (`show_end`)."""
        self._release()
        frame = self.log.append(event)
        self._journal.append(frame)
        self._hidden = frame.seq
        return frame

    def show_end(self) -> None:
        """Let the watchers see the end."""
        self.finished = True
        self._hidden = None
        self._wake()

    async def watch(self, after: int) -> AsyncIterator[Sequence[Frame]]:
        """The frames behind number `after`, then the live ones, until the run has finished."""
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            while True:
                news.clear()
                frames = [frame for frame in self.log.after(after) if frame.seq != self._hidden]
                if frames:
                    after = frames[-1].seq
                    yield frames
                elif self.finished:
                    return
                else:
                    await news.wait()
        finally:
            self._watchers.discard(news)

    def _append(self, event: Event) -> None:
        self._journal.append(self.log.append(event))
        self._wake()

    def _release(self) -> None:
        """Publish the deltas that waited, as one event."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            first = self._waiting[0]
            joined = first.model_copy(update={"text": "".join(delta.text for delta in self._waiting)})
            self._waiting.clear()
            self._last_delta = asyncio.get_running_loop().time()
            self._append(joined)

    def _wake(self) -> None:
        for news in self._watchers:
            news.set()


def _continues(before: _Delta, now: _Delta) -> bool:
    return before.type == now.type and before.part == now.part
