"""A router whose providers are the wires themselves, at the local model server."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from llmhub.config import ProviderConfig, Settings, Timeouts
from llmhub.providers.base import NoKeys
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.http import Http
from llmhub.providers.router import Router

from .asking import CANARY, WIRES
from .wire_server import WireServer


def provider_at(wire: WireServer, kind: str, **more: object) -> ProviderConfig:
    """The configuration of a provider that lives at the model server."""
    return speaking(kind, **{"base_url": wire.base_url(kind), "api_key": CANARY, **more})


def speaking(wire: str, **more: object) -> ProviderConfig:
    """The configuration of a provider that speaks a wire: a kind, or OpenAI's other one."""
    spoken = {"kind": "openai", "responses": True} if wire == "responses" else {"kind": wire}
    return ProviderConfig.model_validate({**spoken, **more})


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """litellm's table, read once."""
    return Catalogue()


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """The trusted certificates, read once: 25 ms a time is too much for hundreds of tests."""
    return httpx.create_ssl_context()


@pytest.fixture
def waited() -> list[float]:
    """The pauses that the router would have made."""
    return []


@pytest.fixture
def idle(request: pytest.FixtureRequest) -> float:
    """Seconds for which an answer may pause: few only for those that fall silent, for a busy machine pauses too."""
    return 0.3 if "silent-midstream" in request.node.name else 30


@pytest.fixture
async def router(
    wire: WireServer, catalogue: Catalogue, tls: ssl.SSLContext, waited: list[float], idle: float
) -> AsyncIterator[Router]:
    """`openai/echo`, `anthropic/echo`, `gemini/echo`, `ollama/echo`, ... with short time-outs and pauses that take no time."""

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    patience = Timeouts(connect=5, first_byte=5, idle=idle)
    providers = {kind: provider_at(wire, kind, timeouts=patience) for kind in WIRES}
    made = Router(Settings(providers=providers), NoKeys(), catalogue, http=Http(tls=tls), wait=wait)
    yield made
    await made.aclose()
