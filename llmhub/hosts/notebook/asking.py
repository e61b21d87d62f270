"""One question, from the kernel's side: asked, followed while it is shown, stopped by an interrupt, and given as a `Result`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...client import AsyncClient, Client, Run
from ...client.aio import Question
from ...errors import Invalid, LLMHubError, from_words
from ...events import ReasoningDelta, RunFinished, StatusChanged, TextDelta
from ...messages import add_usage
from .display import Output
from .heard import heard
from .result import Result
from .shape import Mismatch, Shape

STOPPED: Final = "Stopped."
CUT: Final = "Cut off: the model has come to its limit of tokens (`--max-tokens`)."
_QUIET: Final = ("connecting", "answered_by", "compacted")


class Stopped(KeyboardInterrupt):
    """The person stopped an answer; what was said is shown and kept. IPython shows no traceback of it."""

    message_id: str | None = None
    """The answer as far as it came, where it is in a conversation."""

    def _render_traceback_(self) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, of whom, and where. `parent_id` None: below what is shown."""

    question: Question
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    conversation: str | None = None
    parent_id: str | None = None
    temporary: bool = False
    files: Sequence[Any] = ()
    instruction: str | None = None
    """What is said after the question, for this answer only."""
    shape: Shape | None = None
    """What the answer has to be."""

    def at(self, conversation: str | None = None, parent_id: str | None = None, *, temporary: bool = False) -> Asking:
        """The same elsewhere."""
        return replace(self, conversation=conversation, parent_id=parent_id, temporary=temporary)

    def told(self) -> dict[str, Any]:
        """The arguments of `start_run`."""
        said = [self.instruction, None if self.shape is None else self.shape.instruction]
        schema = None if self.shape is None else self.shape.schema
        return {
            "question": self.question,
            "conversation": self.conversation,
            "parent_id": self.parent_id,
            "model": self.model,
            "params": {**self.params, **({} if schema is None else {"json_schema": schema})} or None,
            "files": self.files,
            "temporary": self.temporary,
            "instruction": "\n".join(filter(None, said)) or None,
        }

    def again(self, said: Result, why: Mismatch) -> Asking:
        """The one round in which an answer can be repaired."""
        return replace(self, question=repair(why), files=()).at(said.conversation_id, said.message.id)


class Missed(Invalid):
    """An answer that was not as it had to be, the second time too; `result` is it as it came."""

    def __init__(self, result: Result, why: Mismatch) -> None:
        cut_off = result.message.finish_reason == "length"
        hint = "It was cut off: the model has come to its limit of tokens (max_tokens)." if cut_off else "It is shown as it came."
        super().__init__(f"The answer is not as it was asked for: {why}.", hint=hint)
        self.result = result


def repair(why: Mismatch) -> str:
    """What is said to the model whose answer is not as it had to be."""
    return f"That answer cannot be used: {why}. Answer again, with nothing but the corrected JSON."


Show = Callable[[Result], Mapping[str, Any] | None]
"""What is shown of an answer that is whole; None: the answer as it is."""


def ask(client: Client, asking: Asking, output: Output, show: Show | None = None) -> Result:
    """Ask and show. Raises what the answer failed with, `Missed`, and `Stopped` after an interrupt."""
    if asking.shape is None:
        return follow(client, client.start_run(**asking.told()), output, show)
    result = follow(client, client.start_run(**asking.told()), output, None, ends=False)
    if result.message.status != "complete":  # somebody stopped it, and wants no other
        return result
    try:
        result = _fitted(result, asking.shape)
    except Mismatch as why:
        output.clear(f"The answer cannot be used: {why}. Asking once more …")
        again = follow(client, client.start_run(**asking.again(result, why).told()), output, None, ends=False)
        result = _with_usage_of(result, again)
        try:
            result = _fitted(result, asking.shape)
        except Mismatch as still:
            output.end(metadata=_metadata(result))
            raise Missed(result, still) from None
    output.end(data=show(result) if show else None, metadata=_metadata(result))
    return result


async def answered(client: AsyncClient, asking: Asking) -> Result:
    """Ask and wait, where nothing is shown. Raises what the answer failed with, and `Missed`. Cancelled, it stops the answer."""
    result = await _whole(client, asking)
    if asking.shape is None or result.message.status != "complete":  # who stops one wants no other
        return result
    try:
        return _fitted(result, asking.shape)
    except Mismatch as why:
        result = _with_usage_of(result, await _whole(client, asking.again(result, why)))
    try:
        return _fitted(result, asking.shape)
    except Mismatch as still:
        raise Missed(result, still) from None


async def _whole(client: AsyncClient, asking: Asking) -> Result:
    answer = await client.wait(await client.start_run(**asking.told()))
    return Result(conversation_id=answer.conversation_id, run_id=answer.run_id, message=answer.message)


def _with_usage_of(first: Result, second: Result) -> Result:
    """The second of two answers to one question, with what both used."""
    usage = add_usage(first.usage, second.usage)
    return second.model_copy(update={"message": second.message.model_copy(update={"usage": usage})})


def _fitted(result: Result, shape: Shape) -> Result:
    return result.model_copy(update={"value": shape.read(result.text)})


def follow(client: Client, run: Run, output: Output, show: Show | None = None, *, ends: bool = True) -> Result:
    """Show a run to its end. The question of one that failed before its first word is taken away again: it stands in the cell.

    `ends` False: what is shown last is somebody else's business.
    """
    try:
        finished, has_begun = _show(client, run, output)
    except KeyboardInterrupt:
        with suppress(LLMHubError):
            client.stop(run)
        output.end(STOPPED, metadata={"llmhub": {"conversation_id": run.conversation_id, "message_id": run.message_id}})
        stopped = Stopped()
        stopped.message_id = run.message_id
        raise stopped from None
    error = from_words(finished.error.model_dump()) if finished.error else None
    if error is not None and not has_begun and run.user_message_id:
        with suppress(LLMHubError):
            client.delete_message(run.conversation_id, run.user_message_id)
        output.end()
        raise error
    message = client.message(run)
    result = Result(conversation_id=run.conversation_id, run_id=run.run_id, message=message)
    if finished.status != "complete":
        output.end(_ended(finished), metadata=_metadata(result))
    elif ends:
        note = CUT if finished.finish_reason == "length" else ""
        output.end(note, data=show(result) if show else None, metadata=_metadata(result))
    if error is not None:
        raise error
    return result


def _show(client: Client, run: Run, output: Output) -> tuple[RunFinished, bool]:
    """The last event, and whether there were words before it."""
    has_begun = False
    with closing(heard(client, client.aio.events(run), output)) as events:
        for event in events:
            match event:
                case TextDelta():
                    has_begun = True
                    output.add(event.text)
                case ReasoningDelta() if not has_begun:
                    output.note("Thinking …")
                case StatusChanged() if event.code not in _QUIET:
                    output.note(f"{event.text[:1].upper()}{event.text[1:]} …")
                case RunFinished():
                    return event, has_begun
                case _:
                    pass
    return RunFinished(status=client.run(run.run_id).status), has_begun


def _ended(finished: RunFinished) -> str:
    match finished.status:
        case "stopped":
            return STOPPED
        case "interrupted":
            return "The answer was cut off."
        case _:
            return "The answer failed before its end."


def _metadata(result: Result) -> dict[str, Any]:
    """Where an output comes from, kept with it in the notebook. Never a key."""
    told: dict[str, Any] = {"conversation_id": result.conversation_id, "message_id": result.message.id}
    told |= {"model": result.model, "status": result.message.status}
    if result.usage is not None:
        counts = result.usage.model_dump(exclude_none=True)
        told["usage"] = {name: counts[name] for name in ("input_tokens", "output_tokens", "cost_usd") if name in counts}
    return {"llmhub": told}
