"""What is known of models: windows, abilities, prices. It is read from litellm's table, as JSON, without importing litellm.

A model that is not in it works all the same; nothing is known of it then. Facts, not promises: an endpoint's own answer wins.
"""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from .base import Capability, Price
from .kinds import Kind
from .loose import arr, count, number, obj, text

_TABLE: Final = "model_prices_and_context_window_backup.json"
_KINDS: Final = "provider_endpoints_support_backup.json"
_FLAGS: Final[Mapping[str, Capability]] = {
    "supports_vision": "vision",
    "supports_image_input": "vision",
    "supports_function_calling": "tools",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "json_schema",
    "supports_audio_input": "audio_input",
    "supports_audio_output": "audio_output",
    "supports_pdf_input": "pdf_input",
    "supports_prompt_caching": "caching",
}
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_UNUSUAL: Final = ("none", "minimal", "xhigh", "max")
_TIER: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one model; None means: nobody said."""

    mode: str | None = None
    """What it is for: "chat", "responses", "embedding", ..."""
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[Capability, ...] = ()
    price: Price | None = None
    dearer: tuple[tuple[int, Price], ...] = ()
    """Prices of requests with more than so many input tokens, the largest first."""
    retired: str | None = None
    """The date on which the provider withdraws it."""
    takes_sampling: bool | None = None
    """Whether temperature and top_p are accepted."""
    thinks_adaptively: bool = False
    always_thinks: bool = False
    default_effort: str | None = None
    native_schema: bool = False
    efforts: tuple[str, ...] | None = None
    """The efforts of reasoning that it knows."""
    sure: bool = False
    """`capabilities` are those of this very offer."""

    def price_for(self, input_tokens: int | None) -> Price | None:
        """The price of a request with so many input tokens."""
        for above, price in self.dearer:
            if (input_tokens or 0) > above:
                return price
        return self.price


UNKNOWN: Final = Facts()


class Catalogue:
    """Loaded once, in a thread, on the first `load`. Before that, and without litellm's files, it knows nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._by_table: Mapping[str, Mapping[str, Facts]] = {}
        self._by_name: Mapping[str, Facts] = {}
        self._litellm_kinds: frozenset[str] = frozenset()
        self._loading: asyncio.Future[None] | None = None
        self._loaded = False

    async def load(self) -> None:
        """Read the table, if that has not been done."""
        if self._loaded:
            return
        if self._loading is None or self._loading.cancelled():
            self._loading = asyncio.ensure_future(asyncio.to_thread(self._read))
        await asyncio.shield(self._loading)

    def facts(self, kind: Kind, model: str, *, elsewhere: bool = False) -> Facts:
        """What is known of `model`. `elsewhere`: it is served from another address than its kind's own; its price is not known."""
        for table in kind.known_as:
            if not elsewhere and (found := self._by_table.get(table, {}).get(model)):
                return found
        found = self._by_name.get(_basename(model))
        if found is None:
            return UNKNOWN
        # Somebody offers a model of this name: it can do there what it can do here, but window and price are that offer's own.
        return Facts(capabilities=found.capabilities, mode=found.mode, efforts=found.efforts, default_effort=found.default_effort)

    def known(self, kind: Kind) -> list[str]:
        """The models for conversations that a kind is known to offer and has not withdrawn."""
        today = datetime.now(UTC).date().isoformat()
        models: dict[str, None] = {}
        for table in kind.known_as:
            for name, facts in self._by_table.get(table, {}).items():
                converses = facts.mode == "chat" or (facts.mode == "responses" and kind.name == "openai")
                if converses and not name.startswith("ft:") and not (facts.retired and facts.retired < today):
                    models.setdefault(name)
        return list(models)

    @property
    def litellm_kinds(self) -> frozenset[str]:
        """The names of all providers that litellm knows."""
        return self._litellm_kinds

    def _read(self) -> None:
        folder = self._folder or _litellm_folder()
        if folder is not None:
            rows = obj(_json(folder / _TABLE))
            by_table: defaultdict[str, dict[str, Facts]] = defaultdict(dict)
            by_name: dict[str, Facts] = {}
            for name, row in rows.items():
                if name == "sample_spec" or not (table := text(obj(row).get("litellm_provider"))):
                    continue
                facts = _facts(obj(row))
                by_table[table].setdefault(name.removeprefix(f"{table}/"), facts)
                if facts.mode in ("chat", "responses"):
                    known = by_name.get(base := _basename(name))
                    if known is None or len(facts.capabilities) > len(known.capabilities):
                        by_name[base] = facts
            self._by_table, self._by_name = by_table, by_name
            kinds = obj(obj(_json(folder / _KINDS)).get("providers"))
            chats = {name for name, row in kinds.items() if obj(obj(row).get("endpoints")).get("chat_completions")}
            self._litellm_kinds = frozenset(chats)
        self._loaded = True


def _litellm_folder() -> Path | None:
    # Finding a top-level package does not import it.
    spec = importlib.util.find_spec("litellm")
    return Path(spec.origin).parent if spec and spec.origin else None


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}  # without the table nothing is known, and everything works


def _basename(model: str) -> str:
    return model.rsplit("/", 1)[-1].lower()


def _facts(row: Mapping[str, Any]) -> Facts:
    capabilities: dict[Capability, None] = dict.fromkeys(flag for name, flag in _FLAGS.items() if row.get(name) is True)
    if "image" in (row.get("supported_output_modalities") or ()):
        capabilities["image_output"] = None
    window = count(row.get("max_input_tokens"))
    return Facts(
        mode=text(row.get("mode")) or None,
        context_window=window or count(row.get("max_tokens")),
        max_output_tokens=count(row.get("max_output_tokens")),
        capabilities=tuple(capabilities),
        price=_price(row),
        dearer=tuple(sorted(_dearer(row), key=lambda tier: -tier[0])),
        retired=text(row.get("deprecation_date")) or None,
        takes_sampling=row.get("supports_sampling_params"),
        thinks_adaptively=row.get("supports_adaptive_thinking") is True,
        always_thinks=row.get("thinking_always_on") is True,
        default_effort=text(row.get("default_reasoning_effort")) or None,
        native_schema=row.get("supports_native_structured_output") is True,
        efforts=_efforts(row),
        sure=row.get("mode") in ("chat", "responses"),
    )


def _efforts(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The table has a list for a few, and for others a flag for each that is not usual."""
    if levels := [level for level in arr(row.get("reasoning_effort_levels")) if isinstance(level, str)]:
        return tuple(levels)
    unusual = [level for level in _UNUSUAL if row.get(f"supports_{level}_reasoning_effort") is True]
    if not any(f"supports_{level}_reasoning_effort" in row for level in _UNUSUAL):
        return None
    return tuple(level for level in _EFFORTS if level not in _UNUSUAL or level in unusual)


def _dearer(row: Mapping[str, Any]) -> list[tuple[int, Price]]:
    tiers = [match[1] for name in row if (match := _TIER.fullmatch(name))]
    return [(int(tier) * 1000, price) for tier in tiers if (price := _price(row, f"_above_{tier}k_tokens"))]


def _price(row: Mapping[str, Any], suffix: str = "") -> Price | None:
    costs = [number(row.get(f"{name}_cost_per_token{suffix}")) for name in ("input", "output")]
    given, answered = costs
    if given is None or answered is None:
        return None
    cached, written = (number(row.get(f"cache_{name}_input_token_cost{suffix}")) for name in ("read", "creation"))
    return Price(
        input=_per_million(given),
        output=_per_million(answered),
        cached_input=None if cached is None else _per_million(cached),
        cache_write=None if written is None else _per_million(written),
    )


def _per_million(cost: float) -> float:
    return round(cost * 1_000_000, 6)
