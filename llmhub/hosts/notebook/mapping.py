"""`llmhub.map`: one question for each of many rows, several at once, with a cache, a limit of cost, and errors by row.

Rows are taken from their source as they are asked, in the thread that called and never more than `concurrency` ahead, so that a
long batch holds no more than its values. Nothing goes into conversations: the model is asked through the OpenAI-compatible door,
the ledger has what it cost.
"""

from __future__ import annotations

import asyncio
import inspect
import queue
import re
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from numbers import Integral, Real
from typing import Any, Final, NamedTuple

from ...client import AsyncClient, Client
from ...errors import BadAnswer, Invalid, LLMHubError, Unreachable
from .answers import Answers, answers_folder
from .asking import repair
from .awaiting import awaited
from .calling import known_parameters
from .display import CellOutput, NoOutput, Output
from .feed import END, Feed
from .kernel import here
from .mapped import Mapped
from .masking import masked, secrets_here
from .models import price_of
from .options import checked
from .rows import rows_of
from .shape import Mismatch, Shape, shape_of
from .shown import BUDGET, Picture, shown
from .template import Expression, parse

_MOST: Final = 200
"""Rows at once."""
_LOOK: Final = 20
"""Rows that a preview is made of."""
_ANSWER: Final = 100
"""Tokens of an answer that a preview counts with."""
_EVERY: Final = 0.2
"""Seconds between two looks at how far it is."""
_SPREAD: Final = 0.1
"""Seconds over which the first rows are asked. Answers that all come at once leave this machine idle until they come again."""
_ENDING: Final = 10.0
"""Seconds that rows under way have to end after an interrupt."""
_HOPELESS: Final = {
    "model_not_found", "key_missing", "key_rejected", "access_denied", "quota_exceeded", "insufficient_quota", "unreachable",
}  # fmt: skip
"""What the next row would fail with, too."""


class Preview(NamedTuple):
    """What a batch would ask: rows (None: nobody knows), those answered before among the first, tokens and US dollars, about."""

    rows: int | None
    model: str
    input_tokens: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What all rows have in common."""

    template: str
    model: str
    price: Mapping[str, float | None] | None
    system: str | None
    params: Mapping[str, Any]
    shape: Shape | None
    names: dict[str, Any]
    """What the template knows; `row` among it is the row being rendered."""
    pieces: Sequence[str | Expression]
    secrets: Sequence[str]

    @property
    def kind(self) -> Any:
        """For the cache."""
        return [self.template, self.model, self.system, self.params, None if self.shape is None else self.shape.instruction]

    def question(self, row: Any) -> str:
        """The template with this row in it. Raises `Invalid`."""
        self.names["row"] = row
        words: list[str] = []
        for piece in self.pieces:
            value = piece if isinstance(piece, str) else shown(piece.value(self.names), str(piece), BUDGET)
            if isinstance(value, Picture):
                raise Invalid(f"{piece} is an image; rows are text.", hint="Ask about images one by one, with llmhub.ask(images=).")
            words.append(value)
        return masked("".join(words), self.secrets)

    def body(self, question: str) -> dict[str, Any]:
        """The request for one row."""
        said = question if self.shape is None else f"{question}\n\n{self.shape.instruction}"
        messages = [{"role": "system", "content": self.system}] if self.system else []
        body: dict[str, Any] = {"model": self.model, "messages": [*messages, {"role": "user", "content": said}], **self.params}
        if self.shape is not None and self.shape.schema is not None:
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": self.shape.schema}}
        return body

    def cost(self, given: int, answered: int) -> float | None:
        """US dollars."""
        if self.price is None:
            return None
        return (given * (self.price.get("input") or 0) + answered * (self.price.get("output") or 0)) / 1e6


class _Said(NamedTuple):
    """The answer to a row; `cut_off`: at its limit of tokens."""

    text: str
    cut_off: bool


class Mapper:
    """A batch at work. It lives in the client's loop; `mapped` may be read from anywhere."""

    def __init__(self, client: AsyncClient, batch: Batch, feed: Feed, answers: Answers, max_cost: float | None) -> None:
        self.mapped = Mapped()
        if batch.price is None:
            self.mapped.cost = None
        self._client = client
        self._complete = client.complete
        self._batch = batch
        self._feed = feed
        self._answers = answers
        self._max_cost = max_cost
        self._hopeless: LLMHubError | None = None
        self._running: asyncio.Task[Any] | None = None
        self._workers: list[asyncio.Task[None]] = []

    async def run(self, concurrency: int) -> Mapped:
        """Ask all rows. Raises the error after which the others would fail, too, if no row was answered before it."""
        self._running = asyncio.current_task()
        async with self._client.rows() as self._complete:
            self._workers = [asyncio.create_task(self._work(_SPREAD * at / concurrency)) for at in range(concurrency)]
            try:
                await asyncio.gather(*self._workers)
            except asyncio.CancelledError:
                self.mapped.stopped = "interrupted"
                raise
            finally:
                for worker in self._workers:
                    worker.cancel()
                await self._settled()
                self._answers.close()
        if self._hopeless is not None:
            if len(self.mapped.errors) == self.mapped.done:
                raise self._hopeless
            self.mapped.stopped = self._hopeless.message
        return self.mapped

    async def stop(self) -> None:
        """End `run`, if it has begun, and return when no row is under way any more: from there on `mapped` stays as it is."""
        if self._running is not None:
            self._running.cancel()
        await self._settled()

    async def _settled(self) -> None:
        if self._workers:
            await asyncio.wait(self._workers)

    async def _work(self, after: float) -> None:
        mapped = self.mapped
        await asyncio.sleep(after)
        while self._goes_on():
            row = await self._feed.next()
            if row is END or not self._goes_on():
                return
            index = len(mapped.values)
            mapped.values.append(None)
            try:
                mapped.values[index], is_cut_off = await self._row(row)
                if is_cut_off:
                    mapped.cut_off.add(index)
            except LLMHubError as exc:
                mapped.errors[index] = exc
                if exc.code in _HOPELESS:
                    self._hopeless = exc
            mapped.done += 1

    def _goes_on(self) -> bool:
        if self._max_cost is not None and (self.mapped.cost or 0) >= self._max_cost:
            self.mapped.stopped = self.mapped.stopped or "max_cost"
        return self.mapped.stopped is None and self._hopeless is None

    async def _row(self, row: Any) -> tuple[Any, bool]:
        """Its value, and whether the answer was cut off."""
        batch = self._batch
        body = batch.body(batch.question(row))
        if (before := self._answers.get(body)) is not None:
            with suppress(Mismatch):  # it fitted then: a model's own checks may be others now
                value = before["text"] if batch.shape is None else batch.shape.read(before["text"])
                self.mapped.cached += 1
                await asyncio.sleep(0)
                return value, bool(before.get("cut_off"))
        said = await self._ask(body)
        value: Any = said.text
        if batch.shape is not None:
            try:
                value = batch.shape.read(said.text)
            except Mismatch as why:
                said, value = await self._again(body, said.text, why, batch.shape)
        self._answers.put(body, said._asdict())
        return value, said.cut_off

    async def _again(self, body: Mapping[str, Any], text: str, why: Mismatch, shape: Shape) -> tuple[_Said, Any]:
        more = [{"role": "assistant", "content": text or "(nothing)"}, {"role": "user", "content": repair(why)}]
        said = await self._ask({**body, "messages": [*body["messages"], *more]})
        try:
            return said, shape.read(said.text)
        except Mismatch as again:
            hint = "It was cut off at its limit of tokens: set max_tokens higher." if said.cut_off else ""
            details = {"text": said.text[:2000]}
            raise BadAnswer(f"The answer is not as it was asked for: {again}.", hint=hint, details=details) from None

    async def _ask(self, body: Mapping[str, Any]) -> _Said:
        said = await self._complete(body)
        usage: Mapping[str, Any] = said.get("usage") or {}
        given, answered = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        self.mapped.input_tokens += given
        self.mapped.output_tokens += answered
        if self.mapped.cost is not None:
            self.mapped.cost += self._batch.cost(given, answered) or 0
        choice: Mapping[str, Any] = said["choices"][0]
        if choice.get("finish_reason") == "content_filter":
            raise BadAnswer("The provider's content filter refused this row.")
        return _Said(str(choice["message"].get("content") or ""), choice.get("finish_reason") == "length")


def map(
    template: str,
    rows: Iterable[Any],
    *,
    model: str | None = None,
    schema: Any = None,
    system: str | None = None,
    concurrency: int = 8,
    max_cost: float | None = None,
    cache: bool = True,
    progress: bool = True,
    dry_run: bool = False,
    **params: Any,
) -> Mapped | Preview:
    """Ask for each row, `{{ row }}` in the template being the row; gives the values in order.

    `rows`: anything to go through; of a data frame its rows, of a column its values. `schema`: values are objects of it.
    `concurrency`: rows at once (at most 200). `max_cost`: US dollars after which no further row is asked. What was answered before
    is not asked again (`cache=False` asks it). An interrupt gives what there is; errors are by row, in `.errors`. `dry_run`: only
    a `Preview`.
    """
    told = {"model": model, "schema": schema, "system": system, "concurrency": concurrency, "max_cost": max_cost, "cache": cache}
    return run_map(template, rows, caller_names(), {**told, "progress": progress, "dry_run": dry_run, **params})


def map_async(template: str, rows: Iterable[Any], **told: Any) -> Coroutine[Any, Any, Mapped | Preview]:
    """`map`, for code that awaits. Cancelled it stops; what was answered is in the cache."""
    return _map_async(template, rows, caller_names(), told)  # a task of its own would not know who called


async def _map_async(template: str, rows: Iterable[Any], names: dict[str, Any], told: Mapping[str, Any]) -> Mapped | Preview:
    try:
        work = await asyncio.to_thread(Work, template, rows, names, told)
        work.begin()
        prepared = await asyncio.to_thread(work.prepare, asyncio.get_running_loop().call_soon_threadsafe)
        if isinstance(prepared, Preview):
            return prepared
        with HowFar(work, prepared.mapped) as how_far:
            try:
                return await awaited(work.client.submit(prepared.run(work.concurrency)), how_far.look)
            except asyncio.CancelledError:
                prepared.mapped.stopped = "interrupted"
                raise
    except Unreachable:
        await asyncio.to_thread(here.forget)
        raise


class Work:
    """A call of `map` before it is at work: its arguments, checked."""

    def __init__(self, template: str, rows: Iterable[Any], names: dict[str, Any], told: Mapping[str, Any]) -> None:
        told = dict(told)
        self.client: Client = here.client
        self.progress: bool = told.pop("progress", True)
        concurrency: Any = told.pop("concurrency", 8)
        if not (isinstance(concurrency, Integral) and 1 <= int(concurrency) <= _MOST):
            raise Invalid(f"concurrency {concurrency}: it is 1 to {_MOST}.", hint="More at once would not be quicker.")
        self.concurrency = int(concurrency)
        if not any(isinstance(piece, Expression) and re.search(r"\brow\b", piece.source) for piece in parse(template)):
            raise Invalid("The template does not say {{ row }}: all rows would ask the same.", hint="Put {{ row }} into it.")
        if not hasattr(rows, "__iter__") and not hasattr(rows, "__getitem__"):
            raise Invalid(f"A {type(rows).__name__} has no rows.", hint="Give a list, a column, a data frame, or another iterable.")
        self.total = len(rows) if hasattr(rows, "__len__") else None  # type: ignore[arg-type]
        self._template, self._rows, self._names = template, rows_of(rows), names
        self._dry_run: bool = told.pop("dry_run", False)
        most: Any = told.pop("max_cost", None)
        if most is not None and not (isinstance(most, Real) and float(most) > 0):
            raise Invalid(f"max_cost {most!r}: it is US dollars, more than 0.", hint="Leave it out for no limit.")
        self._max_cost = None if most is None else float(most)
        self._keeps: bool = told.pop("cache", True)
        self._model: str | None = told.pop("model", None)
        schema, self._system = told.pop("schema", None), told.pop("system", None)
        self._shape = None if schema is None else shape_of(schema)
        self._params = known_parameters(checked(told))

    def begin(self) -> None:
        """Read the first rows, for a preview. Where this is called all others are read, too."""
        rows = iter(self._rows)
        self._first = list(islice(rows, _LOOK))
        self._rest = chain(self._first, rows)

    def prepare(self, call: Callable[[Callable[[], None]], object]) -> Mapper | Preview:
        """Ready to run, or for a dry run what it would be. `call` has rows read where the first ones were."""
        model = self._model or self.client.default_model()
        price = price_of(self.client, model)
        pieces = tuple(parse(self._template))
        told = (self._template, model, price, self._system, self._params, self._shape, self._names)
        self.batch = Batch(*told, pieces, secrets_here())
        if self._max_cost is not None and price is None:  # a limit that nobody can keep is none
            raise Invalid(
                f"max_cost cannot be kept: the price of {model} is not known.",
                hint="Set it in llmhub.yaml (`models: {NAME: {price: {input: ..., output: ...}}}`), or leave max_cost out.",
            )
        self.preview = self._look(self.batch)
        if self._dry_run:
            return self.preview
        answers = Answers(self.batch.kind, answers_folder() if self._keeps else None)
        return Mapper(self.client.aio, self.batch, Feed(self._rest, self.concurrency, call), answers, self._max_cost)

    def _look(self, batch: Batch) -> Preview:
        """About what it costs, by its first rows."""
        first = self._first
        if self.total is None and len(first) < _LOOK:
            self.total = len(first)
        sizes = [len(str(batch.body(batch.question(row))["messages"]).encode(errors="replace")) / 4 for row in first]
        if self.total is None or not sizes:
            return Preview(self.total, batch.model, None, None)
        tokens = round(sum(sizes) / len(sizes) * self.total)
        return Preview(self.total, batch.model, tokens, batch.cost(tokens, self.total * _ANSWER))


def run_map(template: str, rows: Iterable[Any], names: dict[str, Any], told: Mapping[str, Any]) -> Mapped | Preview:
    """`map` with the names that its template knows."""
    try:
        mapped = _run_map(template, rows, names, told)
    except Unreachable:
        here.forget()
        raise
    if isinstance(mapped, Mapped) and any(isinstance(error, Unreachable) for error in mapped.errors.values()):
        here.forget()
    return mapped


def _run_map(template: str, rows: Iterable[Any], names: dict[str, Any], told: Mapping[str, Any]) -> Mapped | Preview:
    work = Work(template, rows, names, told)
    work.begin()
    calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
    prepared = work.prepare(calls.put)
    if isinstance(prepared, Preview):
        return prepared
    mapped = prepared.mapped
    with HowFar(work, mapped) as how_far:
        try:
            running = work.client.submit(prepared.run(work.concurrency))
            running.add_done_callback(lambda _: calls.put(lambda: None))
            while not running.done():
                with suppress(queue.Empty):
                    calls.get(timeout=_EVERY)()
                how_far.look()
            running.result()
        except KeyboardInterrupt:
            mapped.stopped = "interrupted"
            with suppress(TimeoutError):  # what was submitted has begun before this does
                work.client.submit(prepared.stop()).result(_ENDING)
    return mapped


class HowFar:
    """A line in the running cell, if there is one: about what a batch costs, then how far it is, and in the end what came of it."""

    def __init__(self, work: Work, mapped: Mapped) -> None:
        self._mapped, self._total, self._before = mapped, work.total, _in_words(work.preview)
        self._output: Output = CellOutput() if work.progress and _is_in_cell() else NoOutput()

    def __enter__(self) -> HowFar:
        self._output.note(self._before)
        self._began = self._looked = time.monotonic()
        return self

    def look(self) -> None:
        """Say it, if it is time."""
        if (now := time.monotonic()) - self._looked >= _EVERY:
            self._looked = now
            told = self._mapped.summary(self._total)
            self._output.note(f"{_bar(self._mapped, self._total)} {told}, {now - self._began:.0f} s")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, asyncio.CancelledError):
            self._output.end(f"{self._mapped.summary(self._total)}, {time.monotonic() - self._began:.1f} s")
        else:
            self._output.end()


def _is_in_cell() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and getattr(shell, "kernel", None) is not None


def _bar(mapped: Mapped, total: int | None) -> str:
    if not total:
        return "▶"
    full = round(20 * mapped.done / total)
    return "█" * full + "░" * (20 - full)


def _in_words(preview: Preview) -> str:
    if preview.rows is None or preview.input_tokens is None:
        return f"Rows to {preview.model} …"
    cost = "of unknown price" if preview.cost is None else f"about ${preview.cost:.4f}"
    return f"{preview.rows:,} rows to {preview.model}: about {preview.input_tokens:,} tokens to read, {cost} …"


def caller_names() -> dict[str, Any]:
    """What whoever called the function that calls this can name."""
    this = inspect.currentframe()
    frame = this.f_back.f_back if this is not None and this.f_back is not None else None
    return {} if frame is None else {**frame.f_globals, **frame.f_locals}
