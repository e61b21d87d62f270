"""Parameters that others kept with a conversation, as far as llmhub has them too and they are within its ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from ...params import Params
from . import fields

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "system": ("system",),
    "temperature": ("temperature",),
    "top_p": ("top_p", "topP"),
    "max_tokens": ("max_tokens", "maxOutputTokens", "maxTokens", "max_output_tokens", "num_predict"),
    "stop": ("stop",),
    "seed": ("seed",),
    "reasoning_effort": ("reasoning_effort",),
    "reasoning_budget": ("thinkingBudget",),
    "verbosity": ("verbosity",),
}


def params_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in `options`; what is none, or out of range, is left out."""
    found: dict[str, Any] = {}
    for name, theirs in _NAMES.items():
        given = next((options[one] for one in theirs if options.get(one) is not None), None)
        if isinstance(given, str):
            given = fields.text(given)
        if given is None or given in ("", []):
            continue
        try:
            found |= Params.model_validate({name: given}).model_dump(mode="json", exclude_none=True)
        except ValidationError:
            continue
    return found
