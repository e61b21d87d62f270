"""`llmhub.Compare`: one question, answered by several models side by side.

compare = llmhub.Compare(["lab/qwen3", "lab/llama3"])
for answer in compare.ask("What is a monad?"):
    print(answer.model, answer.cost, answer.text)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from ...client import AsyncClient, Run
from ...errors import Invalid, LLMHubError, Unreachable, words
from ...ids import new_id
from ...messages import ErrorInfo, Message
from .api import asking_of
from .asking import Asking
from .conversing import Begun, Conversing
from .kernel import here
from .result import Result

MOST: Final = 6
"""More columns nobody reads; the panel has as many."""


class Compare(Conversing):
    """One conversation whose questions are answered by all of `models`; the answers are branches of it, beside each other.

    What is asked next goes on from the first one's answer, or from the one that was chosen in the output or the panel. `told`:
    what `llmhub.ask` takes (`system`, `temperature`, ...), but for `tools` and `schema`. As the last line of a cell it is shown,
    to be read and gone on with there.
    """

    def __init__(self, models: Sequence[str], conversation: str | None = None, **told: Any) -> None:
        super().__init__(conversation, _checked(told))
        self._models = _several(models)

    @property
    def models(self) -> Sequence[str]:
        """Who answers, in order."""
        return self._models

    def ask(self, prompt: str, **told: Any) -> list[Result]:
        """Their answers to the next turn, in the order of the models. An interrupt stops all of them.

        One that failed is among them: `.message.error` says why. Raises `LLMHubError` only where nobody could be asked.
        """
        client = here.client
        try:
            return self._noted(client.do(self._answers(client.aio, prompt, _checked(told))))
        except Unreachable:
            here.forget()
            raise

    async def ask_async(self, prompt: str, **told: Any) -> list[Result]:
        """`ask`, for code that awaits. Cancelling it stops the answers."""
        client = await asyncio.to_thread(lambda: here.client)
        try:
            return self._noted(await asyncio.wrap_future(client.submit(self._answers(client.aio, prompt, _checked(told)))))
        except Unreachable:
            await asyncio.to_thread(here.forget)
            raise

    async def begin(self, client: AsyncClient, prompt: str) -> Begun:
        """Ask all of them, and do not wait."""
        return await _begun(client, self._asking(prompt, {}), self._models)

    def _asking(self, prompt: str, told: dict[str, Any]) -> Asking:
        return asking_of(prompt, **{**self._told, **told}, conversation=self.conversation_id)

    async def _answers(self, client: AsyncClient, prompt: str, told: dict[str, Any]) -> list[Result]:
        begun = await _begun(client, self._asking(prompt, told), self._models)
        # Cancelled, each of them stops its run.
        ended = await asyncio.gather(*(_ended(client, run) for run in begun.runs.values()))
        results = dict(zip(begun.runs, ended, strict=True))
        where = ended[0].conversation_id
        results |= {at: _refused(where, self._models[at], error) for at, error in begun.refused.items()}
        return [results[at] for at in sorted(results)]

    def _noted(self, results: list[Result]) -> list[Result]:
        self._seen_at(results[0].conversation_id)
        return results


async def _begun(client: AsyncClient, asking: Asking, models: Sequence[str]) -> Begun:
    """The first that can be asked gets the question; the others answer it too, and what is shown stays."""
    runs: dict[int, Run] = {}
    refused: dict[int, LLMHubError] = {}
    try:
        for at, model in enumerate(models):
            told = replace(asking, model=model).told()
            if first := next(iter(runs.values()), None):
                told |= {"question": None, "files": (), "conversation": first.conversation_id}
                told |= {"parent_id": first.user_message_id, "head": False}
            try:
                runs[at] = await client.start_run(**told)
            except LLMHubError as exc:
                refused[at] = exc
    except asyncio.CancelledError:
        for run in runs.values():
            with suppress(LLMHubError):
                await client.stop(run)
        raise
    if not runs:
        raise refused[0]
    return Begun(runs, refused)


async def _ended(client: AsyncClient, run: Run) -> Result:
    try:
        message = (await client.wait(run)).message
    except LLMHubError:
        message = await client.message(run)  # it says itself what it failed with
    return Result(conversation_id=run.conversation_id, run_id=run.run_id, message=message)


def _refused(conversation: str, model: str, error: LLMHubError) -> Result:
    """Of a model that could not be asked; it is not in the conversation."""
    message = Message(
        id=new_id(),
        conversation_id=conversation,
        parent_id=None,
        role="assistant",
        status="failed",
        model=model,
        error=ErrorInfo(**words(error)),
        created_at=datetime.now(UTC),
    )
    return Result(conversation_id=conversation, run_id="", message=message)


def _several(models: Sequence[str]) -> tuple[str, ...]:
    if isinstance(models, str):
        raise Invalid("Compare takes a list of models.", hint=f'llmhub.Compare(["{models}", "..."])')
    if not 2 <= len(models) <= MOST:
        raise Invalid(f"Compare takes 2 to {MOST} models, not {len(models)}.", hint="For one there is llmhub.Chat.")
    return tuple(models)


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    for name in ("tools", "schema", "model", "conversation"):
        if name in told:
            hint = "They stand in its list." if name == "model" else "llmhub.Chat takes it." if name != "conversation" else ""
            raise Invalid(f"Compare takes no {name} here.", hint=hint)
    return told
