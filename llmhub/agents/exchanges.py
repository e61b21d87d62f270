"""What went over the wire in the last runs of this process: in memory only, for the *details* of an answer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from ..errors import ExchangeGone
from ..providers.exchange import Exchange, Recorder

KEPT: Final = 64
"""Runs."""
_BY_LITELLM: Final = (
    "litellm speaks to this provider by itself. The request is what litellm was given and the response what it gave, not the bytes "
    "on the wire."
)
_NOTHING: Final = "Nothing went over the wire: the model is a script, or the answer ended before a provider was asked."


class Exchanges:
    """The recorders of the newest runs, by run."""

    def __init__(self) -> None:
        self._recorders: OrderedDict[str, Recorder] = OrderedDict()

    def begin(self, run_id: str) -> Recorder:
        """Where a new run's attempts are recorded."""
        recorder = self._recorders[run_id] = Recorder()
        while len(self._recorders) > KEPT:
            self._recorders.popitem(last=False)
        return recorder

    async def end(self, run_id: str) -> None:
        """A run has ended: what is kept of it is bounded from now on."""
        recorder = self._recorders.get(run_id)
        if recorder is None:
            return
        if recorder.is_large:
            await asyncio.to_thread(recorder.settle)
        else:
            recorder.settle()

    async def show(self, run_id: str) -> tuple[list[Exchange], str | None]:
        """A run's attempts, and a note on what cannot be seen. Raises `ExchangeGone`."""
        recorder = self._recorders.get(run_id)
        if recorder is None:
            raise gone()
        items = await asyncio.to_thread(recorder.show())
        if not items:
            return items, _NOTHING
        return items, _BY_LITELLM if any(item.method == "litellm" for item in items) else None


def gone() -> ExchangeGone:
    """The answer to a run of long ago, of another server, or of somebody else."""
    return ExchangeGone(
        "What went over the wire for this answer is not kept any more.",
        hint=f"It is kept in memory for the last {KEPT} answers, until the server restarts. Ask again to see it.",
    )
