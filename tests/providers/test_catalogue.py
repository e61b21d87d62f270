"""What is known of models, without importing who knows it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from llmhub.errors import ConfigError
from llmhub.providers.catalogue import UNKNOWN, Catalogue
from llmhub.providers.families import family_of
from llmhub.providers.kinds import KINDS, key_variables, kind_named


@pytest.fixture
async def known(catalogue: Catalogue) -> Catalogue:
    await catalogue.load()
    return catalogue


async def test_windows_abilities_and_prices_of_known_models_are_told(known: Catalogue) -> None:
    facts = known.facts(KINDS["openai"], "gpt-4o")
    assert facts.context_window == 128_000
    assert {"vision", "tools", "json_schema"} <= set(facts.capabilities)
    assert facts.price is not None and facts.price.input == 2.5
    assert known.facts(KINDS["mistral"], "mistral-large-latest").context_window
    assert known.facts(KINDS["together"], "openai/gpt-oss-120b").price


async def test_nothing_is_known_of_an_unknown_model_and_that_is_no_error(known: Catalogue) -> None:
    assert known.facts(KINDS["openai"], "never-heard-of-it") == UNKNOWN


async def test_a_namesake_elsewhere_can_do_the_same_but_has_a_price_of_its_own(known: Catalogue) -> None:
    facts = known.facts(KINDS["openai"], "Qwen/Qwen2.5-VL-72B-Instruct", elsewhere=True)
    assert "vision" in facts.capabilities
    assert facts.price is None and facts.context_window is None


async def test_only_models_for_conversations_that_still_exist_are_listed(known: Catalogue) -> None:
    models = known.known(KINDS["anthropic"])
    assert "claude-opus-5-5" in models
    openai = known.known(KINDS["openai"])
    assert not [name for name in openai if "embedding" in name or "whisper" in name or name.startswith("ft:")]
    assert known.known(KINDS["bedrock"])


async def test_without_the_table_everything_works_and_nothing_is_known(tmp_path: Path) -> None:
    empty = Catalogue(tmp_path)
    await empty.load()
    assert empty.facts(KINDS["openai"], "gpt-4o") == UNKNOWN
    (tmp_path / "model_prices_and_context_window_backup.json").write_text("{broken")
    broken = Catalogue(tmp_path)
    await broken.load()
    assert broken.known(KINDS["openai"]) == []


def test_reading_the_catalogue_and_the_router_imports_no_litellm() -> None:
    code = """
import asyncio, sys
from llmhub.config import Settings
from llmhub.providers.base import NoKeys
from llmhub.providers.router import Router
async def main():
    router = Router(Settings(), NoKeys())
    await router.models()
    assert router.catalogue.litellm_kinds
    await router.aclose()
asyncio.run(main())
print([name for name in ("litellm", "openai", "aiohttp") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- kinds


def test_every_kind_says_where_it_is_and_where_its_keys_are_made() -> None:
    for kind in KINDS.values():
        assert kind.label
        if kind.wire not in ("litellm", "demo"):
            assert kind.base_url and kind.base_url.startswith("http://127.0.0.1" if kind.local else "https://")
        if kind.needs_key:
            assert kind.env and kind.key_url and kind.key_url.startswith("https://")


def test_the_kinds_that_people_expect_are_there() -> None:
    expected = (
        "openai anthropic gemini ollama lmstudio openrouter groq mistral deepseek xai together cohere huggingface azure bedrock"
    )
    assert set(f"{expected} vertex_ai demo".split()) <= set(KINDS)


async def test_a_kind_that_only_litellm_knows_is_a_kind(known: Catalogue) -> None:
    assert kind_named("sambanova", known.litellm_kinds).wire == "litellm"


def test_other_peoples_names_for_a_kind_are_understood() -> None:
    assert kind_named("lm_studio") is KINDS["lmstudio"]
    assert kind_named("together_ai") is KINDS["together"]
    assert key_variables()["together_ai"] == key_variables()["together"]


def test_a_kind_that_nobody_knows_names_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        kind_named("antropic")
    assert caught.value.details["nearest"] == ["anthropic"]
    assert "Did you mean 'anthropic'?" in caught.value.hint


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-5-mini", "GPT"),
        ("openai/gpt-oss-120b", "GPT OSS"),
        ("o3-pro", "OpenAI o"),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama"),
        ("deepseek-r1-distill-llama-70b", "DeepSeek"),
        ("mistralai/Magistral-Small-2509", "Mistral"),
        ("qwen3:8b", "Qwen"),
        ("nvidia/llama-3.3-nemotron-super-49b-v1", "Nemotron"),
        ("models/gemini-2.5-pro", "Gemini"),
        ("phi4", "Phi"),
        ("echo", None),
        ("llamacpp/my-finetune", "Llama"),
    ],
)
def test_a_models_family_is_read_from_its_name(model: str, family: str | None) -> None:
    assert family_of(model) == family
