"""Runs of other processes: following those whose owner lives, and storing as interrupted what a dead one had said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ..conversations.store import ConversationStore
from ..conversations.values import RunOutcome, RunRecord
from ..errors import Interrupted, NotFound, words
from ..events import Adapted, PartEnded, ReasoningDelta, RunFinished, TextDelta, event_adapter
from ..messages import Adaptation, ErrorInfo, Message, Part, ReasoningPart, TextPart, ToolCallPart, Usage
from . import journal as journals
from .ledger import entry_of
from .log import Frame, encode, pack

SILENT: Final = timedelta(seconds=45)
"""A process on another host that has not beaten for this long counts as dead."""
POLL: Final = 0.1
"""Seconds between two looks into the journal of another living process."""


class Recovery:
    """What this process knows of the others on the same data."""

    def __init__(self, store: ConversationStore, folder: Path, process_id: str, log: logging.Logger) -> None:
        self._store = store
        self._folder = folder
        self._process_id = process_id
        self._log = log
        self._sweeping = asyncio.Lock()
        self._swept = False

    async def sweep(self) -> None:
        """Once per process: settle every run whose owner is dead, and let go of what was deleted long ago."""
        async with self._sweeping:
            if not self._swept:
                for record in await self._store.unfinished_runs():
                    await self._settle(record)
                await self._inherit_left_journals()
                await self._store.purge()
                self._store.start_indexing()
                self._swept = True

    async def bury(self, conversation_id: str) -> bool:
        """Settle what processes that died left in one conversation; whether others than this one answered in it at all."""
        async with self._sweeping:
            others = [
                record
                for record in await self._store.unfinished_runs()
                if record.conversation_id == conversation_id and record.process_id != self._process_id
            ]
            for record in others:
                await self._settle(record)
        return bool(others)

    async def settled(self, record: RunRecord) -> RunRecord:
        """The record as it is; a running one whose owner is dead is stored as interrupted first."""
        if record.status != "running" or record.process_id == self._process_id:
            return record
        async with self._sweeping:
            await self._settle(record)
        return await self._store.run(record.owner, record.id)

    async def current(self, message: Message) -> Message:
        """A running message of another process, with what it has said so far, or as interrupted if its owner is dead."""
        if message.run_id is None:
            return message
        record = await self.settled(await self._store.run_of(message.run_id))
        if record.status != "running":
            return await self._store.message(record.owner, message.id, deleted=True)
        frames = await asyncio.to_thread(journals.read_frames, self._path(record), record.id)
        return message.model_copy(update={"parts": (*message.parts, *parts_of(frames.get(record.id, [])))})

    async def follow(self, record: RunRecord, after: int) -> AsyncIterator[Sequence[Frame]]:
        """What another living process says in this run, until it has ended or its owner is dead."""
        while True:
            running = (await self.settled(await self._store.run_of(record.id))).status == "running"
            frames = (await asyncio.to_thread(journals.read_frames, self._path(record), record.id)).get(record.id, [])
            if frames[after:]:
                yield frames[after:]
                after = len(frames)
            if not running or (frames and frames[-1].type == "run.finished"):
                return
            await asyncio.sleep(POLL)

    # ---- the dead

    async def _settle(self, record: RunRecord) -> None:
        if await self.is_dead(record.process_id):
            await self._inherit(record.process_id)

    async def _inherit(self, process_id: str) -> None:
        with journals.inherit(self._folder, process_id) as remains:
            if remains is None:
                return
            if entries := [entry for spent in remains.spent if (entry := entry_of(spent)) is not None]:
                await self._store.enter(entries)
            unfinished = [run for run in await self._store.unfinished_runs() if run.process_id == process_id]
            for run in unfinished:
                await self._interrupt(run, remains.frames.get(run.id, []))
            for run_id in remains.frames.keys() - {run.id for run in unfinished}:
                await self._complete(run_id, remains.frames[run_id])

    async def _complete(self, run_id: str, frames: list[Frame]) -> None:
        """A server elsewhere took this run for interrupted, without the journal: here is what had been said."""
        try:
            record = await self._store.run_of(run_id)
        except NotFound:
            return
        if record.status == "interrupted" and record.last_seq < len(frames):
            await self._interrupt(record, frames)

    async def is_dead(self, process_id: str) -> bool:
        """Whether a process that had runs is gone."""
        if process_id == self._process_id:
            return False
        locked = await asyncio.to_thread(journals.is_locked, self._folder, process_id)
        if locked:
            return False
        if locked is False and journals.is_here(process_id):
            return True
        beat = await self._store.last_beat(process_id)
        return beat is None or datetime.now(UTC) - beat > SILENT

    async def _interrupt(self, record: RunRecord, frames: list[Frame]) -> None:
        """Store what was said. A run that had already said its end keeps it: only the store had missed it."""
        message = await self._store.message(record.owner, record.message_id, deleted=True)
        if not frames or frames[-1].type != "run.finished":
            exc = Interrupted("The server went away in the middle of the answer.", hint="Continue goes on from here.")
            end = RunFinished(status="interrupted", finish_reason="interrupted", error=ErrorInfo.model_validate(words(exc)))
            frames = [*frames, encode(record.id, len(frames) + 1, end)]
        end = event_adapter.validate_json(frames[-1].data)
        assert isinstance(end, RunFinished)
        outcome = RunOutcome(
            status=end.status,
            finish_reason=end.finish_reason,
            parts=(*message.parts[: record.first_part], *parts_of(frames)),
            usage=end.usage or usage_of(frames),
            error=end.error,
            adapted=adapted_of(frames),
            model=record.model,
            log=pack(frames),
            last_seq=len(frames),
        )
        try:
            await self._store.finish_run(record.id, outcome)
        except NotFound:
            return
        self._log.info("llmhub stored what run %s had said before its server went away", record.id)

    async def _inherit_left_journals(self) -> None:
        for process_id in await asyncio.to_thread(journals.journals, self._folder):
            if await self.is_dead(process_id):
                await self._inherit(process_id)

    def _path(self, record: RunRecord) -> Path:
        return self._folder / f"{record.process_id}.jsonl"


def parts_of(frames: Sequence[Frame]) -> tuple[Part, ...]:
    """The parts that these frames say. Provider metadata are not in frames: an interrupted answer goes on without them."""
    kinds: dict[int, str] = {}
    texts: dict[int, list[str]] = {}
    calls: dict[int, tuple[str, str]] = {}
    thought: dict[int, float] = {}
    for frame in frames:
        event = event_adapter.validate_json(frame.data)
        match event:
            case TextDelta() | ReasoningDelta():
                texts.setdefault(event.part, []).append(event.text)
            case PartEnded():
                thought[event.part] = event.duration_ms
            case _ if event.type == "part.started":
                kinds[event.part] = event.part_type
            case _ if event.type == "tool.delta":
                texts.setdefault(event.part, []).append(event.arguments)
                calls[event.part] = (event.call_id, event.name)
            case _:
                pass
    return tuple(
        _part(kinds[part], "".join(texts.get(part, [])), thought.get(part), *calls.get(part, ("", ""))) for part in sorted(kinds)
    )


def _part(kind: str, text: str, thought: float | None, call_id: str, name: str) -> Part:
    match kind:
        case "reasoning":
            return ReasoningPart(text=text, duration_ms=thought)
        case "tool_call":
            return ToolCallPart(call_id=call_id, name=name, arguments=text)
        case _:
            return TextPart(text=text)


def adapted_of(frames: Sequence[Frame]) -> tuple[Adaptation, ...]:
    """What was said last of how the request was changed."""
    for frame in reversed(frames):
        if frame.type == "adapted":
            event = event_adapter.validate_json(frame.data)
            return event.items if isinstance(event, Adapted) else ()
    return ()


def usage_of(frames: Sequence[Frame]) -> Usage | None:
    """What the provider last reported."""
    for frame in reversed(frames):
        if frame.type == "usage":
            event = event_adapter.validate_json(frame.data)
            return Usage.model_validate(event.model_dump(include=set(Usage.model_fields)))
    return None
