"""Wires of others as clouds offer them: with the model in the address, and their own spelling."""

from __future__ import annotations

import re
from typing import Any

from .anthropic import Anthropic
from .ask import Ask
from .gemini import Gemini
from .openai import OpenAI


class Azure(OpenAI):
    """OpenAI's, with the deployment in the address."""

    def read(self, body: dict[str, Any], model: str | None = None) -> Ask:
        return super().read({**body, "model": model})


class VertexClaude(Anthropic):
    """Anthropic's, with the model in the address and the version in the body."""

    def read(self, body: dict[str, Any], model: str | None = None) -> Ask:
        if body["anthropic_version"] != "vertex-2023-10-16" or "model" in body:
            raise KeyError("anthropic_version")
        return super().read({**body, "model": model})


class VertexGemini(Gemini):
    """Gemini's; Google reads field names in both spellings, and litellm writes the other one."""

    def read(self, body: dict[str, Any], model: str | None = None) -> Ask:
        return super().read(_camel(body), model)


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): _camel(inner) for name, inner in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value
