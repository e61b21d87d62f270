"""Looking for model servers on this machine: found when they are there, and nobody else is ever asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from llmhub.config import LocalServer
from llmhub.errors import Invalid
from llmhub.providers.discover import FoundServer, discover

Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`port = await serve({"/v1/models": (200, body)}, asked)`: a server on loopback; body `None` never answers."""
    async with AsyncExitStack() as stack:

        async def start(answers: dict[str, tuple[int, object]], asked: list[str] | None = None, headers: str = "") -> int:
            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                path = head.split()[1]
                if asked is not None:
                    asked.append(path)
                status, content = answers.get(path, (404, "nothing here"))
                if content is None:
                    await reader.read()
                else:
                    body = content if isinstance(content, bytes) else json.dumps(content).encode()
                    writer.write(
                        f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n".encode() + body
                    )
                writer.close()

            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            stack.push_async_callback(_close, server)
            return server.sockets[0].getsockname()[1]

        yield start


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


def at(port: int, *, kind: str = "openai", name: str = "x", host: str = "127.0.0.1") -> LocalServer:
    path = "" if kind == "ollama" else "/v1"
    return LocalServer(name=name, kind=kind, base_url=f"http://{host}:{port}{path}", label=name.upper())


async def test_servers_that_answer_are_found_with_their_models_in_order(serve: Serve) -> None:
    ollama = await serve({"/api/tags": (200, {"models": [{"name": "qwen3:8b"}, {"name": "gemma3"}]})})
    openai = await serve({"/v1/models": (200, {"object": "list", "data": [{"id": "qwen3-32b"}]})})
    servers = [at(ollama, kind="ollama", name="ollama"), at(1, name="nobody"), at(openai, name="lab")]
    assert await discover(servers) == [
        FoundServer("ollama", "ollama", f"http://127.0.0.1:{ollama}", "OLLAMA", ("qwen3:8b", "gemma3")),
        FoundServer("lab", "openai", f"http://127.0.0.1:{openai}/v1", "LAB", ("qwen3-32b",)),
    ]


async def test_a_server_that_wants_a_key_is_found_without_its_models(serve: Serve) -> None:
    port = await serve({"/v1/models": (401, {"error": "Unauthorized"})})
    (found,) = await discover([at(port)])
    assert found.needs_key and found.models == ()


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}),
        (500, {"data": []}),
        (200, b"<html>hello</html>"),
        (200, [1, 2]),
        (200, {"models": 5}),
        (200, {}),
        (401, {"message": "Forbidden"}),
        (200, b"\xff\xfe"),
        (200, b" " * (5 << 20)),
    ],
)
async def test_something_else_on_that_port_is_no_model_server(serve: Serve, answer: tuple[int, object]) -> None:
    assert await discover([at(await serve({"/v1/models": answer}))]) == []


async def test_odd_entries_in_the_list_are_passed_over(serve: Serve) -> None:
    port = await serve({"/v1/models": (200, {"data": [{"id": "a"}, {"id": 5}, "b", None, {}]})})
    (found,) = await discover([at(port)])
    assert found.models == ("a",)


async def test_one_that_never_answers_does_not_hide_the_others(serve: Serve) -> None:
    silent = await serve({"/v1/models": (200, None)})
    good = await serve({"/v1/models": (200, {"data": []})})
    assert [found.name for found in await discover([at(silent, name="silent"), at(good, name="good")])] == ["good"]


async def test_a_redirect_is_not_followed(serve: Serve) -> None:
    asked: list[str] = []
    elsewhere = await serve({"/v1/models": (200, {"data": []})}, asked)
    port = await serve({"/v1/models": (302, {})}, headers=f"Location: http://127.0.0.1:{elsewhere}/v1/models\r\n")
    assert await discover([at(port)]) == [] and asked == []


async def test_localhost_is_this_machine_whatever_a_name_server_says(serve: Serve) -> None:
    port = await serve({"/v1/models": (200, {"data": []})})
    (found,) = await discover([at(port, host="localhost")])
    assert found.base_url == f"http://127.0.0.1:{port}/v1"


async def test_the_environments_proxy_is_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    proxy = await serve({}, asked)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
    port = await serve({"/v1/models": (200, {"data": []})})
    assert len(await discover([at(port)])) == 1 and asked == []


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.5",
        "169.254.169.254",
        "0.0.0.0",
        "[::]",
        "[::ffff:10.0.0.5]",
        "example.org",
        "127.0.0.1.example.org",
        "localhost.evil",
    ],
)
async def test_an_address_that_is_not_this_machines_own_is_refused_before_anyone_is_asked(serve: Serve, host: str) -> None:
    asked: list[str] = []
    good = await serve({"/v1/models": (200, {"data": []})}, asked)
    stranger = LocalServer.model_construct(name="x", kind="openai", base_url=f"http://{host}:80/v1", label="X")
    with pytest.raises(Invalid, match="not on this machine"):
        await discover([at(good), stranger])
    assert asked == []


async def test_loopback_in_any_spelling_is_allowed(serve: Serve) -> None:
    assert await discover([at(1, host=host) for host in ("127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "LOCALHOST")]) == []
