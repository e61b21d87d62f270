"""What works over each wire, and which kinds of provider lack what: the tables in docs/providers.md.

`python -m llmhub.providers.features` in a checkout writes them anew; tests/providers/test_features.py tries every claim.
Whether a single model can do a thing is the catalogue's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, get_args

from ..config import Capability
from .kinds import KINDS, Kind

Feature = Literal["streaming", "tools", "images", "reasoning", "json_schema", "caching", "usage"]
FEATURES: Final[tuple[Feature, ...]] = get_args(Feature)
WAYS: Final[Mapping[str, tuple[str, frozenset[Feature]]]] = {
    "openai": ("OpenAI's chat completions", frozenset(FEATURES)),
    "responses": ("OpenAI's Responses API", frozenset(FEATURES)),
    "anthropic": ("Anthropic's messages", frozenset(FEATURES)),
    "gemini": ("Google's Gemini API", frozenset(FEATURES)),
    "ollama": ("Ollama's chat", frozenset(FEATURES) - {"caching"}),
    "azure": ("Azure OpenAI, through litellm", frozenset(FEATURES)),
    "bedrock": ("Amazon Bedrock's Converse, through litellm", frozenset(FEATURES)),
    "vertex": ("Gemini on Vertex AI, through litellm", frozenset(FEATURES)),
    "claude": ("Claude on Vertex AI, through litellm", frozenset(FEATURES)),
}
"""What each way to a model is called, and what is sent and understood on it."""
_CAPABILITY: Final[Mapping[Feature, Capability]] = {
    "tools": "tools",
    "images": "vision",
    "reasoning": "reasoning",
    "json_schema": "json_schema",
    "caching": "caching",
}
_LACKS: Final[Mapping[str, tuple[Feature, ...]]] = {
    "perplexity": ("tools", "caching"),
    "deepseek": ("images", "json_schema"),
    "cohere": ("caching",),
    "huggingface": ("caching",),
    "ollama": ("caching",),
}
"""What no model of a kind can do there, by the provider's documentation."""
BEGIN: Final = "<!-- tables: made by `python -m llmhub.providers.features`, do not edit -->"
END: Final = "<!-- end of tables -->"


def lacks(kind: str) -> tuple[Feature, ...]:
    """What no model of a kind can do there."""
    return _LACKS.get(kind, ())


def offered(kind: str, capabilities: tuple[Capability, ...]) -> tuple[Capability, ...]:
    """A model's capabilities without those that its provider lacks."""
    gone = {_CAPABILITY[feature] for feature in lacks(kind) if feature in _CAPABILITY}
    return tuple(capability for capability in capabilities if capability not in gone)


def tables() -> str:
    """Both tables, in Markdown."""
    head = ["Way", *(feature.replace("_", " ").replace("json", "JSON") for feature in FEATURES)]
    ways = [[label, *("yes" if feature in has else "no" for feature in FEATURES)] for label, has in WAYS.values()]
    kinds = [_row(kind) for kind in KINDS.values() if kind.wire != "demo"]
    return f"{_table(head, ways)}\n\n{_table(['Provider', '`kind`', 'Key from', 'Needs besides', 'Lacks'], kinds)}"


def documented(text: str) -> str:
    """A document with the tables of today between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document has no {BEGIN!r} … {END!r}.")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _row(kind: Kind) -> list[str]:
    key = " or ".join(f"`{name}`" for name in kind.env) or ("none is needed" if not kind.needs_key else "")
    if kind.key_url:
        key = f"{key}{', ' if key else ''}[made here]({kind.key_url})"
    needs = ", ".join(f"`{field.name}`{'' if field.required else ' (if wanted)'}" for field in kind.fields)
    return [kind.label, f"`{kind.name}`", key, needs, ", ".join(feature.replace("_", " ") for feature in lacks(kind.name))]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


if __name__ == "__main__":
    path = Path(__file__).parents[2] / "docs" / "providers.md"
    path.write_text(documented(path.read_text()))
