"""What every adapter is made of: its provider's name and kind, the way to it, and what is known of its models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..messages import Adaptation
from ..params import Params
from .base import Capability, ModelInfo, ModelRequest, Price
from .catalogue import UNKNOWN, Facts
from .families import family_of
from .faults import Place
from .features import offered
from .fields import missing
from .history import prompt_of
from .http import Endpoint, Http
from .kinds import Kind


@dataclass(frozen=True, slots=True)
class Adapter:
    """Handed to a wire by the router. `official` says that the kind's own address is used, not another one that speaks like it."""

    name: str
    kind: Kind
    endpoint: Endpoint
    http: Http
    facts: Callable[[str], Facts] = lambda _: UNKNOWN
    key: str | None = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What the kind needs beyond a key, secrets among it."""
    official: bool = False
    local: bool = False
    never_sent: frozenset[str] = frozenset()
    label: str = ""
    responses: Callable[[str], bool | None] = lambda _: None
    """Whether the configuration wants a model asked by the Responses API; None: it says nothing."""

    fills: Callable[[str], bool | None] = lambda _: None
    """Whether the configuration says that a model fills gaps in code; None: it says nothing."""

    def wants_responses(self, model: str) -> bool:
        """Whether a model is asked by OpenAI's Responses API: as is configured, else those that OpenAI offers only there."""
        said = self.responses(model)
        return said if said is not None else self.official and self.kind.name == "openai" and self.facts(model).mode == "responses"

    @property
    def lacking(self) -> str | None:
        """What nothing can be asked without: a field of its kind, or a key. An address of one's own may need no key."""
        if (field := missing(self.kind.fields, self.fields, has_key=bool(self.key))) is not None:
            return field.label
        has_key = self.key or self.fields.get("client_secret")
        return "key" if self.kind.needs_key and self.official and not has_key else None

    def place(self, request: ModelRequest) -> Place:
        """Where `request` goes, for the words of errors."""
        place = self.endpoint.place(request.model, lambda: prompt_of(request))
        place.keyless = not (self.key or any(field.secret and field.name in self.fields for field in self.kind.fields))
        place.recorder = request.recorder
        place.slip = request.slip
        place.told = {"user": request.user, "conversation_id": request.conversation_id}
        return place

    def trimmed(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` without what the provider must not be sent."""
        return {name: value for name, value in body.items() if name not in self.never_sent}

    def info(
        self,
        model: str,
        *,
        label: str = "",
        context_window: int | None = None,
        max_output_tokens: int | None = None,
        capabilities: tuple[Capability, ...] | None = None,
        price: Price | None = None,
        available: bool = True,
        why_not: str | None = None,
    ) -> ModelInfo:
        """A model of this provider: what the endpoint says of it, else what the catalogue knows."""
        facts = self.facts(model)
        return ModelInfo(
            id=f"{self.name}/{model}",
            label=label or model,
            provider=self.name,
            kind=self.kind.name,
            available=available,
            why_not=why_not,
            context_window=context_window or facts.context_window,
            max_output_tokens=max_output_tokens or facts.max_output_tokens,
            capabilities=offered(self.kind.name, facts.capabilities if capabilities is None else capabilities),
            price=price or (None if self.local else facts.price),
            local=self.local,
            family=family_of(model),
            sure=facts.sure if capabilities is None else True,
        )


def left_out(
    params: dict[str, Any],
    names: Iterable[str],
    why: Literal["while_reasoning", "one_of_two", "with_tools", "refused"],
    *,
    only: Collection[str] | None = None,
) -> list[Adaptation]:
    """Take `names` out of `params` (of them `only` these); those that stood there, to be told."""
    gone = [name for name in names if params.get(name) is not None and (only is None or name in only)]
    given = [(name, params.pop(name)) for name in gone]
    return [Adaptation(what="parameter", how="left_out", why=why, name=name, value=value) for name, value in given]


_OURS = frozenset(Params.model_fields)


def chosen(params: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """`params` in a wire's own names: those in `names` renamed, what llmhub does not know as it is, the rest left out."""
    return {
        names.get(name, name): value for name, value in params.items() if value is not None and (name in names or name not in _OURS)
    }
