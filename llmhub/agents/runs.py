"""All runs: starting, watching, stopping and, after a crash, recovering them. Those that answer no turn are `jobs`.

A run belongs to the process that started it, for as long as that process lives. Another process on the same data neither
resumes it nor calls it interrupted; it can watch it through the owner's journal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

from ..config.settings import CompactionConfig, Features, Limits, Settings
from ..conversations.footing import Footing
from ..conversations.jobs import JobStore
from ..conversations.store import ConversationStore
from ..conversations.values import Page, RunDraft, RunRecord, Summary
from ..errors import Conflict, Invalid, LLMHubError, NotFound, QuotaExceeded
from ..events import RunStarted, TitleChanged
from ..identity import Principal
from ..ids import new_id
from ..messages import Message, Part
from ..params import Params
from ..policy import Policy, Rules
from ..providers.base import Provider
from ..providers.billing import Bill
from ..providers.exchange import Exchange
from . import journal as journals
from .answer import Answer
from .answering import Answering, LoadOwnFile, Models, title_of
from .ceilings import Ceilings
from .compaction import Compaction
from .exchanges import Exchanges, gone
from .jobs import Jobs
from .journal import Journal
from .ledger import Account, Ledger
from .log import Frame, unpack
from .loop import cancel
from .notices import Notices
from .recovery import Recovery
from .run import Run
from .thread import FIRST
from .titles import Titles

BEAT: Final = 10.0
"""Seconds between two heartbeats of a process that has runs."""


def _never() -> CompactionConfig:
    return CompactionConfig(enabled=False)


def _no_titles() -> Settings:
    return Settings(features=Features(titles=False))


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a client asks for. `parts` None: answer `parent_id` again. `continues`: the message whose answer goes on.

    `instruction` is said to the model after the question, for this answer only. `moves_head` False: what is shown stays.
    `over_ceiling`: the person wants this turn although as much is spent as they wanted to spend.
    """

    client_request_id: str
    parent_id: str | None = None
    parts: tuple[Part, ...] | None = None
    model: str | None = None
    params: Params | None = None
    continues: str | None = None
    instruction: str | None = None
    moves_head: bool = True
    over_ceiling: bool = False


class RunRegistry:
    """The runs of this process, and the door to all others."""

    def __init__(
        self,
        store: ConversationStore,
        provider: Provider,
        models: Models,
        load_file: LoadOwnFile,
        notices: Notices,
        *,
        folder: Path,
        policy: Policy | None = None,
        log: logging.Logger | None = None,
        compaction: Callable[[], CompactionConfig] | None = None,
        settings: Callable[[], Settings] | None = None,
    ) -> None:
        self._store = store
        self._models = models
        self._notices = notices
        self._policy = policy
        self._log = log or logging.getLogger("llmhub")
        self.process_id = journals.new_process_id()
        self._journal = Journal(folder, self.process_id, self._log)
        self.ledger = Ledger(store, self._journal, Ceilings(store), alive=self._be_alive, idle=self._forget_journal, log=self._log)
        self.compaction = Compaction(store, provider, models, load_file, compaction or _never, self._look_again)
        self._answering = Answering(store, provider, models, load_file, self.ledger, self._log, self.compaction)
        self.titles = Titles(store, provider, models, settings or _no_titles, self._look_again, self._log)
        self._recovery = Recovery(store, folder, self.process_id, self._log)
        self.jobs = Jobs(
            JobStore(store.database), self.process_id, alive=self._be_alive, is_dead=self._recovery.is_dead, log=self._log
        )
        self._runs: dict[str, Run] = {}
        self._exchanges = Exchanges()
        self._starting: dict[tuple[str, str], asyncio.Future[RunRecord]] = {}
        self._heart: asyncio.Task[None] | None = None
        self._unstored = False
        self._beat_at = 0.0

    @property
    def active_count(self) -> int:
        """How many runs of this process are answering now, or at other work."""
        return len(self._runs) + len(self.jobs)

    # ---- start

    async def start(self, principal: Principal, conversation_id: str, request: RunRequest) -> RunRecord:
        """Store the question and begin to answer it. The same `client_request_id` gives the same run and starts nothing twice."""
        key = (principal.id, request.client_request_id)
        if (under_way := self._starting.get(key)) is not None:
            return await asyncio.shield(under_way)
        future = self._starting[key] = asyncio.get_running_loop().create_future()
        try:
            record = await self._start(principal, conversation_id, request)
        except BaseException as exc:
            future.set_exception(exc)
            future.exception()  # nobody may be waiting for it
            raise
        else:
            future.set_result(record)
            return record
        finally:
            del self._starting[key]

    async def _start(self, principal: Principal, conversation_id: str, request: RunRequest) -> RunRecord:
        if self._answering.closing.is_set():
            raise Conflict("The server is shutting down.", hint="Send again when it is back.")
        cut = await self._to_continue(principal, conversation_id, request)
        rules = None if self._policy is None else self._policy.of(principal)
        draft = RunDraft(
            run_id=new_id(),
            conversation_id=conversation_id,
            client_request_id=request.client_request_id,
            process_id=self.process_id,
            parent_id=cut.parent_id if cut else request.parent_id,
            user_message_id=new_id() if request.parts is not None and cut is None else None,
            user_parts=request.parts if cut is None else None,
            message_id=cut.id if cut else new_id(),
            model=await self._model_for(principal, conversation_id, request.model or (cut and cut.model), rules),
            params=request.params.model_dump(mode="json", exclude_none=True) if request.params else {},
            continues=cut is not None,
            instruction=request.instruction,
            moves_head=request.moves_head,
            title=title_of(request.parts) or None if request.parts and not cut else None,
        )
        limits = rules.config.settings.limits if rules is not None else Limits()
        await self._admit(principal, draft, request, limits)
        await self._recovery.sweep()
        await self._journal.open()
        beat = self._must_beat and not self._store.is_temporary(conversation_id)
        try:
            record, is_new, footing = await self._store.begin_run(principal.id, draft, beat=beat, most=FIRST)
        except Conflict:  # the answer before it may be one whose process died after the sweep
            if not await self._recovery.bury(conversation_id):
                raise
            record, is_new, footing = await self._store.begin_run(principal.id, draft, beat=beat, most=FIRST)
        if beat:
            self._beat_at = asyncio.get_running_loop().time()
        if is_new and footing is not None:
            where, within = footing.folder_id, None if request.over_ceiling else limits
            bill = self.ledger.bill(principal.id, "chat", record.model, limits=within, run=record, folder_id=where)
            self._begin(record, cut, draft, footing, rules, bill)
            await asyncio.sleep(0)  # the turn sets off before the answer to this request is written
        return record

    async def _admit(self, principal: Principal, draft: RunDraft, request: RunRequest, limits: Limits) -> None:
        """`QuotaExceeded` before anything is written down, unless this costs nothing, or is a request that was taken before."""
        if request.over_ceiling:
            return
        try:
            await self.ledger.ceilings.admit(principal.id, limits)
        except QuotaExceeded:
            with suppress(LLMHubError):  # a model that nobody knows is the answer's own trouble
                price = (await self._models.info(draft.model)).price
                if price is None or not (price.input or price.output):
                    return
            if await self._store.run_requested(principal.id, request.client_request_id) is None:
                raise

    async def _to_continue(self, principal: Principal, conversation_id: str, request: RunRequest) -> Message | None:
        if request.continues is None:
            return None
        if request.parts is not None:
            raise Invalid(
                "An answer goes on without another question.",
                hint="Send the message without `continue`, or `continue` without a message.",
                details={"errors": {"message": "stands beside `continue`"}},
            )
        if request.instruction is not None:
            raise Invalid(
                "An answer goes on with the instruction that it began with.",
                hint="Leave the instruction out, or ask for another answer.",
                details={"errors": {"instruction": "stands beside `continue`"}},
            )
        message = await self._store.message(principal.id, request.continues)
        if message.conversation_id != conversation_id:
            raise NotFound(f"Message {message.id} is not in this conversation.", hint="Reload the conversation.")
        if message.role != "assistant":
            raise Invalid("Only an answer can be continued.", hint="Send the question again instead.")
        if message.status == "running":
            message = (await self.overlay([message]))[0]  # its owner may be dead
        return message

    async def _model_for(self, principal: Principal, conversation_id: str, asked: str | None, rules: Rules | None) -> str:
        model = asked or (await self._store.get(principal.id, conversation_id)).model or await self._models.default_model(rules)
        if not model:
            raise Invalid("No model is chosen.", hint="Choose a model, or set default_model in llmhub.yaml.")
        if rules is not None:
            rules.check_model(model)
        return self._models.resolve(model)

    # ---- answer

    def _begin(
        self, record: RunRecord, cut: Message | None, draft: RunDraft, footing: Footing, rules: Rules | None, bill: Bill
    ) -> None:
        journal = None if self._store.is_temporary(record.conversation_id) else self._journal
        answer, earlier_usage = (Answer(cut.parts), cut.usage) if cut else (Answer(), None)
        instruction = cut.instruction if cut else draft.instruction
        run = Run(record, answer, journal, earlier_usage, instruction, self._exchanges.begin(record.id), bill)
        run.rules = rules
        run.footing = footing
        self._runs[record.id] = run
        run.publish(
            RunStarted(
                conversation_id=record.conversation_id,
                user_message_id=record.user_message_id,
                message_id=record.message_id,
                model=record.model,
            )
        )
        if draft.title is not None and footing.title is None:
            run.publish(TitleChanged(title=draft.title))
        run.task = asyncio.create_task(self._answer(run), name=f"llmhub run {record.id}")
        self._notify(record, "run.started")
        self._keep_beating()

    async def _answer(self, run: Run) -> None:
        stored = await self._answering.answer(run)
        self._runs.pop(run.record.id, None)
        self._unstored |= not stored
        self._forget_journal()
        self._notify(run.record, "run.finished")
        if stored and not self._answering.closing.is_set():
            self.titles.after(run.record, run.rules, partial(self._bill_for_title, run))
        await self._exchanges.end(run.record.id)

    def _bill_for_title(self, run: Run, model: str) -> Bill:
        if isinstance(run.bill, Account):
            return run.bill.instead("title", model)
        return self.ledger.bill(run.record.owner, "title", model, conversation_id=run.record.conversation_id)

    def _forget_journal(self) -> None:
        """Once all that was said and paid is in the store."""
        if not self._runs and not self._unstored and self.ledger.is_idle:
            self._journal.forget()

    async def _be_alive(self) -> None:
        """A provider is about to be asked: from now on the journal is needed, and nobody may take this process for dead."""
        await self._journal.open()
        await self._beat_once()
        self._keep_beating()

    def _keep_beating(self) -> None:
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat(), name="llmhub heartbeat")

    async def settle(self) -> None:
        """Enter and store what servers that are gone had left. Once per process; the first run does it too."""
        await self._recovery.sweep()

    async def _beat(self) -> None:
        while self._runs or len(self.jobs) or not self.ledger.is_idle:
            await asyncio.sleep(BEAT)
            try:
                await self._beat_once()
            except LLMHubError as exc:
                self._log.warning("llmhub could not store its heartbeat: %s", exc.message)

    async def _beat_once(self) -> None:
        """Say that this process lives, unless it has just done so."""
        now = asyncio.get_running_loop().time()
        if self._must_beat:
            await self._store.beat(self.process_id, at=datetime.now(UTC))
            self._beat_at = now

    @property
    def _must_beat(self) -> bool:
        return asyncio.get_running_loop().time() - self._beat_at >= BEAT / 2 or not self._beat_at

    def _notify(self, record: RunRecord, what: Literal["run.started", "run.finished"]) -> None:
        self._notices.publish(record.owner, {"what": what, "conversation_id": record.conversation_id, "run_id": record.id})

    # ---- look

    async def get(self, principal: Principal, run_id: str) -> RunRecord:
        """One run; raises `NotFound`."""
        run = self._runs.get(run_id)
        if run is not None and not run.finished and run.record.owner == principal.id:
            return run.record
        return await self._recovery.settled(await self._store.run(principal.id, run_id))

    async def check(self, principal: Principal, run_id: str) -> None:
        """Whether there is such a run, of either kind; raises `NotFound`."""
        try:
            await self.get(principal, run_id)
        except NotFound:
            await self.jobs.get(principal, run_id)

    async def list(
        self, principal: Principal, *, active: bool | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[RunRecord]:
        """Runs, newest first. `active`: only those that are being answered."""
        await self._recovery.sweep()
        return await self._store.list_runs(principal.id, active=active, limit=limit, cursor=cursor)

    async def watch(self, principal: Principal, run_id: str, after: int = 0) -> AsyncIterator[Sequence[Frame]]:
        """The events behind number `after`, then the live ones; ends after `run.finished`. Raises `NotFound`.

        Who has seen more than a crash has left gets the last event again, whose number is below theirs: time to reload.
        """
        run = self._runs.get(run_id)
        if run is not None and run.record.owner == principal.id:
            async for frames in run.watch(after):
                yield frames
            return
        try:
            record = await self.get(principal, run_id)
        except NotFound:
            async for frames in self.jobs.watch(principal, run_id, after):
                yield frames
            return
        if record.status == "running":
            async for frames in self._recovery.follow(record, after):
                yield frames
                after = frames[-1].seq
            record = await self.get(principal, run_id)
        frames = await self._replay(record)
        if missed := frames[after:] or (frames[-1:] if after > len(frames) else []):
            yield missed

    async def _replay(self, record: RunRecord) -> list[Frame]:
        message = await self._store.message(record.owner, record.message_id, deleted=True)
        return unpack(await self._store.run_log(record.id), record.id, message.parts)

    async def exchange(self, principal: Principal, run_id: str) -> tuple[Sequence[Exchange], str | None]:
        """What went to providers and came back in a run of this process, and a note if not all of it can be seen.

        Raises `ExchangeGone`: it is kept for the last runs only, and in memory.
        """
        try:
            await self.get(principal, run_id)
        except NotFound:
            raise gone() from None
        return await self._exchanges.show(run_id)

    async def overlay(self, messages: Sequence[Message]) -> list[Message]:
        """The messages as they stand this moment: running ones with what has been said so far."""
        return [await self._current(message) if message.status == "running" else message for message in messages]

    async def _current(self, message: Message) -> Message:
        run = self._runs.get(message.run_id or "")
        if run is not None:
            return message.model_copy(update={"parts": run.answer.parts})
        return await self._recovery.current(message)

    # ---- summarise

    async def summarise(
        self,
        principal: Principal,
        conversation_id: str,
        client_request_id: str,
        *,
        leaf: str | None = None,
        model: str | None = None,
        instructions: str | None = None,
    ) -> Summary:
        """Fold all turns but the last into a summary, now. See `Compaction.make` for what it raises."""
        conversation = await self._store.get(principal.id, conversation_id)
        rules = None if self._policy is None else self._policy.of(principal)
        model = await self._model_for(principal, conversation_id, model or conversation.model, rules)
        limits = Limits() if rules is None else rules.config.settings.limits
        bill = self.ledger.bill(
            principal.id,
            "compaction",
            model,
            limits=limits,
            conversation_id=conversation_id,
            folder_id=conversation.folder_id,
        )
        made = await self.compaction.make(
            principal.id,
            conversation_id,
            client_request_id,
            leaf=leaf,
            model=model,
            instructions=instructions,
            rules=rules,
            bill=bill,
        )
        await self.ledger.flush()
        return made

    def _look_again(self, owner: str, conversation_id: str) -> None:
        self._notices.publish(owner, {"what": "conversation.changed", "conversation_id": conversation_id})

    # ---- stop

    async def stop(self, principal: Principal, run_id: str) -> RunRecord:
        """Stop a run and close its upstream connection at once; what was said stays. A finished run is left as it is."""
        record = await self.get(principal, run_id)
        run = self._runs.get(run_id)
        if run is not None and run.task is not None:
            await cancel(run.task)
            return await self._store.run(principal.id, run_id)
        if record.status == "running":
            raise Conflict(
                "Another JupyterLab server on the same data is answering this.",
                hint="Stop it in the window where it was started.",
            )
        return record

    async def delete_message(self, principal: Principal, conversation_id: str, message_id: str) -> str | None:
        """Take a message away with everything beneath it, stop what is being answered there, and give the new head.

        First it is taken away, so that nothing can start beneath it while the last run is stopped.
        """
        head, running = await self._store.delete_message(principal.id, conversation_id, message_id)
        for run_id in running:
            run = self._runs.get(run_id)
            if run is not None and run.task is not None:
                await cancel(run.task)
        return head

    async def answering(self, principal: Principal, conversation_ids: Collection[str]) -> set[str]:
        """In which of these conversations something is being answered by this process."""
        asked = set(conversation_ids)
        return {
            run.record.conversation_id
            for run in self._runs.values()
            if run.record.owner == principal.id and run.record.conversation_id in asked
        }

    async def stop_all(self, principal: Principal, conversation_id: str) -> None:
        """Stop what is being answered in one conversation."""
        for run in list(self._runs.values()):
            if run.record.conversation_id == conversation_id and run.record.owner == principal.id and run.task is not None:
                await cancel(run.task)

    async def aclose(self) -> None:
        """End every run as interrupted, with what was said stored."""
        self._answering.closing.set()
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.jobs.aclose()
        await self.titles.aclose()
        await self.compaction.aclose()
        if self._heart is not None:
            await cancel(self._heart)
        entered = await self.ledger.aclose()
        await self._journal.aclose(keep=self._unstored or not entered)
