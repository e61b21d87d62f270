"""Models and what they take, as a host lists them."""

from __future__ import annotations

from ...messages import Value
from ...providers.base import ModelInfo
from ...providers.parameters import Parameter
from .fields import Listed, Model


class Models(Listed[ModelInfo]):
    """Every model of every configured provider."""


class ParametersQuery(Value):
    """Of which model; absent: of the one that new conversations begin with."""

    model: Model | None = None


class ParametersView(Listed[Parameter]):
    """What a model takes."""
