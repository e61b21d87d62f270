"""What a run says, as its watchers see it: numbered frames, in memory while the run lives. It outlives whoever watches.

Watchers pull: each remembers only how far it has read, so a slow one holds nothing and slows nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from ..events import Event
from .log import Frame, RunLog


class Broadcast:
    """The events of one run of this process."""

    def __init__(self, run_id: str) -> None:
        self.log = RunLog(run_id)
        self.finished = False
        self._shown = 0
        self._watchers: set[asyncio.Event] = set()

    def append(self, event: Event) -> Frame:
        """Number `event` and show it."""
        frame = self.log.append(event)
        self.show(frame.seq)
        return frame

    def show(self, upto: int) -> None:
        """Let the watchers have the frames up to this number."""
        self._shown = max(self._shown, upto)
        for news in self._watchers:
            news.set()

    async def watch(self, after: int) -> AsyncIterator[Sequence[Frame]]:
        """The frames behind number `after`, then the live ones, until the run has finished.

        Who claims to have seen more than there is gets the last one again.
        """
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            while True:
                news.clear()
                frames = self.log.after(after, upto=self._shown)
                if frames:
                    after = frames[-1].seq
                    yield frames
                elif self.finished:
                    if after > self.log.last_seq:
                        yield self.log.after(self.log.last_seq - 1)
                    return
                else:
                    await news.wait()
        finally:
            self._watchers.discard(news)
