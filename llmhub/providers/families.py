"""Which family a model belongs to, by its name: "meta-llama/Llama-3.3-70B-Instruct" is a Llama, whoever serves it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_FAMILIES: Final = tuple(
    (name, re.compile(rf"(?<![a-z])(?:{pattern})", re.IGNORECASE))
    for name, pattern in (
        # What was taught by one model and built on another bears both names; the one that comes first here counts.
        ("DeepSeek", r"deepseek"),
        ("GPT OSS", r"gpt-oss"),
        ("GPT", r"gpt|chatgpt|codex|davinci"),
        ("OpenAI o", r"o[1-9](?:-|$|:)"),
        ("Claude", r"claude"),
        ("Gemini", r"gemini"),
        ("Gemma", r"gemma|codegemma|medgemma"),
        ("Nemotron", r"nemotron"),
        ("Llama", r"llama|codellama"),
        ("Qwen", r"qwen|qwq|qvq"),
        ("Mistral", r"mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral"),
        ("Grok", r"grok"),
        ("Command", r"command|c4ai|aya"),
        ("Phi", r"phi[-\d]"),
        ("Granite", r"granite"),
        ("Sonar", r"sonar"),
        ("Kimi", r"kimi|moonshot"),
        ("GLM", r"glm|chatglm"),
        ("MiniMax", r"minimax"),
        ("Nova", r"nova"),
        ("Jamba", r"jamba"),
        ("Yi", r"yi-"),
        ("Falcon", r"falcon"),
        ("OLMo", r"olmo"),
        ("SmolLM", r"smollm"),
        ("ERNIE", r"ernie"),
        ("Hunyuan", r"hunyuan"),
    )
)


@lru_cache(maxsize=20_000)
def family_of(model: str) -> str | None:
    """The family of a model; None for a name that says nothing. The last step of a name counts before those before it."""
    steps = re.split(r"[/]", model)
    for step in reversed(steps):
        for name, pattern in _FAMILIES:
            if pattern.search(step):
                return name
    return None
