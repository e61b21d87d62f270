"""A real HTTP server that speaks the wires as their documentation says; what it does is chosen by the model's name.

Not a mock: clients reach it over a socket, and it notices when they hang up. In a test's own loop:

    async with WireServer() as server:
        base_url = server.base_url("openai")

in a thread of its own (for browser tests and servers in other processes): `with WireServer.in_thread() as server: ...`;
as a process: `python -m tests.providers.wire_server --port-file F` (writes the port to F; stops on SIGTERM).

Model names
    echo                    the last user text, word by word
    drip                    the last user text, as it is, sixteen characters every 10 ms
    says-<words>            the words of its name
    letters                 the last user text, as it is, sign by sign and as fast as it can
    thinks                  the last user text, as thoughts and as the answer
    slow                    40 tokens at 20 per second
    tokens-N-at-R           N tokens at R per second (R = 0: all at once); each token is "w<i> "
    gated, gated-<name>     a token "t<i> " each time one is released: `server.gate("gated").release(3)`, or
                            POST /control/release {"gate": "gated", "tokens": 3, "finish": true}; after `finish` it ends properly
    reasoner                thinks, then answers; reports cached and reasoning tokens; signs its thoughts where the wire can
    tools                   calls get_weather({"city": "Bern"}) in fragments; given the result, says it
    two-tools               calls get_weather twice at once
    vision                  says what images it was given
    markdown                a table, mathematics, code and a list
    length                  stops because of its token limit
    empty, empty-body       an answer without content; a 200 without a byte
    rate-limited-1s         429 with Retry-After: 1 for the first request, then answers
    rate-limited-1h         429 with Retry-After: 3600, always; rate-limited-date says it as an HTTP date
    e<status>               that status, always; e<status>-once: for the first request, then answers
    hang-before-first-byte  accepts, and says nothing until the client leaves
    silent-midstream        two tokens, then silence until the client leaves
    cut-midstream           two tokens, then the connection is torn
    no-end                  two tokens, then a clean end of the body without the wire's end marker
    malformed-json          two tokens, then broken JSON
    odd-json                valid JSON that is not of this wire
    error-first             an error object in the stream before anything else
    replay                  the last user text, byte for byte, as the body of the answer
    error-midstream         two tokens, then an error object in the stream
    too-long                the wire's error for a context that is too long
    filtered                refused by the content filter; filtered-midway: cut by it after two tokens
    html                    200 with a web page; html-404: 404 with one
    echo-key                400 whose message quotes the key and the prompt
    missing-<x>             404: no such model
    no-credit               429 that no wait ends
    refuses-temperature     400 if there is a temperature; wants-max-completion-tokens: 400 if there are max_tokens
    refuses-summaries       (responses) 400 if a summary of thoughts is wanted
    no-json-stream          (openai) answers without streaming, whatever was asked
A key that contains "bad" is refused with the wire's own error; no key is accepted. "hang" in a key makes the list of models hang,
"gate" makes it wait for `server.gate("models").release(1)`.

Control (also as attributes of `WireServer`): GET /control/requests, DELETE /control/requests, POST /control/release,
GET /control/until?requests=N&left=M waits until N requests came and M clients hung up before their end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import ssl
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from .clouds import AWS_KEY, ENTRA_SECRET, Converse, is_signed
from .dialects import DIALECTS, Ask, Completions, Counts, Dialect, Fim, Gemini, Generate
from .dialects.hosted import Azure, VertexClaude, VertexGemini
from .gate import Gate

MODELS = ("echo", "slow", "reasoner", "tools", "vision", "markdown", "gated", "tokens-40-at-20")
WEATHER = ('{"ci', 'ty": "Be', 'rn"}')
MARKDOWN = (
    "# A heading\n\nText with **bold** and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$$\\int_0^1 x^2\\,dx = \\tfrac13$$\n\n"
    "```python\nprint('hello', 120)\n```\n\n- one\n- two\n"
)


@dataclass
class Record:
    """A request as it came, and how it ended: "open", "done", "torn" (by us) or "left" (by the client)."""

    wire: str
    path: str
    headers: dict[str, str]
    body: Any
    model: str = ""
    key: str = ""
    ended: str = "open"


_DIALECTS: dict[str, Callable[[], Any]] = {
    **DIALECTS,
    "generate": Generate,
    "completions": Completions,
    "fim": Fim,
    "azure": Azure,
    "bedrock": Converse,
    "vertex": VertexGemini,
    "vertex-claude": VertexClaude,
}


class Torn(Exception):
    """The behaviour wants the connection cut."""


class CleanEnd(Exception):
    """The body ends here: properly for HTTP, not for the wire."""


class WireServer:
    """The server. See the module's docstring for what it can do."""

    def __init__(self, *, ssl_context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.requests: list[Record] = []
        self.lines: dict[str, str] = {}
        """What echo, letters and thinks say instead of the last user text, by that text."""
        self.calls: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        """Functions that echo calls first, with their arguments, by the last user text; given what they gave it says its line."""
        self.reported: list[tuple[str, str, Counts]] = []
        """What answers said that they used, whether somebody was there to read it or not: wire, model, tokens."""
        self.models = list(MODELS)
        """What lists of models name."""
        self.url = ""
        self.port = port
        self._ssl = ssl_context
        self._gates: dict[str, Gate] = {}
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.on_request: Callable[[Record], None] | None = None

    async def __aenter__(self) -> WireServer:
        self._loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=256 * 2**20)
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/v1/responses", self._responses)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_post("/api/embed", self._embeddings)
        app.router.add_post("/v1/messages", self._anthropic)
        app.router.add_post("/v1/messages/count_tokens", self._count)
        app.router.add_post("/v1beta/models/{model}:streamGenerateContent", self._gemini)
        app.router.add_post("/api/chat", self._ollama)
        app.router.add_post("/api/generate", self._gap)
        app.router.add_post("/v1/completions", self._gap)
        app.router.add_post("/v1/fim/completions", self._gap)
        app.router.add_post("/openai/deployments/{model}/chat/completions", self._azure)
        app.router.add_post("/model/{model}/converse-stream", self._bedrock)
        app.router.add_post("/model/{model}/converse", self._bedrock)
        app.router.add_post("/v1/projects/{project}/locations/{location}/publishers/{publisher}/models/{call}", self._vertex)
        app.router.add_post("/token", self._token)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._entra)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1beta/models", self._models)
        app.router.add_get("/api/tags", self._models)
        app.router.add_post("/api/show", self._show)
        app.router.add_get("/control/requests", self._control_requests)
        app.router.add_delete("/control/requests", self._control_forget)
        app.router.add_post("/control/release", self._control_release)
        app.router.add_get("/control/until", self._control_until)
        app.router.add_route("*", "/html/{tail:.*}", self._html)
        # Without it a handler that is waiting never learns that its client hung up.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._ssl).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, **kwargs: Any) -> Iterator[WireServer]:
        """The server in a thread with its own loop, for tests whose client runs elsewhere."""
        ready, stop, holder = threading.Event(), asyncio.Event(), []

        async def serve() -> None:
            async with cls(**kwargs) as server:
                holder.append(server)
                ready.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="wire-server", daemon=True)
        thread.start()
        if not ready.wait(30):
            raise RuntimeError("the wire server did not start")
        server = holder[0]
        try:
            yield server
        finally:
            server._loop.call_soon_threadsafe(stop.set)
            thread.join(10)

    def base_url(self, kind: str) -> str:
        """What to write as `base_url` for a provider of this kind."""
        return self.url + {"openai": "/v1", "responses": "/v1", "gemini": "/v1beta"}.get(kind, "")

    def gate(self, name: str = "gated") -> Gate:
        """The gate of a `gated` model."""
        if name not in self._gates:
            self._gates[name] = Gate(loop=self._loop)
        return self._gates[name]

    def asked(self, model: str) -> list[Record]:
        """The chat requests for a model, in the order they came."""
        return [r for r in self.requests if r.model == model]

    def forget(self) -> None:
        """Forget what was asked and close all gates, as if it had just started."""
        self.requests.clear()
        self.reported.clear()
        self._seen.clear()
        self._gates.clear()
        self.lines.clear()
        self.calls.clear()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until a condition on `requests` holds. Only in the server's own loop."""
        async with self._changed:
            await self._changed.wait_for(true)

    def wait_until(self, true: Callable[[], bool], timeout: float = 30) -> None:
        """The same for a test in another thread than the server's."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(asyncio.wait_for(self.until(true), timeout), self._loop).result()

    # ---- chat

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, "openai", request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, "responses", request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def _count(self, request: web.Request) -> web.Response:
        """A token per word, as if they were; a model called after somebody else's ("other-...") cannot be counted."""
        body = await request.json()
        strange = set(body) - {"model", "messages", "system", "tools", "tool_choice", "thinking"}
        if strange or body["model"].startswith("other-"):
            return web.json_response({"type": "error", "error": {"type": "not_found_error", "message": "Not found"}}, status=404)
        return web.json_response({"input_tokens": len(json.dumps(body["messages"]).split())})

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, "anthropic", request.headers.get("x-api-key", ""))

    async def _gemini(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, "gemini", request.headers.get("x-goog-api-key", ""), request.match_info["model"])

    async def _ollama(self, request: web.Request) -> web.StreamResponse:
        return await self._chat(request, "ollama", request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def _gap(self, request: web.Request) -> web.StreamResponse:
        """Code with a gap: `prompt` stands before it and is the "last user text"."""
        wire = {"/api/generate": "generate", "/v1/completions": "completions"}.get(request.path, "fim")
        return await self._chat(request, wire, request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def _azure(self, request: web.Request) -> web.StreamResponse:
        if "api-version" not in request.query:
            return web.json_response({"error": {"code": "404", "message": "Resource not found"}}, status=404)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return await self._chat(request, "azure", request.headers.get("api-key", token), request.match_info["model"])

    async def _bedrock(self, request: web.Request) -> web.StreamResponse:
        """Signed by `AWS_KEY` for eu-central-1, or with a Bedrock key."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        key = headers.get("authorization", "").removeprefix("Bearer ")
        if key.startswith("AWS4"):
            secret = AWS_KEY["secret_access_key"]
            if not is_signed("POST", request.rel_url.raw_path, headers, await request.read(), region="eu-central-1", secret=secret):
                words = "The request signature we calculated does not match the signature you provided."
                return web.json_response({"message": words}, status=403)
            key = f"signed {headers.get('x-amz-security-token', '')}".strip()
        model = request.match_info["model"].removeprefix("anthropic.claude-")
        if request.path.endswith("/converse"):  # what litellm asks when it wants JSON
            body = await request.json()
            await self._note(Record("bedrock", request.path_qs, headers, body, model, key, "done"))
            return web.json_response(Converse().whole(body))
        return await self._chat(request, "bedrock", key, model)

    async def _vertex(self, request: web.Request) -> web.StreamResponse:
        model, _, method = request.match_info["call"].rpartition(":")
        wire = {"streamGenerateContent": "vertex", "streamRawPredict": "vertex-claude"}.get(method)
        if wire is None:
            return web.json_response(Gemini().error(404, "model", "no such method"), status=404)
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        behaviour = model.partition("@")[0].removeprefix("gemini-").removeprefix("claude-")
        return await self._chat(request, wire, key, behaviour)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        """Google's token endpoint: a token for an assertion that a service account signed."""
        form = await request.post()
        headers = {name.lower(): value for name, value in request.headers.items()}
        await self._note(Record("token", request.path_qs, headers, dict(form), ended="done"))
        if str(form.get("assertion", "")).count(".") != 2:
            return web.json_response({"error": "invalid_grant", "error_description": "Invalid JWT"}, status=400)
        return web.json_response({"access_token": "ya29.canary-of-google", "expires_in": 3599, "token_type": "Bearer"})

    async def _entra(self, request: web.Request) -> web.StreamResponse:
        """Microsoft's: a token for an application's secret, which is `ENTRA_SECRET`; each one is another."""
        form = dict(await request.post())
        headers = {name.lower(): value for name, value in request.headers.items()}
        await self._note(Record("entra", request.path_qs, headers, form, ended="done"))
        if form.get("client_secret") != ENTRA_SECRET:
            words = "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value."
            return web.json_response({"error": "invalid_client", "error_description": words, "error_codes": [7000215]}, status=401)
        count = sum(record.wire == "entra" for record in self.requests)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": f"entra-canary-token-{count}"})

    async def _chat(self, request: web.Request, wire: str, key: str, model: str | None = None) -> web.StreamResponse:
        body = await request.json()
        dialect: Any = _DIALECTS[wire]()
        try:
            ask = dialect.read(body, model)
        except (LookupError, TypeError, AttributeError) as exc:
            return web.json_response(dialect.error(400, "request", f"the request is malformed: {exc!r}"), status=400)
        headers = {k.lower(): v for k, v in request.headers.items()}
        record = Record(wire, request.path_qs, headers, body, ask.model, key)
        await self._note(record)
        try:
            response = await self._answer(request, dialect, ask, key)
            record.ended = "done"
            return response
        except Torn:
            record.ended = "torn"
            assert request.transport is not None
            request.transport.abort()
            await asyncio.Event().wait()  # until aiohttp has seen it and cancels this handler
            raise
        except asyncio.CancelledError:
            record.ended = "left"
            raise
        except ConnectionError as exc:
            record.ended = "left"
            raise asyncio.CancelledError from exc  # aiohttp takes this for what it is, and logs no error
        finally:
            if dialect.reported is not None:
                self.reported.append((wire, ask.model, dialect.reported))
            async with self._changed:
                self._changed.notify_all()

    async def _note(self, record: Record) -> None:
        async with self._changed:
            self._seen[record.model] += 1
            self.requests.append(record)
            self._changed.notify_all()
        if self.on_request:
            self.on_request(record)

    async def _answer(self, request: web.Request, dialect: Dialect, ask: Ask, key: str) -> web.StreamResponse:
        if early := await self._refusal(request, dialect, ask, key):
            return early
        response = web.StreamResponse(headers={"Content-Type": dialect.content_type, "Cache-Control": "no-cache"})
        await response.prepare(request)
        if ask.model != "empty-body":
            counts = self._counts(ask)
            with contextlib.suppress(CleanEnd):
                if ask.model != "replay" and (head := dialect.start(counts)):
                    await response.write(head)
                async for frame in self._frames(dialect, ask, counts):
                    if frame:
                        await response.write(frame)
        await response.write_eof()
        return response

    def _counts(self, ask: Ask) -> Counts:
        if ask.model == "reasoner":
            return Counts(input=120, cached=100, output=50, reasoning=30)
        return Counts(input=11, output=7)

    async def _refusal(self, request: web.Request, dialect: Dialect, ask: Ask, key: str) -> web.Response | None:
        """The answers that are no stream."""
        model, first = ask.model, self._seen[ask.model] == 1

        def no(status: int, fault: str, message: str, **headers: str) -> web.Response:
            body = dialect.error(status, fault, message)
            status = body["error"].get("code", status) if dialect.name == "gemini" else status
            if dialect.name == "gemini" and fault == "rate" and (seconds := headers.get("retry_after", "")).isdigit():
                retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}
                body["error"]["details"] = [retry]  # Gemini says it in the body and sends no header
                headers = {}
            return web.json_response(body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

        if "bad" in key:
            return no(401, "key", f"Incorrect API key provided: {key}.")
        if model.startswith("missing-"):
            return no(
                404, "model", f"The model `{model}` does not exist" if dialect.name != "ollama" else f"model '{model}' not found"
            )
        if model == "rate-limited-1s" and first:
            return no(429, "rate", "Rate limit reached", retry_after="1")
        if model == "rate-limited-1h":
            return no(429, "rate", "Rate limit reached", retry_after="3600")
        if model == "rate-limited-date":
            later = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
            return no(429, "rate", "Rate limit reached", retry_after=later)
        if (match := re.fullmatch(r"e(\d{3})(-once)?", model)) and (first or not match[2]):
            return no(int(match[1]), "rate" if match[1] == "429" else "server", "The server had an error")
        if model == "hang-before-first-byte":
            await asyncio.Event().wait()
        if model == "too-long":
            status, words = dialect.context_words()
            return no(status, "context", words)
        if model == "filtered" and (refusal := dialect.filter_first()):
            status, body = refusal
            if isinstance(body, bytes):
                return web.Response(status=status, body=body, content_type=dialect.content_type.split(";")[0])
            return web.json_response(body, status=status)
        if model in ("html", "html-404"):
            return await self._html(request, 404 if model == "html-404" else 200)
        if model == "echo-key":
            return no(400, "request", f"Something about {key} and {ask.text} is wrong")
        if model == "no-credit":
            return no(429, "rate", "You exceeded your current quota, please check your plan and billing details.")
        body = await request.json()
        if model == "refuses-temperature" and "temperature" in body:
            return no(400, "request", "Unsupported value: 'temperature' does not support 0.3 with this model.")
        if model == "refuses-summaries" and "summary" in body.get("reasoning", {}):
            return no(400, "request", "Your organization must be verified to generate reasoning summaries.")
        if model == "wants-max-completion-tokens" and "max_tokens" in body:
            hint = "Use 'max_completion_tokens' instead."
            return no(400, "request", f"Unsupported parameter: 'max_tokens' is not supported with this model. {hint}")
        if model == "no-json-stream":
            message = {"role": "assistant", "content": ask.text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 3, "completion_tokens": 2}
            dialect.reported = Counts(input=3, output=2)
            return web.json_response({"id": "c1", "object": "chat.completion", "choices": [choice], "usage": usage})
        return None

    async def _frames(self, dialect: Dialect, ask: Ask, counts: Counts) -> AsyncIterator[bytes]:
        """What a model says after the answer's head."""
        model = ask.model
        if match := re.fullmatch(r"tokens-(\d+)-at-(\d+)", "tokens-40-at-20" if model == "slow" else model):
            count, rate = int(match[1]), int(match[2])
            start = asyncio.get_running_loop().time()
            for index in range(count):
                if rate and (pause := start + index / rate - asyncio.get_running_loop().time()) > 0:
                    await asyncio.sleep(pause)
                yield dialect.text(f"w{index} ")
            counts.output = count
            yield dialect.end("stop", counts)
            return
        if model.startswith("gated"):
            counts.output = 0
            async for token in self.gate(model).tokens():
                yield dialect.text(token)
                counts.output += 1
            yield dialect.end("stop", counts)
            return
        if model == "drip":
            for at in range(0, len(ask.text), 16):
                await asyncio.sleep(0.01)
                yield dialect.text(ask.text[at : at + 16])
            yield dialect.end("stop", counts)
            return
        if model.startswith("says-"):
            yield dialect.text(model.removeprefix("says-").replace("-", " "))
            yield dialect.end("stop", counts)
            return
        said = self.lines.get(ask.text, ask.text)
        if model in ("letters", "thinks"):
            if model == "thinks":
                yield dialect.reasoning(said)
                yield dialect.reasoning_end()
            for piece in said if model == "letters" else (said,):
                yield dialect.text(piece)
            yield dialect.end("stop", counts)
            return
        if model == "reasoner":
            for piece in ("First ", "I think. "):
                yield dialect.reasoning(piece)
            yield dialect.reasoning_end()
            yield dialect.text("The answer ")
            yield dialect.text("is 42.")
            yield dialect.end("stop", counts)
            return
        if model in ("tools", "two-tools") and ask.tool_result is None:
            yield dialect.text("Let me look. ")
            for number in range(2 if model == "two-tools" else 1):
                for frame in dialect.call(f"call_{number}", "get_weather", list(WEATHER)):
                    yield frame
            yield dialect.end("tool_calls", counts)
            return
        if ask.tool_result is None and (called := self.calls.get(ask.text)):
            for number, (name, arguments) in enumerate(called):
                for frame in dialect.call(f"call_{number}", name, [json.dumps(arguments)]):
                    yield frame
            yield dialect.end("tool_calls", counts)
            return
        if model == "replay":
            yield ask.text.encode()
            return
        if model == "error-first":
            yield dialect.stream_error()
            return
        if model == "empty":
            yield dialect.end("stop", counts)
            return
        async for frame in self._faulty(dialect, model):
            yield frame
        for word in re.findall(r"\s*\S+\s*", self._text(ask)) or ["(nothing)"]:
            yield dialect.text(word)
        yield dialect.end("length" if model == "length" else "stop", counts)

    async def _faulty(self, dialect: Dialect, model: str) -> AsyncIterator[bytes]:
        """Two tokens, and then what the model's name promises; nothing for a model that is well."""
        faults = ("silent-midstream", "cut-midstream", "no-end", "malformed-json", "odd-json", "error-midstream", "filtered-midway")
        if model not in faults:
            return
        yield dialect.text("Two ")
        yield dialect.text("tokens ")
        await asyncio.sleep(0)
        if model == "silent-midstream":
            await asyncio.Event().wait()
        elif model == "cut-midstream":
            raise Torn
        elif model == "malformed-json":
            yield dialect.broken()
        elif model == "odd-json":
            yield (
                b'{"message": [1]}\n'
                if dialect.name == "ollama"
                else b'data: {"type": "response.output_text.delta"}\n\n'
                if dialect.name == "responses"
                else b'data: {"choices": 3, "candidates": 3, "type": "content_block_delta"}\n\n'
            )
        elif model == "error-midstream":
            yield dialect.stream_error()
        elif model == "filtered-midway" and dialect.name != "ollama":
            yield dialect.end("content_filter", Counts())
        raise CleanEnd

    def _text(self, ask: Ask) -> str:
        if ask.model == "vision":
            seen = ", ".join(f"{kind or 'image'} of {size} bytes" for kind, size in ask.images)
            return f"I see {len(ask.images)}: {seen}" if ask.images else "I see no image"
        if ask.model == "markdown":
            return MARKDOWN
        if ask.tool_result is not None:
            return self.lines.get(ask.text) or f"The tool says: {ask.tool_result}"
        # What goes along stands above the words.
        return self.lines.get(ask.text) or self.lines.get(ask.text.rpartition("\n")[2], ask.text)

    # ---- the rest

    async def _models(self, request: web.Request) -> web.StreamResponse:
        wire = "gemini" if "v1beta" in request.path else "ollama" if "tags" in request.path else "openai"
        if "anthropic-version" in request.headers:
            wire = "anthropic"
        key = request.headers.get("x-api-key") or request.headers.get("x-goog-api-key") or request.headers.get("Authorization", "")
        headers = {k.lower(): v for k, v in request.headers.items()}
        await self._note(Record(wire, request.path_qs, headers, None, key=key.removeprefix("Bearer "), ended="done"))
        dialect = DIALECTS[wire]()
        if "bad" in key:
            return web.json_response(dialect.error(401, "key", f"Incorrect API key provided: {key}."), status=401)
        if "hang" in key:
            await asyncio.Event().wait()
        if "gate" in key:
            await anext(self.gate("models").tokens())
        return web.json_response(dialect.models(self.models))

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        """A vector for each text: its length, its number, and a half; with `dimensions` as many halves as are wanted."""
        body = await request.json()
        wire = "ollama" if "/api/" in request.path else "openai"
        dialect, model, texts = DIALECTS[wire](), body["model"], body["input"]
        headers = {k.lower(): v for k, v in request.headers.items()}
        await self._note(Record(wire, request.path_qs, headers, body, model, ended="done"))
        if model.startswith("missing-"):
            return web.json_response(dialect.error(404, "model", f"The model `{model}` does not exist"), status=404)
        more = max(body.get("dimensions", 3) - 2, 0)
        vectors = [[float(len(text)), float(index), *[0.5] * more] for index, text in enumerate(texts)]
        if model == "odd-json":
            vectors = vectors[1:]
        self.reported.append((wire, model, Counts(input=5)))
        if wire == "ollama":
            return web.json_response({"model": model, "embeddings": vectors, "prompt_eval_count": 5})
        rows = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
        usage = {"prompt_tokens": 5, "total_tokens": 5}
        return web.json_response({"object": "list", "data": rows[::-1], "model": model, "usage": usage})

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(DIALECTS["ollama"]().show((await request.json())["model"]))  # type: ignore[union-attr]

    async def _html(self, request: web.Request, status: int = 200) -> web.Response:
        return web.Response(status=status, text="<!doctype html><title>Sign in</title><h1>Welcome</h1>", content_type="text/html")

    async def _control_requests(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(record) for record in self.requests])

    async def _control_forget(self, request: web.Request) -> web.Response:
        self.forget()
        return web.json_response({})

    async def _control_release(self, request: web.Request) -> web.Response:
        body = await request.json()
        await self.gate(body.get("gate", "gated")).let_through(body.get("tokens", 1), body.get("finish", False))
        return web.json_response({})

    async def _control_until(self, request: web.Request) -> web.Response:
        wanted, left = int(request.query.get("requests", 0)), int(request.query.get("left", 0))
        await self.until(lambda: len(self.requests) >= wanted and sum(record.ended == "left" for record in self.requests) >= left)
        return await self._control_requests(request)


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path, help="where to write the port once it listens")
    options = parser.parse_args()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with WireServer(port=options.port) as server:
        if options.port_file:
            part = options.port_file.with_suffix(".part")
            part.write_text(str(server.port))
            part.replace(options.port_file)
        print(json.dumps({"url": server.url}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_main())
