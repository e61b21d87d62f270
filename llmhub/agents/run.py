"""A turn being answered: a `Broadcast` whose deltas are joined, and whose frames go to the journal too."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from ..conversations.footing import Footing
from ..conversations.values import RunRecord
from ..events import Event, ReasoningDelta, RunFinished, TextDelta
from ..messages import Usage
from ..policy import Rules
from ..providers.billing import Bill
from ..providers.exchange import Recorder
from .answer import Answer
from .broadcast import Broadcast
from .journal import Journal
from .log import Frame

COALESCE: Final = 0.025
"""Seconds within which deltas of one part become one event. The first delta after a pause goes out at once."""

_Delta = TextDelta | ReasoningDelta


class Run(Broadcast):
    """One run of this process. Without a journal it reaches no disk, as a temporary conversation should not."""

    def __init__(
        self,
        record: RunRecord,
        answer: Answer,
        journal: Journal | None,
        earlier_usage: Usage | None = None,
        instruction: str | None = None,
        recorder: Recorder | None = None,
        bill: Bill | None = None,
    ) -> None:
        super().__init__(record.id)
        self.record = record
        self.bill = bill
        self.recorder = recorder
        self.instruction = instruction
        self.answer = answer
        self.earlier_usage = earlier_usage
        self.rules: Rules | None = None
        """What whoever asked may do; None: everything."""
        self.footing: Footing | None = None
        """What was read when it began, until its request is built."""
        self.task: asyncio.Task[None] | None = None
        self._journal = journal
        self._waiting: list[_Delta] = []
        self._timer: asyncio.TimerHandle | None = None
        self._last_delta = 0.0

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

    def said(self) -> list[Frame]:
        """Everything numbered so far; deltas that waited are numbered now."""
        self._release()
        return self.log.after(0, most=len(self.log))

    def finish(self, event: RunFinished) -> None:
        """Say the last event: it is stored by now, so whoever sees it finds the answer in the store."""
        self._release()
        self._append(event)
        self.finished = True
        self.show(self.log.last_seq)

    def _append(self, event: Event) -> None:
        """Number it; the watchers get it once a killed server would not lose it."""
        if self._journal is None:
            self.append(event)
            return
        frame = self.log.append(event)
        self._journal.append(frame, partial(self.show, frame.seq))

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


def _continues(before: _Delta, now: _Delta) -> bool:
    return before.type == now.type and before.part == now.part
