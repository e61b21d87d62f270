"""The long tail over the wire, and no exception of litellm's that would get through."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from llmhub.config import ProviderConfig, Settings, Timeouts
from llmhub.errors import (
    BadAnswer,
    ContentRefused,
    ContextTooLong,
    Interrupted,
    KeyMissing,
    KeyRejected,
    ModelNotFound,
    ProviderError,
    RateLimited,
    RequestRejected,
    Retryable,
    TimedOut,
    Unavailable,
)
from llmhub.messages import ImagePart, ToolCallPart
from llmhub.providers.base import NoKeys, Text
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.exchange import Recorder
from llmhub.providers.faults import Place
from llmhub.providers.litellm import translate
from llmhub.providers.router import Router

from .asking import CANARY, WEATHER, ask, finish_in, message, parts_in, question, text_in, thoughts_in, until_failure, usage_in
from .wire_server import WireServer

# litellm looks at every attribute of its own models, deprecated ones too, and fails on the warning that it causes.
pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("litellms_garbage")]
PLACE = Place("lab", "m", "lab.example", "https://lab.example/v1", (CANARY,))


@pytest.fixture
async def tail(wire: WireServer, catalogue: Catalogue, idle: float) -> AsyncIterator[Router]:
    """`lab/echo` through litellm, by a kind that only litellm knows and that speaks OpenAI's protocol."""

    async def wait(seconds: float) -> None:
        pass

    config = ProviderConfig.model_validate(
        {
            "kind": "novita",
            "base_url": wire.base_url("openai"),
            "api_key": CANARY,
            "timeouts": Timeouts(first_byte=20, idle=idle),
        }
    )
    router = Router(Settings(providers={"lab": config}), NoKeys(), catalogue, wait=wait)
    yield router
    await router.aclose()


async def test_text_reasoning_usage_and_the_end_arrive(tail: Router) -> None:
    events = await ask(tail, "lab/reasoner")
    assert (thoughts_in(events), text_in(events), finish_in(events)) == ("First I think. ", "The answer is 42.", "stop")
    usage = usage_in(events)
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens, usage.reasoning_tokens) == (120, 100, 50, 30)


async def test_tool_calls_arrive_in_fragments(tail: Router) -> None:
    events = await ask(tail, "lab/two-tools", tools=(WEATHER,))
    calls = [part for part in parts_in(events) if isinstance(part, ToolCallPart)]
    assert [(call.call_id, call.arguments) for call in calls] == [("call_0", '{"city": "Bern"}'), ("call_1", '{"city": "Bern"}')]
    assert finish_in(events) == "tool_calls"


async def test_images_and_parameters_are_sent(tail: Router, wire: WireServer) -> None:
    url = "data:image/png;base64,iVBORw0KGgo="
    events = await ask(tail, "lab/vision", message("user", "What?", ImagePart(url=url)), params={"temperature": 0.5})
    assert text_in(events) == "I see 1: image/png of 8 bytes"
    assert wire.asked("vision")[0].body["temperature"] == 0.5
    assert wire.asked("vision")[0].key == CANARY


@pytest.mark.parametrize("fails", [False, True])
async def test_what_litellm_was_given_and_gave_can_be_seen_without_the_key(tail: Router, fails: bool) -> None:
    recorder = Recorder()
    url = f"data:image/png;base64,{'iVBORw0KGgo' * 20}"
    said = message("user", f"What? {CANARY}", ImagePart(url=url))
    request = question("lab/echo-key" if fails else "lab/vision", said, recorder=recorder)
    if fails:
        await until_failure(tail, request, ProviderError)
    else:
        [_ async for _ in tail.stream(request)]
    recorder.settle()
    [item] = recorder.show()()
    assert (item.method, item.provider, item.status, bool(item.error)) == ("litellm", "lab", None, fails)
    assert item.request_body["model"].startswith("novita/") and "kB of a file" in str(item.request_body)
    assert fails or "I see" in "".join(
        choice["delta"].get("content") or "" for line in item.response_body.splitlines() for choice in json.loads(line)["choices"]
    )
    assert CANARY not in item.model_dump_json() and "api_key" not in item.model_dump_json()


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("missing-x", ModelNotFound),
        ("too-long", ContextTooLong),
        ("filtered", ContentRefused),
        ("filtered-midway", ContentRefused),
        ("rate-limited-1h", RateLimited),
        ("e401", KeyRejected),
        ("e500", Unavailable),
        ("e503", Unavailable),
        ("e529", Unavailable),
        ("silent-midstream", TimedOut),
        ("cut-midstream", Interrupted),
        ("malformed-json", Interrupted),
        ("empty", BadAnswer),
        ("html", BadAnswer),
        ("echo-key", RequestRejected),
    ],
)
async def test_each_fault_has_its_class_and_never_a_key_or_a_prompt(tail: Router, model: str, error: type[ProviderError]) -> None:
    prompt = "a very private prompt that nobody else may ever read"
    _, exc = await until_failure(tail, question(f"lab/{model}", prompt), ProviderError)
    assert type(exc) is error
    assert CANARY not in str(exc.to_json())
    assert "private prompt" not in str(exc.to_json())
    assert exc.message and exc.hint


async def test_retry_after_survives_litellm(tail: Router) -> None:
    _, exc = await until_failure(tail, question("lab/rate-limited-1h"), RateLimited)
    assert exc.retry_after == 3600


async def test_a_refused_connection_is_said_as_one(catalogue: Catalogue) -> None:
    config = ProviderConfig.model_validate({"kind": "novita", "base_url": "http://127.0.0.1:9/v1", "api_key": "k"})
    router = Router(Settings(providers={"lab": config}), NoKeys(), catalogue)
    _, exc = await until_failure(router, question("lab/x"), Unavailable)
    assert "refused" in exc.message and "127.0.0.1:9" in exc.message
    await router.aclose()


async def test_missing_credentials_of_a_cloud_are_said(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    config = ProviderConfig(kind="bedrock", params={"aws_region_name": "eu-central-1"})
    router = Router(Settings(providers={"aws": config}), NoKeys(), catalogue)
    _, exc = await until_failure(router, question("aws/anthropic.claude-sonnet-4-5-20250929-v1:0"), ProviderError)
    assert type(exc) is KeyMissing
    await router.aclose()


async def test_leaving_an_answer_closes_its_connection(tail: Router, wire: WireServer) -> None:
    wire.gate("gated").release(1)
    events = tail.stream(question("lab/gated"))
    async for event in events:
        if isinstance(event, Text):
            break
    await events.aclose()  # type: ignore[attr-defined]
    await wire.until(lambda: wire.asked("gated")[-1].ended == "left")


async def test_models_come_from_the_catalogue(tail: Router) -> None:
    models = await tail.provider_models("lab")
    assert isinstance(models, list)
    config = ProviderConfig(kind="bedrock", options={"region": "eu-central-1"})
    bedrock = Router(Settings(providers={"aws": config}), NoKeys(), tail.catalogue)
    listed = await bedrock.provider_models("aws")
    assert any("claude" in model.id for model in listed)
    assert all(model.available for model in listed)
    await bedrock.aclose()


# ---- a walk through litellm.exceptions


def every_exception() -> list[type[Exception]]:
    import litellm.exceptions as theirs

    return [
        cls
        for _, cls in inspect.getmembers(theirs, inspect.isclass)
        if issubclass(cls, Exception) and cls.__module__ == theirs.__name__
    ]


def made(cls: type[Exception]) -> Exception:
    """An instance, whatever its constructor wants."""
    response = httpx.Response(400, request=httpx.Request("POST", "http://127.0.0.1/"), headers={"retry-after": "7"})
    values: dict[str, Any] = {
        "message": f"litellm.X: it went wrong with {CANARY}",
        "model": "m",
        "llm_provider": "novita",
        "response": response,
        "request": response.request,
        "status_code": 500,
        "current_cost": 2.0,
        "max_budget": 1.0,
        "entity_type": "EMAIL",
        "request_data": {},
        "route_to_model": "other",
        "session_id": "s",
        "raw_response": "{}",
        "schema": "{}",
    }
    wanted = inspect.signature(cls.__init__).parameters
    if cls.__name__ == "VectorStoreSearchError":
        return cls([{"vector_store_id": "v", "error": "gone"}])  # type: ignore[call-arg]
    required = {
        name: values.get(name, "x")
        for name, parameter in wanted.items()
        if name != "self"
        and parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    return cls(**required) if required or cls.__init__ is not Exception.__init__ else cls("x")


EXPECTED: dict[str, type[ProviderError]] = {
    "AuthenticationError": KeyRejected,
    "PermissionDeniedError": KeyRejected,
    "NotFoundError": ModelNotFound,
    "ModelNotMappedError": ModelNotFound,
    "BadRequestError": RequestRejected,
    "ImageFetchError": RequestRejected,
    "VectorStoreSearchError": RequestRejected,
    "UnsupportedParamsError": RequestRejected,
    "UnprocessableEntityError": RequestRejected,
    "InvalidRequestError": RequestRejected,
    "LiteLLMUnknownProvider": RequestRejected,
    "BudgetExceededError": RateLimited,
    "PaymentRequiredError": RateLimited,
    "ContextWindowExceededError": ContextTooLong,
    "RejectedRequestError": ContentRefused,
    "ContentPolicyViolationError": ContentRefused,
    "GuardrailRaisedException": ContentRefused,
    "BlockedPiiEntityError": ContentRefused,
    "ModifyResponseException": ContentRefused,
    "SensitiveDataRouteException": ContentRefused,
    "RateLimitError": RateLimited,
    "Timeout": TimedOut,
    "ServiceUnavailableError": Unavailable,
    "BadGatewayError": Unavailable,
    "InternalServerError": Unavailable,
    "APIError": Unavailable,
    "APIConnectionError": Unavailable,
    "MidStreamFallbackError": Unavailable,
    "OpenAIError": Unavailable,
    "MockException": Unavailable,
    "APIResponseValidationError": BadAnswer,
    "JSONSchemaValidationError": BadAnswer,
}


def test_every_exception_of_litellm_has_a_class_of_ours() -> None:
    theirs = every_exception()
    assert len(theirs) > 25
    for cls in theirs:
        ours = translate(made(cls), PLACE)
        assert type(ours) is EXPECTED.get(cls.__name__), f"{cls.__name__} became {type(ours).__name__}"
        assert ours.message and ours.hint, cls.__name__
        assert CANARY not in str(ours.to_json()), cls.__name__


def test_whatever_comes_after_the_first_word_is_an_interruption() -> None:
    for cls in every_exception():
        if issubclass(cls, OSError):
            continue
        ours = translate(made(cls), PLACE, said=True)
        assert isinstance(ours, Retryable), cls.__name__


def test_what_is_not_litellms_own_has_words_too() -> None:
    class DefaultCredentialsError(Exception):
        pass

    assert type(translate(DefaultCredentialsError("no credentials"), PLACE)) is KeyMissing
    odd = translate(RuntimeError(f"boom {CANARY}"), PLACE)
    assert type(odd) is BadAnswer
    assert CANARY not in str(odd.to_json())
