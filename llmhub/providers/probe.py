"""The button "Test": what works with a provider, tried for real, and in words where it does not. It may not be saved yet.

Two tiny questions are asked of one model; on a provider that takes money they cost a fraction of a cent.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from ..config import ProviderConfig, Timeouts
from ..errors import (
    ConfigError,
    ContextTooLong,
    KeyMissing,
    KeyRejected,
    LLMHubError,
    ModelNotFound,
    NotFound,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unavailable,
    words,
)
from ..messages import ErrorInfo
from .adapter import Adapter
from .base import (
    Finished,
    ModelInfo,
    ModelRequest,
    Provider,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    ToolSpec,
    closing,
    question_of,
)
from .billing import Bill, Booked, PriceOf
from .refusals import duration
from .router import Router, lack

CheckName = Literal["reachable", "key", "models", "streaming", "tools"]
_TIMEOUTS: Final = Timeouts(connect=5, first_byte=60, idle=30)
_TOOL: Final = ToolSpec("report", "Report a number.", {"type": "object", "properties": {"number": {"type": "integer"}}})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried; `ok` None: it was not, or told nothing."""

    name: CheckName
    ok: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`ok`: an answer came, or, where no model could be asked, at least the list of models did."""

    ok: bool
    latency_ms: float | None
    models: tuple[str, ...]
    error: ErrorInfo | None
    checks: tuple[Check, ...]


async def probe(
    router: Router,
    name: str,
    config: ProviderConfig | None = None,
    api_key: str | None = None,
    *,
    credentials: Mapping[str, str] | None = None,
    model: str | None = None,
    bill: Bill | None = None,
) -> ProbeResult:
    """Try the provider `name` as configured, or as `config` would have it. Raises `NotFound` if there is neither.

    Without `api_key` and `credentials` what is stored is used, but only for the address that it was entered for. `bill` is who pays
    for what is asked; None: it is entered nowhere.
    """
    stored = router.providers.get(name)
    config = config or stored
    if config is None:
        raise NotFound(f"There is no provider called '{name}'.", hint="Add it first, or choose one from the list.")
    await router.catalogue.load()
    hasty = config.model_copy(update={"timeouts": _TIMEOUTS})
    try:
        at_home = _is_at_home(name, config, stored)
        key = api_key or (await router.key(name, config) if at_home else _own_key(config))
        fields = {**(await router.fields(name) if at_home else {}), **(credentials or {})}
        adapter, provider = router.build(name, hasty, key, fields)
        known = router.catalogue.known(adapter.kind) if adapter.official else ()
    except LLMHubError as exc:
        return _Trial(name).result(exc)
    try:
        trial = _Trial(name, bill, lambda chosen: partial(router.price, f"{name}/{chosen}"))
        return await _try(trial, adapter, provider, config, model or "", known)
    finally:
        await provider.aclose()


def _is_at_home(name: str, config: ProviderConfig, stored: ProviderConfig | None) -> bool:
    if stored is None:
        return config.base_url is None and config.kind == name
    return (config.kind, config.base_url) == (stored.kind, stored.base_url)


def _own_key(config: ProviderConfig) -> str | None:
    return config.api_key.get_secret_value() if config.api_key else None


class _Trial:
    """What has been found so far."""

    def __init__(self, name: str, bill: Bill | None = None, price: Callable[[str], PriceOf] | None = None) -> None:
        self.name = name
        self.bill = bill
        self._price = price
        self.latency_ms: float | None = None
        self.models: tuple[str, ...] = ()
        self._found: dict[CheckName, Check] = {}

    def stream(self, provider: Provider, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Ask, and enter what that took."""
        if self._price is not None:
            provider = Booked(provider, f"{self.name}/{request.model}", self._price(request.model))
        return provider.stream(replace(request, bill=self.bill))

    def note(self, name: CheckName, ok: bool | None, detail: str) -> None:
        """A later finding replaces an earlier one, except that a failure stays."""
        if (before := self._found.get(name)) is None or before.ok is not False:
            self._found[name] = Check(name, ok, detail)

    def blame(self, exc: LLMHubError, name: CheckName) -> None:
        """What an error says about reaching the provider, about its key, and about `name`, which was being tried."""
        if isinstance(exc, Unavailable | TimedOut) and exc.status is None:
            self.note("reachable", False, exc.message)
            return
        self.note("reachable", True, "It answers.")
        if isinstance(exc, KeyRejected | KeyMissing):
            self.note("key", False, exc.message)
            return
        self.note(name, None if isinstance(exc, RateLimited) else False, exc.message)

    def result(self, error: LLMHubError | None) -> ProbeResult:
        """The findings, in the order in which they build on each other."""
        names: tuple[CheckName, ...] = ("reachable", "key", "models", "streaming", "tools")
        checks = tuple(self._found.get(name) or Check(name, None, "Not tried.") for name in names)
        info = None if error is None else ErrorInfo.model_validate(words(error))
        return ProbeResult(error is None, self.latency_ms, self.models, info, checks)


async def _try(
    trial: _Trial, adapter: Adapter, provider: Provider, config: ProviderConfig, model: str, known: Sequence[str]
) -> ProbeResult:
    if adapter.lacking is not None:
        error = lack(adapter, model)
        trial.note("key", False, error.message)
        return trial.result(error)
    try:
        models = await _list(trial, provider)
    except LLMHubError as exc:
        trial.blame(exc, "models")
        if isinstance(exc, Unavailable | KeyRejected | KeyMissing | ConfigError | TimedOut):
            return trial.result(exc)
        models, listing_failed = [], exc
    else:
        listing_failed = None
    listed = [adapter.info(name) for name in config.models] if config.models else models
    trial.models = tuple(info.id for info in listed)
    chosen = model.removeprefix(f"{trial.name}/") or _cheapest(listed) or next(iter(known), "")
    if not chosen:
        trial.note("streaming", None, "There is no model to ask.")
        return trial.result(listing_failed or _nothing_to_ask(trial.name))
    if trial.bill is not None:
        await trial.bill.admit(f"{trial.name}/{chosen}", None)  # whoever tries a provider knows that it is asked
    try:
        await _stream(trial, provider, chosen)
    except LLMHubError as exc:
        trial.blame(exc, "streaming")
        return trial.result(exc)
    trial.note("reachable", True, "It answers.")
    trial.note("key", True, "The key is accepted." if adapter.key else "No key is needed.")
    if adapter.kind.wire == "demo":
        trial.note("tools", None, "A script calls no tools.")
    else:
        await _tools(trial, provider, chosen)
    return trial.result(None)


async def _list(trial: _Trial, provider: Provider) -> list[ModelInfo]:
    start = time.monotonic()
    models = await provider.models()
    if models:
        trial.latency_ms = round((time.monotonic() - start) * 1000, 1)
        trial.note("reachable", True, "It answers.")
        trial.note("models", True, "It offers one model." if len(models) == 1 else f"It offers {len(models)} models.")
    else:
        trial.note("models", None, "It has no list of its own.")
    return models


async def _stream(trial: _Trial, provider: Provider, model: str) -> None:
    start = time.monotonic()
    async with closing(trial.stream(provider, _question(model, "Say hello."))) as events:
        async for event in events:
            if isinstance(event, Text | Reasoning | ToolCall | Finished):
                took = time.monotonic() - start
                trial.latency_ms = trial.latency_ms or round(took * 1000, 1)
                when = f"{took * 1000:.0f} ms" if took < 1 else duration(took)
                trial.note("streaming", True, f"'{model}' began to answer after {when}.")
                return
    raise ModelNotFound(f"'{model}' said nothing.", provider=trial.name, model=model)


async def _tools(trial: _Trial, provider: Provider, model: str) -> None:
    request = replace(_question(model, "Call the tool `report` with the number 7. Say nothing else."), tools=(_TOOL,))
    try:
        async with closing(trial.stream(provider, request)) as events:
            async for event in events:
                if isinstance(event, ToolCall):
                    trial.note("tools", True, f"'{model}' calls tools.")
                    return
    except (RequestRejected, ContextTooLong, ModelNotFound) as exc:
        trial.note("tools", False, exc.message)
        return
    except LLMHubError as exc:
        trial.note("tools", None, exc.message)
        return
    trial.note("tools", None, f"'{model}' accepts tools, but did not call the one it was given.")


def _question(model: str, text: str) -> ModelRequest:
    return ModelRequest(model=model, messages=(question_of(text),), params={"max_tokens": 64})


def _nothing_to_ask(name: str) -> ModelNotFound:
    return ModelNotFound(
        f"'{name}' names no model that could be tried.",
        hint="If it has models, check the address, or name one of them and test again. A local server may need to load one first.",
        provider=name,
    )


def _cheapest(models: Sequence[ModelInfo]) -> str:
    """The own name of the cheapest model, the first of those whose price is not known."""
    with suppress(ValueError):
        cheapest = min(models, key=lambda info: info.price.output if info.price else float("inf"))
        return cheapest.id.partition("/")[2]
    return ""
