"""What `models:` in llmhub.yaml says of models: it wins over the endpoint's word and the catalogue's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import translate
from typing import Any, Final

from ..config import ModelConfig
from .base import ModelInfo, Price
from .catalogue import Facts

_NOTHING: Final = ModelConfig()
_MOST_FOUND: Final = 20_000


class Overrides:
    """Asked by full id. Patterns count in their order, the id itself last."""

    def __init__(self, models: Mapping[str, ModelConfig]) -> None:
        self.ids = tuple(name for name in models if not is_pattern(name))
        self._models = models
        self._patterns = [(re.compile(translate(name)), config) for name, config in models.items() if is_pattern(name)]
        self._found: dict[str, ModelConfig] = {}

    def of(self, model: str) -> ModelConfig:
        """What was said of a model; only what is in its `model_fields_set` was."""
        if not self._models:
            return _NOTHING
        if (found := self._found.get(model)) is None:
            fitting = [config for pattern, config in self._patterns if pattern.match(model)]
            exact = self._models.get(model)
            found = _NOTHING
            for config in (*fitting, *((exact,) if exact is not None else ())):
                said = {name: getattr(config, name) for name in config.model_fields_set}
                found = found.model_copy(
                    update={
                        **said,
                        "params": {**found.params, **config.params},
                        "parameters": {**found.parameters, **config.parameters},
                    }
                )
            if len(self._found) >= _MOST_FOUND:  # ids come from whoever asks
                self._found.clear()
            self._found[model] = found
        return found

    def info(self, info: ModelInfo) -> ModelInfo:
        """What is known of a model, with what was said of it."""
        if not self._models:
            return info
        said = self._said(info.id, "label", "icon", "group", "description", "context_window", "max_output_tokens", "capabilities")
        if price := self.price(info.id):
            said["price"] = price
        if "capabilities" in said:
            said["sure"] = True
        return info.model_copy(update=said) if said else info

    def facts(self, model: str, facts: Facts) -> Facts:
        """The catalogue's facts, with what was said."""
        said = self._said(model, "context_window", "max_output_tokens", "capabilities")
        if "capabilities" in said:
            said["sure"] = True
        if price := self.price(model):
            said |= {"price": price, "dearer": ()}
        return replace(facts, **said) if said else facts

    def price(self, model: str) -> Price | None:
        """The price that was given."""
        price = self.of(model).price
        return None if price is None else Price(**dict(price))

    def _said(self, model: str, *names: str) -> dict[str, Any]:
        config = self.of(model)
        return {name: value for name in names if (value := getattr(config, name)) is not None}


def is_pattern(name: str) -> bool:
    """Whether a name stands for every model that fits it."""
    return any(sign in name for sign in "*?[")
