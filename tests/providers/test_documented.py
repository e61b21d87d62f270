"""Each kind that speaks OpenAI's protocol in a way of its own, in the shape of its documentation: what arrives, what is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from llmhub.config import ProviderConfig, Settings
from llmhub.messages import Usage
from llmhub.providers.base import NoKeys
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.router import Router

from .asking import CANARY, ask, finish_in, text_in, thoughts_in, usage_in
from .test_compatible import DONE, chunk
from .wire_server import WireServer

KINDS = tuple(
    ["groq", "huggingface", "openrouter", "mistral", "deepseek", "cohere", "xai", "together", "perplexity", "fireworks", "lmstudio"]
)


@pytest.fixture
async def kinds(wire: WireServer, catalogue: Catalogue) -> AsyncIterator[Router]:
    """`groq/replay`, `mistral/replay`, ...: each kind, at the model server."""
    providers = {
        kind: ProviderConfig.model_validate({"kind": kind, "base_url": wire.base_url("openai"), "api_key": CANARY})
        for kind in KINDS
    }
    router = Router(Settings(providers=providers), NoKeys(), catalogue)
    yield router
    await router.aclose()


def usage(given: int, answered: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": given, "completion_tokens": answered, "total_tokens": given + answered, **more}


SHAPES: dict[str, tuple[list[str], str, str, Usage]] = {
    "groq": (
        [
            chunk({"role": "assistant", "content": ""}, x_groq={"id": "req_1"}),
            chunk({"reasoning": "Hm. ", "channel": "analysis"}),
            chunk({"content": "Yes."}),
            chunk({}, "stop", x_groq={"id": "req_1", "usage": {**usage(18, 9), "queue_time": 0.03, "total_time": 0.2}}),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=18, output_tokens=9),
    ),
    "openrouter": (
        [
            ": OPENROUTER PROCESSING\n\n",
            chunk({"role": "assistant", "content": "", "reasoning": "Hm. ", "reasoning_details": []}, provider="X"),
            ": OPENROUTER PROCESSING\n\n",
            chunk({"content": "Yes."}, native_finish_reason=None),
            chunk({"content": ""}, "stop"),
            chunk(
                {},
                usage={
                    **usage(20, 7, cost=0.00014),
                    "prompt_tokens_details": {"cached_tokens": 5},
                    "completion_tokens_details": {"reasoning_tokens": 3},
                },
            ),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=20, cached_tokens=5, output_tokens=7, reasoning_tokens=3, cost_usd=0.00014),
    ),
    "deepseek": (
        [
            ": keep-alive\n\n",
            chunk({"role": "assistant", "content": None, "reasoning_content": "Hm. "}),
            chunk({"content": "Yes.", "reasoning_content": None}),
            chunk(
                {"content": "", "reasoning_content": None},
                "stop",
                usage={
                    **usage(30, 8, prompt_cache_hit_tokens=16, prompt_cache_miss_tokens=14),
                    "completion_tokens_details": {"reasoning_tokens": 4},
                },
            ),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=30, cached_tokens=16, output_tokens=8, reasoning_tokens=4),
    ),
    "mistral": (
        [
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm. "}]}]}),
            chunk({"content": [{"type": "text", "text": "Yes"}]}),
            chunk({"content": "."}),
            chunk({"content": ""}, "stop", usage=usage(12, 6)),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=12, output_tokens=6),
    ),
    "perplexity": (
        [
            chunk({"role": "assistant", "content": "Yes [1]"}, citations=["https://a.example"], object="chat.completion.chunk"),
            chunk(
                {"content": "[2]."},
                "stop",
                citations=["https://a.example", "https://b.example/x"],
                search_results=[
                    {"title": "Page A", "url": "https://a.example", "date": "2026-01-01"},
                    {"title": "Page B", "url": "https://b.example/x", "date": None},
                ],
                usage=usage(14, 5, search_context_size="low", cost={"total_cost": 0.006}),
            ),
        ],
        "",
        "Yes [1][2].\n\n1. [Page A](<https://a.example>)\n2. [Page B](<https://b.example/x>)",
        Usage(input_tokens=14, output_tokens=5),
    ),
    "xai": (
        [
            chunk({"role": "assistant", "reasoning_content": "Hm. "}),
            chunk({"content": "Yes."}),
            chunk({}, "stop", system_fingerprint="fp_1"),
            chunk(
                None,
                usage={
                    **usage(32, 9, num_sources_used=0, total_tokens=46),  # thoughts are not among the completion's tokens
                    "prompt_tokens_details": {"text_tokens": 32, "cached_tokens": 6},
                    "completion_tokens_details": {"reasoning_tokens": 5},
                },
            ),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=32, cached_tokens=6, output_tokens=14, reasoning_tokens=5),
    ),
    "together": (
        [
            chunk({"token_id": 9, "role": "assistant", "content": "", "reasoning": "Hm. "}),
            chunk({"token_id": 10, "role": "assistant", "content": "Yes."}),
            chunk({"token_id": 11, "role": "assistant", "content": ""}, "eos", usage=usage(10, 4)),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=10, output_tokens=4),
    ),
    "fireworks": (
        [
            chunk({"role": "assistant", "reasoning_content": "Hm. "}),
            chunk({"content": "Yes."}),
            chunk({}, "stop", usage=usage(11, 4, prompt_tokens_details={"cached_tokens": 2}), perf_metrics=None),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=11, cached_tokens=2, output_tokens=4),
    ),
    "cohere": (
        [
            chunk({"role": "assistant", "content": "", "tool_calls": None}),
            chunk({"content": "Yes."}, id="c-1", created=1),
            chunk({}, "stop"),
            chunk(None, usage=usage(9, 3)),
        ],
        "",
        "Yes.",
        Usage(input_tokens=9, output_tokens=3),
    ),
    "huggingface": (
        [
            chunk({"role": "assistant", "content": "Yes", "tool_call_id": None}),
            chunk({"role": "assistant", "content": "."}, "stop", system_fingerprint="3.0.0-sha", usage=None),
            chunk(None, usage=usage(8, 2)),
        ],
        "",
        "Yes.",
        Usage(input_tokens=8, output_tokens=2),
    ),
    "lmstudio": (
        [
            chunk({"role": "assistant", "reasoning_content": "Hm. "}, system_fingerprint="qwen3"),
            chunk({"content": "Yes."}),
            chunk({}, "stop", stats={}),
            chunk(None, usage=usage(7, 4)),
        ],
        "Hm. ",
        "Yes.",
        Usage(input_tokens=7, output_tokens=4),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_in_the_shape_of_the_documentation_is_understood(kinds: Router, kind: str) -> None:
    frames, thoughts, text, used = SHAPES[kind]
    events = await ask(kinds, f"{kind}/replay", "".join(frames) + DONE)
    assert (thoughts_in(events), text_in(events), finish_in(events)) == (thoughts, text, "stop")
    assert usage_in(events) == used


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_asked_is_what_each_of_them_takes(kinds: Router, wire: WireServer, kind: str) -> None:
    await ask(kinds, f"{kind}/echo", params={"max_tokens": 50, "reasoning_effort": "low"})
    record = wire.asked("echo")[-1]
    assert record.headers["authorization"] == f"Bearer {CANARY}"
    assert record.body["max_tokens"] == 50 and "max_completion_tokens" not in record.body
    asked = {"reasoning": {"effort": "low"}} if kind == "openrouter" else {"reasoning_effort": "low"}
    assert {name: value for name, value in record.body.items() if "reasoning" in name} == asked
    assert json.dumps(record.body).count("store") == 0


async def test_pages_that_openrouter_cites_are_listed(kinds: Router) -> None:
    cited = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 3}}
    frames = chunk({"content": "Yes.", "annotations": [cited]}) + chunk({}, "stop") + DONE
    assert text_in(await ask(kinds, "openrouter/replay", frames)) == "Yes.\n\n1. [A](<https://a.example>)"
