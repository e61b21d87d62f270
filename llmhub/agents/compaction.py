"""`Compaction`: folds older turns into a summary that a model makes, so that a long conversation goes on within the model's window.

Nothing that is stored is touched: a summary stands beside the messages (`Summary`), and `thread.py` puts it into requests in their
place. `cut.py` says where the fold is, `summariser.py` has it written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol

from ..config.settings import CompactionConfig
from ..conversations.store import ConversationStore
from ..conversations.values import Summary
from ..errors import Conflict, LLMHubError
from ..events import StatusChanged
from ..ids import new_id
from ..policy import Rules
from ..providers.base import FileData, LoadFile, ModelInfo, ModelRequest, Provider
from ..providers.billing import Bill
from ..providers.estimate import Estimate
from ..providers.exchange import Recorder
from .cut import Cut, last_turn, place_to_cut
from .ledger import Account
from .prompt import Prompt, window_of
from .run import Run
from .summariser import Summariser
from .thread import Thread, read_thread
from .transcript import transcript

_SMALL_ROOM: Final = 16_000
"""Tokens: also for a smaller window so many are read at once."""
_MOST_PIECES: Final = 16
"""Requests for one summary: what is older than they can hold is left out, and the summary says so."""


class Models(Protocol):
    """What is to be known of models."""

    async def info(self, model: str) -> ModelInfo:
        """Facts about a model; raises `ModelNotFound`."""
        ...

    def resolve(self, model: str) -> str:
        """What an alias stands for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is to be folded: the path to `leaf`, which `model` is going to read, `room` tokens of it."""

    owner: str
    conversation_id: str
    leaf: str
    model: str
    room: float
    estimate: Estimate
    """As `model` counts."""
    load_file: LoadFile
    recorder: Recorder | None = None
    rules: Rules | None = None
    bill: Bill | None = None


@dataclass(slots=True)
class _Making:
    """A summary that somebody asked for and that is being made."""

    owner: str
    task: asyncio.Task[Summary] = field(repr=False)


class Compaction:
    """`settings` gives the configuration as it stands now. `changed(owner, conversation_id)` tells pages to look again."""

    def __init__(
        self,
        store: ConversationStore,
        provider: Provider,
        models: Models,
        load_file: Callable[[str, str], Awaitable[FileData]],
        settings: Callable[[], CompactionConfig],
        changed: Callable[[str, str], None] = lambda owner, conversation_id: None,
    ) -> None:
        self._store = store
        self._summariser = Summariser(provider)
        self._models = models
        self._load_file = load_file
        self._settings = settings
        self._changed = changed
        self._locks: dict[str, asyncio.Lock] = {}
        self._making: dict[str, _Making] = {}

    # ---- by itself, in a run

    async def make_room(self, run: Run, prompt: Prompt, load_file: LoadFile, *, was_refused: bool = False) -> bool:
        """Fold older turns if the window is nearly full, or the provider said that it is (`was_refused`); the run says so.

        True: the request is to be built anew. If no summary can be made, nothing has changed.
        """
        settings = self._settings_for(run.rules)
        if prompt.leaf is None or not settings.enabled or not (was_refused or _is_due(settings, prompt, prompt.thread)):
            return False
        place = Place(
            owner=run.record.owner,
            conversation_id=run.record.conversation_id,
            leaf=prompt.leaf,
            model=run.record.model,
            room=min(prompt.room, prompt.thread.size) if was_refused else prompt.room,
            estimate=prompt.thread.estimate,
            load_file=load_file,
            recorder=run.recorder,
            rules=run.rules,
            bill=run.bill.instead("compaction") if isinstance(run.bill, Account) else run.bill,
        )
        run.publish(StatusChanged(text="summarising the earlier messages, so that there is room", code="compacting"))
        try:
            summary = await self._fold(place, None if was_refused else partial(_is_due, settings, prompt))
        except LLMHubError as exc:
            text = f"the earlier messages could not be summarised: {exc.message}"
            run.publish(StatusChanged(text=text, code="compaction_failed", details={"code": exc.code, "message": exc.message}))
            return False
        if summary is not None:
            details = {"summary_id": summary.id, "messages": summary.messages}
            run.publish(
                StatusChanged(text=f"{summary.messages} earlier messages are summarised", code="compacted", details=details)
            )
        return True

    async def _fold(self, place: Place, is_due: Callable[[Thread], bool] | None) -> Summary | None:
        """Make a summary of what is older than the part to keep; None: there is nothing to fold. Raises `LLMHubError`.

        Of several columns of a comparison the first makes it; for the others it is no longer due.
        """
        async with self._lock(place.conversation_id):
            if is_due is not None:
                thread = await read_thread(self._store, place.owner, place.conversation_id, place.leaf, place.room, place.estimate)
                if not is_due(thread):
                    return None
            thread = await self._whole(place)
            cut = place_to_cut(thread.messages, self._settings_for(place.rules).keep * place.room, thread.estimate)
            if cut is None:
                return None
            summary = await self._made(place, thread, cut, None, automatic=True)
            await self._store.add_summary(place.owner, summary)
        self._changed(place.owner, place.conversation_id)
        return summary

    # ---- by hand

    async def make(
        self,
        owner: str,
        conversation_id: str,
        client_request_id: str,
        *,
        leaf: str | None = None,
        model: str,
        instructions: str | None = None,
        rules: Rules | None = None,
        bill: Bill | None = None,
    ) -> Summary:
        """Fold all but the last turn now. It goes on if nobody waits; who asks again waits for the same one.

        `Conflict`: an answer is being written there, another summary is being made, or there is nothing to fold.
        """
        if (before := await self._store.requested_summary(owner, conversation_id, client_request_id)) is not None:
            return before
        if (making := self._making.get(conversation_id)) is None:
            work = self._make(owner, conversation_id, client_request_id, leaf, model, instructions, rules, bill)
            making = self._making[conversation_id] = _Making(owner, asyncio.create_task(work, name="llmhub summary"))
            making.task.add_done_callback(lambda _: self._ended(owner, conversation_id))
            self._changed(owner, conversation_id)
        try:
            return await asyncio.shield(making.task)
        except asyncio.CancelledError:
            if making.task.cancelled():
                raise Conflict(
                    "Making the summary was stopped.", hint="Nothing has changed.", details={"reason": "stopped"}
                ) from None
            raise

    def is_making(self, owner: str, conversation_id: str) -> bool:
        """Whether somebody asked for a summary that is not ready yet."""
        making = self._making.get(conversation_id)
        return making is not None and making.owner == owner

    async def stop(self, owner: str, conversation_id: str) -> bool:
        """Stop making one, and close the connection at once; False: none is being made."""
        making = self._making.get(conversation_id)
        if making is None or making.owner != owner:
            return False
        making.task.cancel()
        await asyncio.wait([making.task])
        return True

    async def change(
        self, owner: str, conversation_id: str, summary_id: str, *, text: str | None = None, active: bool | None = None
    ) -> Summary:
        """Put other words into a summary, undo it (`active` False), or take that back. Raises `NotFound`."""
        changes: dict[str, Any] = {} if active is None else {"active": active}
        if text is not None:
            model = next((each.model for each in await self._store.summaries(owner, conversation_id) if each.id == summary_id), "")
            changes |= {"text": text, "tokens_after": Estimate.of(model).text(text), "edited": True}
        return await self._store.change_summary(owner, conversation_id, summary_id, changes)

    async def aclose(self) -> None:
        """Stop all that are being made."""
        tasks = [making.task for making in self._making.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ended(self, owner: str, conversation_id: str) -> None:
        making = self._making.pop(conversation_id, None)
        if making is not None and not making.task.cancelled():
            making.task.exception()  # nobody may be waiting for it
        self._changed(owner, conversation_id)

    async def _make(
        self,
        owner: str,
        conversation_id: str,
        client_request_id: str,
        leaf: str | None,
        model: str,
        instructions: str | None,
        rules: Rules | None,
        bill: Bill | None,
    ) -> Summary:
        if leaf is None:
            leaf = (await self._store.get(owner, conversation_id)).head_id
        if leaf is None:
            raise _nothing()
        last = await self._store.message(owner, leaf)
        if last.conversation_id != conversation_id:
            raise _nothing()
        if last.status in ("running", "waiting"):
            raise Conflict("The last answer is still being written.", hint="Wait for it, or stop it first.")
        info = await self._models.info(model)
        load_file = partial(self._load_file, owner)
        place = Place(
            owner=owner,
            conversation_id=conversation_id,
            leaf=leaf,
            model=self._models.resolve(model),
            room=window_of(info),
            estimate=Estimate.of_model(info),
            load_file=load_file,
            rules=rules,
            bill=bill,
        )
        async with self._lock(conversation_id):
            thread = await self._whole(place)
            cut = last_turn(thread.messages, self._settings_for(rules).keep * place.room, thread.estimate)
            if cut is None:
                raise _nothing()
            summary = await self._made(place, thread, cut, instructions, automatic=False)
            await self._store.add_summary(owner, summary, client_request_id=client_request_id)
        return summary

    # ---- the steps of both

    def _settings_for(self, rules: Rules | None) -> CompactionConfig:
        return self._settings() if rules is None else rules.config.settings.compaction

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        for name in [name for name, lock in self._locks.items() if not lock.locked() and name != conversation_id]:
            del self._locks[name]
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    async def _whole(self, place: Place) -> Thread:
        """What may be folded: everything behind the last summary, as far as the requests for one can hold it."""
        return await read_thread(
            self._store,
            place.owner,
            place.conversation_id,
            place.leaf,
            max(place.room, _SMALL_ROOM) * _MOST_PIECES / 2,
            place.estimate,
        )

    async def _made(self, place: Place, thread: Thread, cut: Cut, instructions: str | None, *, automatic: bool) -> Summary:
        folded = cut.folded(thread.messages)
        own = self._settings_for(place.rules).model
        may_use = own is not None and (place.rules is None or place.rules.may_use(own))
        model = self._models.resolve(own if own is not None and may_use else place.model)
        info = await self._models.info(model)
        before = thread.summary
        asking = ModelRequest(
            model=model,
            messages=(),
            recorder=place.recorder,
            may_use=None if place.rules is None else place.rules.may_use,
            bill=place.bill,
        )
        said = await transcript(folded, place.load_file)
        earlier = before.text if before else ""
        text, usage = await self._summariser.summarise(asking, info, said, summary=earlier, instructions=instructions)
        size = thread.estimate.parts([part for message in folded for part in message.parts])
        last = thread.messages[cut.messages - 1] if cut.parts is None else thread.messages[cut.messages]
        above = await self._count_above(place, thread)
        done_in_part = before.parts or 0 if before is not None and before.message_id == last.id else 0
        return Summary(
            id=new_id(),
            conversation_id=place.conversation_id,
            message_id=last.id,
            parts=None if cut.parts is None else cut.parts + done_in_part,
            text=text,
            model=model,
            instructions=instructions,
            messages=above + cut.messages,
            left_out=(before.left_out if before else 0) + (above if thread.is_shortened else 0),
            tokens_before=size + (before.tokens_before if before else 0),
            tokens_after=place.estimate.text(text),
            usage=usage,
            automatic=automatic,
            created_at=datetime.now(UTC),
        )

    async def _count_above(self, place: Place, thread: Thread) -> int:
        """How many messages of the path stand above those of `thread`."""
        if thread.summary is not None and not thread.is_shortened:
            # The question of an answer that was folded in part is among them, and in front of `thread` again.
            return thread.summary.messages - (thread.summary.parts is not None)
        if not thread.is_shortened:
            return 0
        nodes = {node.id: node.parent_id for node in await self._store.tree(place.owner, place.conversation_id)}
        count, at = 0, nodes.get(thread.messages[0].id)
        while at is not None:
            count, at = count + 1, nodes.get(at)
        return count


def _is_due(settings: CompactionConfig, prompt: Prompt, thread: Thread) -> bool:
    """Where a person undid a summary, only when it does not fit."""
    size = thread.counted(thread.estimate.text(prompt.request.system or ""))
    return size > prompt.room or (not thread.was_undone and size > settings.threshold * prompt.room)


def _nothing() -> Conflict:
    return Conflict(
        "There is nothing to summarise yet.",
        hint="A summary stands for all turns but the last; there are none before it that no summary stands for.",
        details={"reason": "nothing"},
    )
