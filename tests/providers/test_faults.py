"""Everything that goes wrong between us and a provider has a class, words, and keeps what had arrived."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from llmhub.config import ProviderConfig, Settings
from llmhub.errors import (
    BadAnswer,
    ConfigError,
    ContentRefused,
    ContextTooLong,
    Interrupted,
    KeyMissing,
    KeyRejected,
    LLMHubError,
    ModelNotFound,
    ProviderError,
    RateLimited,
    RequestRejected,
    TimedOut,
    Unavailable,
)
from llmhub.providers.base import NoKeys, Text
from llmhub.providers.http import Http
from llmhub.providers.router import Router

from .asking import CANARY, WIRES, ask, finish_in, question, text_in, until_failure
from .conftest import provider_at, speaking
from .wire_server import WireServer

each_wire = pytest.mark.parametrize("kind", WIRES)

FAULTS: list[tuple[str, type[ProviderError], str, str]] = [
    # model, class, words of the message, what had arrived
    ("missing-model", ModelNotFound, "has no model 'missing-model'", ""),
    ("too-long", ContextTooLong, "too long for 'too-long'", ""),
    ("rate-limited-1h", RateLimited, "allows no more requests for another 60 min", ""),
    ("e500", Unavailable, "has a fault of its own (500)", ""),
    ("e502", Unavailable, "has a fault of its own (502)", ""),
    ("e503", Unavailable, "is overloaded (503)", ""),
    ("e529", Unavailable, "is overloaded (529)", ""),
    ("e504", TimedOut, "its own time limit", ""),
    ("e403", KeyRejected, "does not allow this with the key", ""),
    ("e302", BadAnswer, "sends us to another address", ""),
    ("silent-midstream", TimedOut, "went silent in the middle of its answer: nothing came for 0.3 s", "Two tokens "),
    ("cut-midstream", Interrupted, "was cut in the middle of the answer", "Two tokens "),
    ("no-end", Interrupted, "stopped without its end", "Two tokens "),
    ("error-midstream", Interrupted, "broke off in the middle of its answer", "Two tokens "),
    ("malformed-json", BadAnswer, "not valid JSON", "Two tokens "),
    ("odd-json", BadAnswer, "in a form that its kind of provider does not use", "Two tokens "),
    ("empty", BadAnswer, "answered with nothing at all", ""),
    ("empty-body", BadAnswer, "answered with nothing at all", ""),
    ("html", BadAnswer, "answers with a web page", ""),
    ("html-404", BadAnswer, "answers with a web page", ""),
    ("echo-key", RequestRejected, "refused the request (400)", ""),
]


@each_wire
@pytest.mark.parametrize(("model", "error", "words", "arrived"), FAULTS, ids=[fault[0] for fault in FAULTS])
async def test_each_fault_has_its_class_and_words_and_keeps_what_had_arrived(
    router: Router, kind: str, model: str, error: type[ProviderError], words: str, arrived: str
) -> None:
    said, exc = await until_failure(router, question(f"{kind}/{model}"), ProviderError)
    assert type(exc) is error
    assert words in exc.message
    assert exc.hint
    assert exc.details["provider"] == kind
    assert text_in(said) == arrived


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
async def test_a_content_filter_refuses_before_the_answer(router: Router, kind: str) -> None:
    said, exc = await until_failure(router, question(f"{kind}/filtered"), ContentRefused)
    assert "refused this" in exc.message
    assert text_in(said) == ""


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
async def test_a_content_filter_cuts_an_answer_and_what_was_said_stays(router: Router, kind: str) -> None:
    said, exc = await until_failure(router, question(f"{kind}/filtered-midway"), ContentRefused)
    assert "cut the answer short" in exc.message
    assert text_in(said) == "Two tokens "
    assert finish_in(said) == "content_filter"


@each_wire
async def test_a_wrong_key_is_said_without_the_key(wire: WireServer, kind: str) -> None:
    config = provider_at(wire, kind, api_key="sk-bad-canary-000111222")
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/echo"), KeyRejected)
    assert exc.message == "'lab' refused the key."
    assert "canary" not in str(exc.to_json())
    await router.aclose()


async def test_a_server_that_wants_a_key_and_gets_none_says_that_one_is_missing(wire: WireServer) -> None:
    config = ProviderConfig(kind="openai", base_url=wire.base_url("openai"))
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/e401"), ProviderError)
    assert type(exc) is KeyMissing
    assert "wants a key" in exc.message
    await router.aclose()


@each_wire
async def test_a_time_out_before_the_first_byte_names_its_setting(wire: WireServer, kind: str) -> None:
    config = provider_at(wire, kind, timeouts={"first_byte": 0.2})
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/hang-before-first-byte"), TimedOut)
    assert "did not begin to answer within 0.2 s" in exc.message
    assert "timeouts.first_byte" in exc.hint
    await router.aclose()


async def test_a_server_that_sends_its_headers_and_then_nothing_is_timed_from_the_request(wire: WireServer) -> None:
    config = provider_at(wire, "ollama", timeouts={"first_byte": 0.2, "idle": 60})
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/gated"), TimedOut)
    assert "did not begin to answer" in exc.message
    await router.aclose()


async def test_zero_waits_for_ever(wire: WireServer) -> None:
    config = provider_at(wire, "ollama", timeouts={"first_byte": 0, "idle": 0, "connect": 0})
    router = Router(Settings(providers={"lab": config}), NoKeys())
    wire.gate("gated").release(2, finish=True)
    assert text_in(await ask(router, "lab/gated")) == "t0 t1 "
    await router.aclose()


@each_wire
async def test_a_refused_connection_says_which_address_and_asks_whether_the_server_runs(kind: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    router = Router(Settings(providers={"lab": speaking(kind, base_url=f"http://127.0.0.1:{port}/v1")}), NoKeys())
    _, exc = await until_failure(router, question("lab/x"), Unavailable)
    assert f"127.0.0.1:{port}" in exc.message
    assert "refused" in exc.message
    assert "Is the server running?" in exc.hint
    await router.aclose()


async def test_a_host_name_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    router = Router(Settings(providers={"lab": ProviderConfig(kind="openai", base_url="http://lab.invalid/v1")}), NoKeys())
    _, exc = await until_failure(router, question("lab/x"), Unavailable)
    assert "host name" in exc.message
    assert "lab.invalid" in exc.message
    await router.aclose()


@pytest.mark.parametrize(
    "address", ["localhost:8000", "http://[::1", "http://127.0.0.1/\0", "http://127.0.0.1/\udc80", "ftp://127.0.0.1"]
)
@pytest.mark.parametrize("kind", ["openai", "novita"])
async def test_an_address_that_is_none_is_a_fault_of_the_configuration(kind: str, address: str) -> None:
    config = ProviderConfig(kind=kind).model_copy(update={"base_url": address})
    router = Router(Settings().model_copy(update={"providers": {"lab": config}}), NoKeys())
    _, exc = await until_failure(router, question("lab/x"), ConfigError)
    assert "is no web address" in exc.message
    assert "http://" in exc.hint
    await router.aclose()


@pytest.mark.parametrize("key", ["two\nlines", "clé", "\0"])
async def test_a_key_that_cannot_be_sent_is_said_before_it_is(wire: WireServer, key: str) -> None:
    class Odd(NoKeys):
        async def get(self, provider: str) -> str | None:
            return key

    router = Router(Settings(providers={"lab": ProviderConfig(kind="openai", base_url=wire.base_url("openai"))}), Odd())
    _, exc = await until_failure(router, question("lab/x"), ConfigError)
    assert "key of 'lab'" in exc.message
    assert key not in exc.message
    assert not wire.requests
    await router.aclose()


@each_wire
async def test_half_a_character_does_not_stop_the_rest(router: Router, kind: str) -> None:
    assert text_in(await ask(router, f"{kind}/echo", "before \ud83d after")) == "before ? after"


# ---- TLS


@pytest.fixture
async def tls_wire() -> AsyncIterator[tuple[WireServer, trustme.CA]]:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with WireServer(ssl_context=context) as server:
        yield server, authority


async def test_a_certificate_that_nobody_vouches_for_is_said_with_a_way_out(tls_wire: tuple[WireServer, trustme.CA]) -> None:
    server, _ = tls_wire
    router = Router(Settings(providers={"lab": provider_at(server, "openai")}), NoKeys())
    _, exc = await until_failure(router, question("lab/echo"), Unavailable)
    assert "certificate is not trusted" in exc.message
    assert "SSL_CERT_FILE" in exc.hint
    await router.aclose()


async def test_a_certificate_of_ones_own_authority_is_accepted_through_ssl_cert_file(
    tls_wire: tuple[WireServer, trustme.CA], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = tls_wire
    bundle = f"{tmp_path}/authority.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    router = Router(Settings(providers={"lab": provider_at(server, "openai")}), NoKeys())
    assert text_in(await ask(router, "lab/echo", "over TLS")) == "over TLS"
    await router.aclose()


async def test_https_to_a_server_that_speaks_plain_http_is_said(wire: WireServer) -> None:
    config = ProviderConfig(kind="openai", base_url=wire.base_url("openai").replace("http:", "https:"))
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/echo"), Unavailable)
    assert "TLS" in exc.message
    assert "http://" in exc.hint
    await router.aclose()


# ---- keys and prompts


@each_wire
async def test_no_error_holds_the_key_or_the_prompt(router: Router, wire: WireServer, kind: str) -> None:
    prompt = "a very private prompt that nobody else may ever read"
    models = [fault[0] for fault in FAULTS] + ["e401", "e418", "e429"]
    for model in models if kind == "ollama" else [*models, "filtered", "filtered-midway"]:
        try:
            await ask(router, f"{kind}/{model}", prompt)
        except LLMHubError as exc:
            shown = f"{exc} {exc.to_json()} {exc!r}"
            assert CANARY not in shown, model
            assert "private prompt" not in shown, model
        else:
            raise AssertionError(f"{model} was to fail")


async def test_what_holds_a_key_does_not_show_it(router: Router) -> None:
    await ask(router, "openai/echo")
    adapter, _ = router.build("lab", router.providers["openai"], CANARY)
    assert CANARY not in repr(adapter)
    assert CANARY not in repr(router.providers["openai"])


async def test_a_secret_header_is_not_shown_either(wire: WireServer) -> None:
    config = provider_at(wire, "openai", headers={"X-Project": "hidden-project-4711"}, api_key="hidden-project-4711")
    router = Router(Settings(providers={"lab": config}), NoKeys())
    _, exc = await until_failure(router, question("lab/echo-key"), RequestRejected)
    assert "4711" not in str(exc.to_json())
    assert wire.asked("echo-key")[0].headers["x-project"] == "hidden-project-4711"
    await router.aclose()


@each_wire
async def test_an_error_in_the_stream_before_the_first_word_is_told_as_what_it_is(
    router: Router, waited: list[float], kind: str
) -> None:
    said, exc = await until_failure(router, question(f"{kind}/error-first"), ProviderError)
    assert type(exc) is Unavailable
    assert text_in(said) == ""
    assert len(waited) == 2, "nothing had been said, so it was tried again"


# ---- closing


@each_wire
async def test_leaving_an_answer_closes_its_connection_at_once(router: Router, wire: WireServer, kind: str) -> None:
    gate = wire.gate("gated")
    gate.release(1)
    events = router.stream(question(f"{kind}/gated"))
    async for event in events:
        if isinstance(event, Text):
            break
    await events.aclose()  # type: ignore[attr-defined]
    await wire.until(lambda: wire.asked("gated")[-1].ended == "left")


@each_wire
async def test_cancelling_who_reads_an_answer_closes_its_connection_at_once(router: Router, wire: WireServer, kind: str) -> None:
    wire.gate("gated").release(1)
    reading = asyncio.create_task(ask(router, f"{kind}/gated"))
    await wire.until(lambda: bool(wire.asked("gated")))
    reading.cancel()
    await wire.until(lambda: wire.asked("gated")[-1].ended == "left")
    assert reading.cancelled() or (await asyncio.wait({reading}))[0]


async def test_a_client_that_is_closed_can_be_used_again(wire: WireServer) -> None:
    http = Http()
    router = Router(Settings(providers={"lab": provider_at(wire, "openai")}), NoKeys(), http=http)
    assert text_in(await ask(router, "lab/echo", "once")) == "once"
    await http.aclose()
    assert text_in(await ask(router, "lab/echo", "twice")) == "twice"
    await router.aclose()
