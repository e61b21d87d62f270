"""`Ledger`: what providers are paid, entered once, whatever happens. It knows who pays for what; sums are the store's.

    bill = ledger.bill(principal.id, "chat", model, run=record)
    provider.stream(ModelRequest(..., bill=bill))
    await ledger.flush()

While a request is under way, what is known of it is noted in the journal, so that after `kill -9` the next server enters it.
When it has ended it goes to the store within a moment; a store that refuses is tried again, and the journal kept until it takes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

import orjson

from ..config.settings import Limits
from ..conversations.store import ConversationStore
from ..conversations.values import Entry, RunRecord, Settled, Source
from ..errors import LLMHubError
from ..ids import new_id
from ..messages import Usage
from ..money import nanos
from ..providers.base import Price
from ..providers.billing import PriceOf, cost_of
from ..providers.estimate import Estimate, text_size
from .ceilings import Ceilings
from .journal import Journal

STORE_AGAIN: Final = 3.0
"""Seconds until entries that could not be stored are tried again."""
NOTE_EVERY: Final = 1.0
"""Seconds between two notes of how much has been said: a crash forgets at most so much of an answer."""


class Ledger:
    """`alive` is called before the first entry and `idle` when nothing is under way and everything is stored."""

    def __init__(
        self,
        store: ConversationStore,
        journal: Journal,
        ceilings: Ceilings,
        *,
        alive: Callable[[], Awaitable[None]],
        idle: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self.ceilings = ceilings
        self._store = store
        self._journal = journal
        self._alive = alive
        self._idle = idle
        self._log = log
        self._open = 0
        self._waiting: dict[str, Entry] = {}
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._failed = False

    @property
    def is_idle(self) -> bool:
        """Nothing is under way, and all is stored."""
        return not self._open and not self._waiting

    def bill(
        self,
        owner: str,
        source: Source,
        asked: str,
        *,
        limits: Limits | None = None,
        run: RunRecord | None = None,
        conversation_id: str | None = None,
        folder_id: str | None = None,
        consented: bool = False,
    ) -> Account:
        """Who pays, and for what. `limits` are those that hold for them; `consented`: also beyond the ceilings."""
        where: dict[str, Any] = {"conversation_id": conversation_id, "folder_id": folder_id}
        if run is not None:
            where |= {"conversation_id": run.conversation_id, "run_id": run.id, "message_id": run.message_id}
        entry = Entry(
            id="", owner=owner, at=datetime.now(UTC), source=source, asked=asked, model="", provider="", outcome="failed", **where
        )
        return Account(self, entry, limits=None if consented else limits)

    async def flush(self) -> bool:
        """Return when what has ended is stored; False: the store refuses just now."""
        async with self._writing:
            batch = list(self._waiting.values())
            if not batch:
                return True
            try:
                await self._store.enter(batch)
            except LLMHubError as exc:
                if not self._failed:
                    self._log.error("llmhub cannot write its ledger: %s %s Trying again.", exc.message, exc.hint)
                self._failed = True
                return False
            self._failed = False
            for entry in batch:
                self._waiting.pop(entry.id, None)
        if self.is_idle:
            self._idle()
        return True

    async def aclose(self) -> bool:
        """Store what is left; False: the journal has to be kept."""
        self._closing.set()
        if self._writer is not None:
            await self._writer
        return await self.flush()

    # ---- for accounts

    async def begin(self) -> None:
        """A provider is about to be asked."""
        await self._alive()

    def opened(self) -> None:
        """A request is under way."""
        self._open += 1

    def note(self, entry: Entry) -> None:
        """Keep what is known of a request that is under way."""
        self._journal.note(orjson.dumps({"spent": entry}))

    def closed(self, entry: Entry | None) -> None:
        """A request has ended; None: it cost nothing."""
        self._open -= 1
        if entry is not None:
            self.note(entry)
            self._waiting[entry.id] = entry
            self.ceilings.add(entry)
            if self._writer is None or self._writer.done():
                self._writer = asyncio.get_running_loop().create_task(self._write(), name="llmhub ledger")
        elif self.is_idle:
            self._idle()

    async def _write(self) -> None:
        while self._waiting and not await self.flush() and not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), STORE_AGAIN)


class Account:
    """`Bill` of one question: all its attempts, at whichever provider, are entered with what it was for."""

    def __init__(self, ledger: Ledger, entry: Entry, *, limits: Limits | None) -> None:
        self._ledger = ledger
        self._entry = entry
        self._limits = limits

    def instead(self, source: Source, asked: str | None = None) -> Account:
        """The same for something else that the question needs, such as a summary; `asked`: of another model.

        A title belongs to the conversation and to no message, whose price it would change after the fact.
        """
        message = None if source == "title" else self._entry.message_id
        entry = replace(self._entry, source=source, asked=asked or self._entry.asked, message_id=message)
        return Account(self._ledger, entry, limits=self._limits)

    async def admit(self, model: str, price: Price | None) -> None:
        """Raises `QuotaExceeded`. What costs nothing is always admitted."""
        if self._limits is not None and price is not None and (price.input or price.output):
            await self._ledger.ceilings.admit(self._entry.owner, self._limits)
        await self._ledger.begin()

    def open(self, model: str, estimate: int, price: PriceOf) -> Attempt:
        """A provider is being asked."""
        provider = model.partition("/")[0]
        entry = replace(self._entry, id=new_id(), at=datetime.now(UTC), model=model, provider=provider)
        return Attempt(self._ledger, entry, estimate, price)


class Attempt:
    """`Slip` of one request to one provider."""

    def __init__(self, ledger: Ledger, entry: Entry, estimate: int, price: PriceOf) -> None:
        self._ledger = ledger
        self._entry = entry
        self._estimate = estimate
        self._price = price
        self._usage = Usage()
        self._said = 0
        self._accepted = False
        self._noted_at = 0.0
        ledger.opened()

    def accepted(self) -> None:
        """From now on it may cost something."""
        self._accepted = True
        self._note()

    def reported(self, usage: Usage) -> None:
        """The last report counts."""
        if usage != self._usage:
            self._usage = usage
            self._note()

    def said(self, text: str) -> None:
        """More has come."""
        self._said += text_size(text)
        if monotonic() - self._noted_at > NOTE_EVERY:
            self._note()

    def close(self, outcome: Settled) -> None:
        """It has ended."""
        self._ledger.closed(self._settled(outcome))

    def _note(self) -> None:
        self._noted_at = monotonic()
        if (entry := self._settled("lost")) is not None:
            self._ledger.note(entry)

    def _settled(self, outcome: Settled) -> Entry | None:
        """The entry as it is if this is the end; None: as far as we know nothing is to be paid."""
        used = self._usage
        is_reported = any((used.input_tokens, used.output_tokens, used.cost_usd))
        is_due = outcome == "finished" or is_reported or self._said > 0 or (self._accepted and outcome != "failed")
        if not is_due:
            return None
        guessed_input = self._estimate if used.input_tokens is None else 0
        input_tokens = (used.input_tokens or 0) + guessed_input
        reported_output = used.output_tokens or 0
        # A complete report needs no guess; of an answer that was cut, the report may be from its beginning.
        is_complete = outcome == "finished" and used.output_tokens is not None
        guessed_output = 0 if is_complete else max(0, Estimate.of(self._entry.model).bytes(self._said) - reported_output)
        output_tokens = reported_output + guessed_output
        cached_tokens = used.cached_tokens or 0
        cost: int | None = None
        if used.cost_usd is not None and not guessed_output:
            cost = nanos(used.cost_usd)
        elif (price := self._price(input_tokens)) is not None:
            cost = cost_of(
                price,
                input_tokens=input_tokens,
                cached_tokens=cached_tokens,
                written_tokens=used.cache_write_tokens or 0,
                output_tokens=output_tokens,
            )
        return replace(
            self._entry,
            outcome=outcome,
            input_tokens=input_tokens,
            cached_tokens=cached_tokens,
            output_tokens=output_tokens,
            reasoning_tokens=used.reasoning_tokens or 0,
            guessed_input=guessed_input,
            guessed_output=guessed_output,
            nanos=cost,
        )


def entry_of(noted: dict[str, Any]) -> Entry | None:
    """What the journal noted, as an entry; None for what is none (a torn line, a newer llmhub's)."""
    known = {field.name for field in fields(Entry)}
    try:
        values: dict[str, Any] = {name: value for name, value in noted.items() if name in known}
        values["at"] = datetime.fromisoformat(noted["at"])
        return Entry(**values)
    except (TypeError, ValueError, KeyError):
        return None
