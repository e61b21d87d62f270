"""Azure, Bedrock and Vertex over the wire, through litellm: what is sent, how it is signed, and what arrives."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from llmhub.config import ProviderConfig, Settings, Timeouts
from llmhub.errors import (
    ConfigError,
    ContextTooLong,
    Interrupted,
    KeyMissing,
    KeyRejected,
    ModelNotFound,
    ProviderError,
    RateLimited,
    TimedOut,
    Unavailable,
)
from llmhub.messages import ImagePart, TextPart, ToolCallPart, ToolResultPart
from llmhub.providers.base import NoKeys, Text
from llmhub.providers.build import adapter_for
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.entra import SignIn
from llmhub.providers.http import Http
from llmhub.providers.probe import probe
from llmhub.providers.router import Router

from .asking import CANARY, WEATHER, ask, finish_in, message, parts_in, question, text_in, thoughts_in, until_failure, usage_in
from .clouds import AWS_KEY, ENTRA_SECRET, service_account
from .wire_server import WireServer

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("litellms_garbage")]
ACCOUNT = service_account("http://127.0.0.1:0/token")
"""Made once: a key of 2048 bits takes a while."""


def configs(wire: WireServer) -> dict[str, dict[str, Any]]:
    """One provider for each cloud, all of them at the model server."""
    account = json.dumps({**ACCOUNT, "token_uri": f"{wire.url}/token"})
    vertex = {"kind": "vertex_ai", "options": {"location": "europe-west4"}, "credentials": {"service_account": account}}
    return {
        "azure": {"kind": "azure", "api_key": CANARY, "options": {"api_version": "2025-04-01-preview"}},
        "bedrock": {"kind": "bedrock", "options": {"region": "eu-central-1"}, "credentials": AWS_KEY},
        "vertex": vertex,
        "claude": {**vertex, "options": {"location": "europe-west1", "project": "another"}},
    }


@pytest.fixture
async def clouds(wire: WireServer, catalogue: Catalogue, idle: float) -> AsyncIterator[Router]:
    async def wait(seconds: float) -> None:
        pass

    more = {"base_url": wire.url, "timeouts": Timeouts(first_byte=20, idle=idle)}
    providers = {name: ProviderConfig.model_validate(config | more) for name, config in configs(wire).items()}
    router = Router(Settings(providers=providers), NoKeys(), catalogue, wait=wait)
    yield router
    await router.aclose()


def named(cloud: str, behaviour: str) -> str:
    """A model of the cloud that behaves so; on Vertex its name says whose it is."""
    return f"{cloud}/{ {'vertex': f'gemini-{behaviour}', 'claude': f'claude-{behaviour}@1'}.get(cloud, behaviour) }"


each_cloud = pytest.mark.parametrize("cloud", ["azure", "bedrock", "vertex", "claude"])


@each_cloud
async def test_text_arrives_piece_by_piece_with_its_end(clouds: Router, cloud: str) -> None:
    events = await ask(clouds, named(cloud, "echo"), "Grüße, 世界! And a second line")
    assert text_in(events) == "Grüße, 世界! And a second line"
    assert sum(isinstance(event, Text) for event in events) > 3
    assert finish_in(events) == "stop"


@each_cloud
async def test_thoughts_and_usage_arrive(clouds: Router, cloud: str) -> None:
    events = await ask(clouds, named(cloud, "reasoner"), params={"reasoning_effort": "high", "max_tokens": 9000})
    assert (thoughts_in(events), text_in(events)) == ("First I think. ", "The answer is 42.")
    usage = usage_in(events)
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (120, 100, 50)


@each_cloud
async def test_tools_are_called_and_their_results_go_back(clouds: Router, cloud: str) -> None:
    asked = message("user", "How is the weather?")
    said = parts_in(await ask(clouds, named(cloud, "tools"), asked, tools=(WEATHER,)))
    call = next(part for part in said if isinstance(part, ToolCallPart))
    assert (call.name, call.arguments.replace(" ", "")) == ("get_weather", '{"city":"Bern"}')
    result = ToolResultPart(call_id=call.call_id, ok=True, parts=(TextPart(text="sunny, 21 °C"),))
    events = await ask(clouds, named(cloud, "tools"), asked, message("assistant", *said, result), tools=(WEATHER,))
    assert "sunny, 21 °C" in text_in(events)


@each_cloud
async def test_images_are_sent_as_their_bytes(clouds: Router, cloud: str) -> None:
    url = "data:image/png;base64,iVBORw0KGgo="
    events = await ask(clouds, named(cloud, "vision"), message("user", "What?", ImagePart(url=url)))
    assert text_in(events) == "I see 1: image/png of 8 bytes"


@each_cloud
async def test_an_answer_that_is_left_closes_its_connection(clouds: Router, wire: WireServer, cloud: str) -> None:
    wire.gate("gated").release(1)
    events = clouds.stream(question(named(cloud, "gated")))
    async for event in events:
        if isinstance(event, Text):
            break
    await events.aclose()  # type: ignore[attr-defined]
    await wire.until(lambda: wire.asked("gated")[-1].ended == "left")


# ---- what is sent


async def test_azure_is_asked_at_its_deployments_address_with_its_version_and_key(clouds: Router, wire: WireServer) -> None:
    await ask(clouds, "azure/echo")
    record = wire.asked("echo")[-1]
    assert record.path == "/openai/deployments/echo/chat/completions?api-version=2025-04-01-preview"
    assert (record.headers["api-key"], record.headers.get("authorization")) == (CANARY, None)


def entra(wire: WireServer, catalogue: Catalogue, secret: str = ENTRA_SECRET, **options: str) -> Router:
    """Azure, where one signs in by Microsoft Entra ID."""
    return Router(Settings(providers={"azure": entra_config(wire, secret, **options)}), NoKeys(), catalogue)


def entra_config(wire: WireServer, secret: str = ENTRA_SECRET, **options: str) -> ProviderConfig:
    given = {"tenant_id": "our.tenant", "client_id": "our-app", "authority": wire.url, **options}
    config = {"kind": "azure", "base_url": wire.url, "options": given, "credentials": {"client_secret": secret}}
    return ProviderConfig.model_validate(config)


async def test_azure_is_asked_with_a_token_of_entra_id_that_is_fetched_once(
    wire: WireServer, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "AD_TOKEN"):
        monkeypatch.setenv(f"AZURE_{name}", "of-somebody-else")  # litellm would sign in with these
    router = entra(wire, catalogue)
    for _ in range(2):
        assert text_in(await ask(router, "azure/echo", "hi")) == "hi"
    signed_in = [record for record in wire.requests if record.wire == "entra"]
    assert [(record.path, record.body) for record in signed_in] == [
        (
            "/our.tenant/oauth2/v2.0/token",
            {
                "grant_type": "client_credentials",
                "client_id": "our-app",
                "client_secret": ENTRA_SECRET,
                "scope": "https://cognitiveservices.azure.com/.default",
            },
        )
    ]
    headers = wire.asked("echo")[-1].headers
    assert (headers["authorization"], headers.get("api-key")) == ("Bearer entra-canary-token-1", None)
    await router.aclose()


async def test_a_token_of_entra_id_is_renewed_shortly_before_it_ends_and_once_for_all_who_ask(
    wire: WireServer, catalogue: Catalogue
) -> None:
    now = 1000.0
    http = Http()
    sign_in = SignIn(adapter_for("azure", entra_config(wire), None, catalogue, http), lambda: now)
    first = await asyncio.gather(sign_in.token(), sign_in.token())
    assert first == ["entra-canary-token-1"] * 2
    now += 3599 - 301
    assert await sign_in.token() == "entra-canary-token-1"
    now += 1
    assert await asyncio.gather(sign_in.token(), sign_in.token()) == ["entra-canary-token-2"] * 2
    await http.aclose()


async def test_a_token_of_entra_id_that_is_refused_is_fetched_anew(wire: WireServer, catalogue: Catalogue) -> None:
    router = entra(wire, catalogue)
    _, exc = await until_failure(router, question("azure/e401"), KeyRejected)
    assert "entra-canary-token" not in str(exc.to_json())
    await ask(router, "azure/echo")
    assert wire.asked("echo")[-1].key == "entra-canary-token-2"
    await router.aclose()


@pytest.mark.parametrize(
    ("options", "secret", "error", "words"),
    [
        ({}, "wrong-canary", KeyRejected, "Invalid client secret provided"),
        ({"tenant_id": ""}, ENTRA_SECRET, KeyMissing, "“Tenant ID” (options.tenant_id)"),
        ({"authority": "http://login.example"}, ENTRA_SECRET, ConfigError, "must begin with https://"),
    ],
)
async def test_a_sign_in_that_cannot_be_is_said(
    wire: WireServer, catalogue: Catalogue, options: dict[str, str], secret: str, error: type[ProviderError], words: str
) -> None:
    router = entra(wire, catalogue, secret, **options)
    _, exc = await until_failure(router, question("azure/echo"), error)
    assert words in exc.message and "canary" not in str(exc.to_json()) and exc.hint
    assert not wire.asked("echo")
    await router.aclose()


async def test_bedrocks_requests_are_signed(clouds: Router, wire: WireServer) -> None:
    await ask(clouds, "bedrock/echo")
    record = wire.asked("echo")[-1]
    assert record.path == "/model/echo/converse-stream"
    assert record.key == f"signed {AWS_KEY['session_token']}"
    assert AWS_KEY["secret_access_key"] not in str(record)


async def test_bedrocks_own_key_is_sent_as_one(wire: WireServer, catalogue: Catalogue) -> None:
    config = ProviderConfig.model_validate(
        {"kind": "bedrock", "base_url": wire.url, "api_key": CANARY, "options": {"region": "eu-central-1"}}
    )
    router = Router(Settings(providers={"aws": config}), NoKeys(), catalogue)
    assert text_in(await ask(router, "aws/echo", "hi")) == "hi"
    assert wire.asked("echo")[-1].key == CANARY
    await router.aclose()


async def test_vertex_is_asked_with_the_token_of_the_service_account(clouds: Router, wire: WireServer) -> None:
    await ask(clouds, "vertex/gemini-echo")
    record = wire.asked("echo")[-1]
    path = "/v1/projects/proj-of-the-account/locations/europe-west4/publishers/google/models/gemini-echo:streamGenerateContent"
    assert record.path.partition("?")[0] == path
    assert record.key == "ya29.canary-of-google"
    assert ACCOUNT["private_key"] not in str([request for request in wire.requests])
    await ask(clouds, "claude/claude-echo@1")
    record = wire.asked("echo")[-1]
    path = "/v1/projects/another/locations/europe-west1/publishers/anthropic/models/claude-echo@1:streamRawPredict"
    assert record.path.partition("?")[0] == path


async def test_a_schema_and_parameters_reach_each_cloud(clouds: Router, wire: WireServer) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    told: dict[str, Callable[[Any], Any]] = {
        "azure/echo": lambda body: (body["max_tokens"], body["response_format"]["json_schema"]["schema"]),
        "vertex/gemini-2.5-flash": lambda body: (
            body["generationConfig"]["max_output_tokens"],
            body["generationConfig"]["response_json_schema"],
        ),
    }
    for model, read in told.items():
        await ask(clouds, model, params={"json_schema": schema, "max_tokens": 77})
        assert read(wire.requests[-1].body) == (77, schema)
    await ask(clouds, "bedrock/echo", params={"max_tokens": 77, "temperature": 0.5})
    assert wire.requests[-1].body["inferenceConfig"] == {"maxTokens": 77, "temperature": 0.5}


# ---- what goes wrong


@each_cloud
@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("missing-x", ModelNotFound),
        ("too-long", ContextTooLong),
        ("rate-limited-1h", RateLimited),
        ("e401", KeyRejected),
        ("e503", Unavailable),
        ("cut-midstream", Interrupted),
        ("silent-midstream", TimedOut),
    ],
)
async def test_each_fault_has_its_class_and_shows_no_secret(
    clouds: Router, cloud: str, behaviour: str, error: type[ProviderError]
) -> None:
    _, exc = await until_failure(clouds, question(named(cloud, behaviour)), ProviderError)
    assert type(exc) is error, exc
    shown = str(exc.to_json())
    for secret in (CANARY, *AWS_KEY.values(), ACCOUNT["private_key"], ACCOUNT["private_key_id"]):
        assert secret not in shown


async def test_a_wrong_secret_is_said_as_a_rejected_key(wire: WireServer, catalogue: Catalogue) -> None:
    wrong = {**configs(wire)["bedrock"], "credentials": {**AWS_KEY, "secret_access_key": "wrong-canary"}, "base_url": wire.url}
    router = Router(Settings(providers={"aws": ProviderConfig.model_validate(wrong)}), NoKeys(), catalogue)
    _, exc = await until_failure(router, question("aws/echo"), ProviderError)
    assert type(exc) is KeyRejected and "wrong-canary" not in str(exc.to_json())
    await router.aclose()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"kind": "bedrock"}, "“Region” (options.region)"),
        ({"kind": "vertex_ai"}, "“Location” (options.location)"),
        ({"kind": "azure", "api_key": "k"}, "“Endpoint” (base_url)"),
        (
            {"kind": "bedrock", "options": {"region": "x"}, "credentials": {"access_key_id": "AKIA"}},
            "“Secret access key” (credentials.secret_access_key)",
        ),
        ({"kind": "azure", "base_url": "http://127.0.0.1:9"}, "needs a key"),
    ],
)
async def test_what_is_missing_is_named(catalogue: Catalogue, config: dict[str, Any], words: str) -> None:
    router = Router(Settings(providers={"cloud": ProviderConfig.model_validate(config)}), NoKeys(), catalogue)
    _, exc = await until_failure(router, question("cloud/m"), KeyMissing)
    assert words in exc.message and exc.hint
    assert all(not model.available for model in await router.provider_models("cloud"))
    await router.aclose()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"kind": "bedrock", "options": {"regoin": "x"}}, "`providers.cloud.options.regoin` is nothing that Amazon Bedrock knows"),
        ({"kind": "bedrock", "options": {"secret_access_key": "x"}}, "belongs under `credentials`"),
        ({"kind": "vertex_ai", "credentials": {"service_account": "nonsense-canary"}}, "is not JSON"),
        ({"kind": "openai", "options": {"region": "x"}}, "it takes no options"),
    ],
)
async def test_what_cannot_be_is_named(catalogue: Catalogue, config: dict[str, Any], words: str) -> None:
    router = Router(Settings(providers={"cloud": ProviderConfig.model_validate(config)}), NoKeys(), catalogue)
    _, exc = await until_failure(router, question("cloud/m"), ConfigError)
    assert words in exc.message and "canary" not in exc.message
    await router.aclose()


async def test_a_cloud_is_tried_with_what_stands_in_a_form(wire: WireServer, catalogue: Catalogue) -> None:
    router = Router(Settings(), NoKeys(), catalogue)
    config = ProviderConfig(kind="bedrock", base_url=wire.url, options={"region": "eu-central-1"})
    found = await probe(router, "aws", config, credentials=AWS_KEY, model="tools")
    assert found.ok, found
    assert {check.name: check.ok for check in found.checks} == {
        "reachable": True,
        "key": True,
        "models": None,
        "streaming": True,
        "tools": True,
    }
    await router.aclose()


async def test_azures_models_are_its_deployments(catalogue: Catalogue) -> None:
    config = ProviderConfig.model_validate(
        {"kind": "azure", "base_url": "http://127.0.0.1:9", "api_key": "k", "options": {"deployment": "gpt-4o, our own"}}
    )
    router = Router(Settings(providers={"azure": config}), NoKeys(), catalogue)
    models = await router.provider_models("azure")
    assert [model.id for model in models] == ["azure/gpt-4o", "azure/our own"]
    assert models[0].context_window == 128_000 and "vision" in models[0].capabilities
    await router.aclose()


async def test_a_package_that_is_not_there_is_named(clouds: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    _, exc = await until_failure(clouds, question("vertex/gemini-echo"), ConfigError)
    assert "google-auth" in exc.message and "pip install 'llmhub[cloud]'" in exc.hint
