"""Which parameters a model takes, in which range, and a request's parameters made to fit.

Asked in this order: llmhub.yaml (`models: ... parameters`), what the catalogue knows of the model, what its wire can say at all.
Of a model that nobody knows, everything its wire can say is offered; a server that refuses a parameter is asked without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, Literal

from ..config import ModelConfig, ParameterConfig
from ..errors import Invalid
from ..messages import Adaptation, Value
from .adapter import Adapter
from .base import ModelInfo
from .catalogue import Facts

ParameterName = Literal[
    "system",
    "temperature",
    "top_p",
    "max_tokens",
    "reasoning_effort",
    "reasoning_budget",
    "verbosity",
    "seed",
    "stop",
    "json_schema",
    "caching",
]
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS: Final = {"none": 0, "minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 32768}
_USUAL: Final = ("none", "minimal", "low", "medium", "high")
_MOST_TOKENS: Final = 10_000_000


class Parameter(Value):
    """One parameter of one model. `default` is what holds where nothing is set; null: what the provider thinks fit.

    `min`, `max` and `step` are of numbers; of a list of texts, `max` is how many it may hold.
    """

    name: ParameterName
    type: Literal["number", "integer", "choice", "switch", "text", "texts", "schema"]
    min: float | None = None
    max: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    default: Any = None


def parameters_of(adapter: Adapter, info: ModelInfo, said: ModelConfig, defaults: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """What the model `info` of the provider behind `adapter` takes. `defaults` are llmhub.yaml's `params` of both."""
    model = info.id.partition("/")[2]
    facts = adapter.facts(model)
    if adapter.kind.wire == "demo":
        return ()
    found = [
        Parameter(name="system", type="text"),
        *_sampling(adapter, facts),
        _max_tokens(adapter, info),
        *_thinking(adapter, model, facts, info),
        *_rest(adapter, model, facts, info),
    ]
    taken = [parameter for parameter in found if parameter.name not in adapter.never_sent]
    own = [one for parameter in taken if (one := _overridden(parameter, said.parameters.get(parameter.name))) is not None]
    return tuple(
        parameter.model_copy(update={"default": defaults[parameter.name]}) if parameter.name in defaults else parameter
        for parameter in own
    )


def _sampling(adapter: Adapter, facts: Facts) -> list[Parameter]:
    wire = adapter.kind.wire
    if facts.takes_sampling is False or (always_reasons(adapter, facts) and wire == "openai"):
        return []
    warmth, nucleus = {"ollama": (0.8, 0.9), "gemini": (1.0, 0.95)}.get(wire, (1.0, 1.0))
    known = wire != "openai" or adapter.official
    most = 1.0 if wire == "anthropic" else 2.0
    return [
        Parameter(name="temperature", type="number", min=0, max=most, step=0.05, default=warmth if known else None),
        Parameter(name="top_p", type="number", min=0, max=1, step=0.05, default=nucleus if known else None),
    ]


def always_reasons(adapter: Adapter, facts: Facts) -> bool:
    """Whether it is one of OpenAI's models that cannot but reason: those refuse temperature, top_p and stop."""
    return adapter.official and "reasoning" in facts.capabilities and "none" not in (facts.efforts or ())


def _max_tokens(adapter: Adapter, info: ModelInfo) -> Parameter:
    default = (info.max_output_tokens or 8192) if adapter.kind.wire == "anthropic" else None
    return Parameter(name="max_tokens", type="integer", min=1, max=info.max_output_tokens, step=1, default=default)


def _thinking(adapter: Adapter, model: str, facts: Facts, info: ModelInfo) -> list[Parameter]:
    if "reasoning" not in info.capabilities and (info.sure or facts.mode is not None):
        return []
    levels, budget, default = _levels(adapter, model, facts, info)
    effort = Parameter(name="reasoning_effort", type="choice", choices=levels, default=facts.default_effort or default)
    if budget is None:
        return [effort]
    return [effort, Parameter(name="reasoning_budget", type="integer", min=budget[0], max=budget[1], step=256)]


def _levels(
    adapter: Adapter, model: str, facts: Facts, info: ModelInfo
) -> tuple[tuple[str, ...], tuple[int, int] | None, str | None]:
    """The efforts of a model, the range of its budget if it has one, and how much it thinks unasked."""
    match adapter.kind.wire:
        case "openai" if adapter.official and facts.mode is not None:
            return facts.efforts or ("low", "medium", "high"), None, "medium"
        case "anthropic" if facts.thinks_adaptively:
            off = () if facts.always_thinks else ("none",)
            most = tuple(level for level in ("xhigh", "max") if level in (facts.efforts or ()))
            return (*off, "low", "medium", "high", *most), None, None if facts.always_thinks else "none"
        case "anthropic":
            return _USUAL, (1024, max(1024, (info.max_output_tokens or 65536) // 2)), "none"
        case "gemini" if generation(model) >= 3:
            return (*(("minimal",) if "flash" in model else ()), "low", "medium", "high"), None, "high"
        case "gemini":
            if "pro" in model:
                return _USUAL[1:], (128, 32768), None
            return _USUAL, (0, 24576), None
        case "ollama":
            return (("low", "medium", "high") if "gpt-oss" in model else ("none", "medium")), None, "medium"
        case _:
            return facts.efforts or _USUAL, None, None


def generation(model: str) -> int:
    """Of "gemini-2.5-pro": 2; 0 where the name does not say."""
    match = re.search(r"gemini-(\d+)", model)
    return int(match[1]) if match else 0


def _rest(adapter: Adapter, model: str, facts: Facts, info: ModelInfo) -> list[Parameter]:
    wire = adapter.kind.wire
    found: list[Parameter] = []
    if model.rsplit("/", 1)[-1].startswith("gpt-5") and wire in ("openai", "litellm"):
        found.append(Parameter(name="verbosity", type="choice", choices=("low", "medium", "high"), default="medium"))
    by_responses = wire == "openai" and adapter.wants_responses(model)  # OpenAI's newer API has neither seed nor stop
    if wire != "anthropic" and not by_responses:
        found.append(Parameter(name="seed", type="integer", min=-(2**31), max=2**31 - 1, step=1))
    if not by_responses and not (wire == "openai" and always_reasons(adapter, facts)):
        most = {"gemini": 5, "openai": 4 if adapter.official else None}.get(wire)
        found.append(Parameter(name="stop", type="texts", max=most))
    if _takes_schema(adapter, facts, info):
        found.append(Parameter(name="json_schema", type="schema"))
    if _caches_when_told(adapter, model, info):
        found.append(Parameter(name="caching", type="switch", default=True))
    return found


def _caches_when_told(adapter: Adapter, model: str, info: ModelInfo) -> bool:
    """Whether something is said to the provider that makes it keep what it is sent; others do so by themselves, or not at all."""
    match adapter.kind.wire:
        case "anthropic":
            return True
        case "openai" if adapter.kind.name == "openrouter":
            return model.startswith("anthropic/")
        case "openai":
            return adapter.official and adapter.kind.name == "openai"
        case _:
            return adapter.kind.wire == "litellm" and "claude" in model and "caching" in info.capabilities


def _takes_schema(adapter: Adapter, facts: Facts, info: ModelInfo) -> bool:
    """Ollama holds any model to a schema; Anthropic's older models are asked to call a tool that has it."""
    if adapter.kind.wire == "ollama" or not (info.sure or facts.mode is not None):
        return True
    return "json_schema" in info.capabilities or (adapter.kind.wire == "anthropic" and "tools" in info.capabilities)


def _overridden(parameter: Parameter, said: ParameterConfig | None) -> Parameter | None:
    if said is None:
        return parameter
    if not said.taken:
        return None
    return parameter.model_copy(update={name: getattr(said, name) for name in said.model_fields_set - {"taken"}})


# ---- a request's parameters


def check(params: Mapping[str, Any], taken: Collection[Parameter], model: str, *, field: str = "params") -> None:
    """Raises `Invalid` for a value beyond what `model` takes, naming parameter and range. One that it does not take is no error."""
    faults: dict[str, str] = {}
    for parameter in taken:
        value = params.get(parameter.name)
        if value is not None and (fault := _fault(parameter, value)):
            faults[f"{field}.{parameter.name}"] = f"{fault} for '{model}'"
    if faults:
        why = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        errors = [{"field": name, "message": fault} for name, fault in faults.items()]
        raise Invalid(f"{why}.", hint="Correct what is named, or choose another model.", details={"errors": errors})


def _fault(parameter: Parameter, value: Any) -> str | None:
    match parameter.type:
        case "number" | "integer" if not _within(parameter, value):
            return f"should be {_range(parameter)}"
        case "choice" if value not in parameter.choices and parameter.name != "reasoning_effort":
            return f"should be one of {', '.join(parameter.choices)}"
        case "texts" if parameter.max is not None and len(value) > parameter.max:
            return f"should hold at most {parameter.max:g} texts"
        case _:
            return None


def _within(parameter: Parameter, value: float) -> bool:
    return (parameter.min is None or value >= parameter.min) and (parameter.max is None or value <= parameter.max)


def _range(parameter: Parameter) -> str:
    if parameter.max is None:
        return f"at least {parameter.min:g}"
    return f"between {_figure(parameter.min or 0)} and {_figure(parameter.max)}"


def _figure(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def fitted(
    params: Mapping[str, Any], taken: Collection[Parameter], never_sent: Collection[str] = ()
) -> tuple[dict[str, Any], list[Adaptation]]:
    """`params` as the model takes them, and what became of the others. What llmhub does not know goes as it is."""
    known = {parameter.name: parameter for parameter in taken}
    fit: dict[str, Any] = {}
    adapted: list[Adaptation] = []
    wanted = _one_thought({name: value for name, value in params.items() if value is not None}, known, adapted)
    for name, value in wanted.items():
        if name not in ParameterName.__args__:
            fit[name] = value
        elif (parameter := known.get(name)) is None:
            why = "never_sent" if name in never_sent else "not_taken"
            adapted.append(Adaptation(what="parameter", how="left_out", why=why, name=name, value=value))
        elif (sent := _nearest(parameter, value)) == value:
            fit[name] = value
        else:
            fit[name] = sent
            adapted.append(Adaptation(what="parameter", how="translated", why="beyond_range", name=name, value=value, sent=sent))
    return fit, adapted


def _one_thought(params: dict[str, Any], known: Mapping[str, Parameter], adapted: list[Adaptation]) -> dict[str, Any]:
    """A budget for a model that has only efforts becomes the nearest effort."""
    budget = params.get("reasoning_budget")
    if budget is None or "reasoning_budget" in known or "reasoning_effort" not in known:
        return params
    effort = min(known["reasoning_effort"].choices, key=lambda level: abs(_BUDGETS[level] - budget))
    sent = f"reasoning_effort: {effort}"
    note = Adaptation(what="parameter", how="translated", why="not_taken", name="reasoning_budget", value=budget, sent=sent)
    adapted.append(note)
    return {name: value for name, value in params.items() if name != "reasoning_budget"} | {"reasoning_effort": effort}


def _nearest(parameter: Parameter, value: Any) -> Any:
    match parameter.type:
        case "number" | "integer":
            low = value if parameter.min is None else max(value, type(value)(parameter.min))
            return low if parameter.max is None else min(low, type(value)(parameter.max))
        case "choice" if value not in parameter.choices and value in EFFORTS and parameter.choices:
            return min(parameter.choices, key=lambda level: abs(EFFORTS.index(level) - EFFORTS.index(value)))
        case "texts" if parameter.max is not None:
            return value[: int(parameter.max)]
        case _:
            return value


def budget_of(params: Mapping[str, Any]) -> int | None:
    """Tokens to think with: as they were given, else as an effort means them; None where neither was."""
    budget = params.get("reasoning_budget")
    return _BUDGETS.get(params.get("reasoning_effort") or "") if budget is None else budget
