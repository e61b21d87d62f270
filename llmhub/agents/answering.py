"""One turn from its question to the stored answer: prompt, model, store. Who may watch or stop it is not decided here.

The surprise: a run has not finished before its answer is stored. While the store refuses (a full disk, say), the run says so and
tries again, so that nothing that was shown is lost as long as the server lives; after that the journal has it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from ..conversations.store import ConversationStore
from ..conversations.values import RunOutcome
from ..errors import ContextTooLong, Interrupted, LLMHubError, NotFound, words
from ..events import RunFinished, StatusChanged
from ..messages import Adaptation, ErrorInfo, Part, TextPart, add_usage
from ..policy import Rules
from ..providers.base import FileData, ModelInfo, Provider
from .compaction import Compaction
from .compaction import Models as KnownModels
from .ledger import Ledger
from .log import encode, pack
from .loop import Ending, Turn
from .prompt import Prompt, build_request
from .run import Run

STORE_AGAIN: Final = 3.0
"""Seconds until an answer that could not be stored is tried again."""
TITLE_LENGTH: Final = 60
_BEGINNING: Final = 2_000
"""Characters of a question that are looked at for it."""

LoadOwnFile = Callable[[str, str], Awaitable[FileData]]
"""(principal's id, file's id) → the file, if it is theirs."""


class Models(KnownModels, Protocol):
    """What is to be known of models."""

    async def default_model(self, rules: Rules | None = None) -> str | None:
        """The model for a conversation that has none."""
        ...

    async def provider_models(self, name: str) -> list[ModelInfo]:
        """What one provider offers."""
        ...


class Answering:
    """Takes turns. `closing` is set when the server goes down: answers end as interrupted, and nobody waits for a store."""

    def __init__(
        self,
        store: ConversationStore,
        provider: Provider,
        models: Models,
        load_file: LoadOwnFile,
        ledger: Ledger,
        log: logging.Logger,
        compaction: Compaction | None = None,
    ) -> None:
        self.closing = asyncio.Event()
        self._store = store
        self._provider = provider
        self._models = models
        self._load_file = load_file
        self._ledger = ledger
        self._log = log
        self._compaction = compaction

    async def answer(self, run: Run) -> bool:
        """Answer, store, and only then let the watchers see the end. False: the journal must be kept, the store has nothing.

        A cancelled turn is a stopped one; what comes after it cannot be cancelled.
        """
        ending = await self._end_of_turn(run)
        storing = asyncio.ensure_future(self._finish(run, ending))
        while not storing.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(storing)
        return storing.result()

    async def _end_of_turn(self, run: Run) -> Ending:
        turn = Turn(self._provider, run.answer, run.publish, run.record.model)
        try:
            return await self._take(run, turn)
        except asyncio.CancelledError:
            return self._cut(turn)
        except LLMHubError as exc:
            return turn.cut("failed", "error", _info(exc))
        except Exception as exc:
            self._log.exception("llmhub run %s failed", run.record.id)
            return turn.cut("failed", "error", _info(exc))

    async def _take(self, run: Run, turn: Turn) -> Ending:
        record = run.record
        model = await self._models.info(record.model)
        load_file = partial(self._load_file, record.owner)
        build = partial(build_request, self._store, record, model, load_file, instruction=run.instruction, recorder=run.recorder)
        footing, run.footing = run.footing, None
        prompt = await build(footing=footing)
        if self._compaction is not None and await self._compaction.make_room(run, prompt, load_file):
            prompt = await build()
        if prompt.thread.is_shortened:
            words = "the oldest messages do not fit into the model's window and are left out"
            run.publish(StatusChanged(text=words, code="shortened"))
        may_use = run.rules.may_use if run.rules is not None else None
        ending = await turn.run(replace(prompt.request, may_use=may_use, bill=run.bill), _left_out(prompt))
        if ending.error is None or ending.error.code != ContextTooLong.code or run.answer.has_begun or self._compaction is None:
            return ending
        if not await self._compaction.make_room(run, prompt, load_file, was_refused=True):
            return ending
        prompt = await build()
        return await turn.run(replace(prompt.request, may_use=may_use, bill=run.bill), _left_out(prompt))

    def _cut(self, turn: Turn) -> Ending:
        if self.closing.is_set():
            exc = Interrupted("The server was shut down in the middle of the answer.", hint="Continue goes on from here.")
            return turn.cut("interrupted", "interrupted", _info(exc))
        return turn.cut("stopped", "stopped")

    async def _finish(self, run: Run, ending: Ending) -> bool:
        end = RunFinished(status=ending.status, finish_reason=ending.finish_reason, error=ending.error, usage=ending.usage)
        while not (stored := await self._store_answer(run, ending, end)) and not self.closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), STORE_AGAIN)
        run.finish(end)
        return stored

    async def _store_answer(self, run: Run, ending: Ending, end: RunFinished) -> bool:
        frames = run.said()
        outcome = RunOutcome(
            status=ending.status,
            finish_reason=ending.finish_reason,
            parts=run.answer.parts,
            usage=add_usage(run.earlier_usage, ending.usage),
            error=ending.error,
            model=ending.model,
            adapted=ending.adapted,
            log=pack([*frames, encode(run.record.id, len(frames) + 1, end)]),
            last_seq=len(frames) + 1,
        )
        try:
            await self._ledger.flush()  # whoever sees the end finds in the ledger what it cost
            await self._store.finish_run(run.record.id, outcome)
        except NotFound:  # the conversation was deleted meanwhile
            return True
        except LLMHubError as exc:
            self._log.error("llmhub cannot store the answer of run %s: %s", run.record.id, exc.message)
            words = f"The answer is not stored yet: {exc.message} {exc.hint} Trying again."
            run.publish(StatusChanged(text=words, code="not_stored", details={"code": exc.code}))
            return False
        return True


_HEADING: Final = re.compile(r"^#{1,6} (.)")
_BOLD: Final = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_CODE: Final = re.compile(r"(?<!`)`+([^`]+)`+")


def title_of(question: Sequence[Part]) -> str:
    """The beginning of a question, on one line, without the marks that Markdown sets round words."""
    beginning = (part.text.lstrip()[:_BEGINNING] for part in question if isinstance(part, TextPart))
    text = " ".join(" ".join(beginning).split())
    for marks in (_HEADING, _BOLD, _CODE):
        text = marks.sub(r"\1", text)
    if len(text) <= TITLE_LENGTH:
        return text
    return text[: TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip() + "…"


def _left_out(prompt: Prompt) -> tuple[Adaptation, ...]:
    """What stands with the answer when the wait that told it is long over."""
    return (Adaptation(what="messages", how="left_out", why="no_room"),) if prompt.thread.is_shortened else ()


def _info(exc: BaseException) -> ErrorInfo:
    return ErrorInfo.model_validate(words(exc))
