"""How each of the wires puts an answer into bytes, as its public documentation says. Used by `wire_server`.

A dialect reads a request into an `Ask` and writes neutral pieces (text, reasoning, a tool call, the end) as frames.
It knows no behaviour.
"""

from __future__ import annotations

from collections.abc import Callable

from .anthropic import Anthropic as Anthropic
from .ask import JSON as JSON
from .ask import Ask as Ask
from .ask import Counts as Counts
from .gaps import Completions as Completions
from .gaps import Fim as Fim
from .gaps import Generate as Generate
from .gemini import Gemini as Gemini
from .ollama import Ollama as Ollama
from .openai import OpenAI as OpenAI
from .responses import Responses as Responses

Dialect = OpenAI | Responses | Anthropic | Gemini | Ollama
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "openai": OpenAI,
    "responses": Responses,
    "anthropic": Anthropic,
    "gemini": Gemini,
    "ollama": Ollama,
}
