"""What went over the wire can be seen, without keys, without files' bytes, and within bounds."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from llmhub.config import Settings
from llmhub.errors import ProviderError
from llmhub.messages import FilePart, ImagePart
from llmhub.providers.base import FileData, NoKeys, Text
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.exchange import HEAD, LONGEST_REQUEST, MASK, MOST, STOPPED, TAIL, Attempt, Exchange, Mask, Recorder
from llmhub.providers.fallback import Fallback
from llmhub.providers.router import Router

from .asking import CANARY, WIRES, message, question, until_failure
from .conftest import provider_at
from .wire_server import WireServer


async def seen(router: Any, model: str, *messages: Any, fails: bool = False, settled: bool = True, **more: Any) -> list[Exchange]:
    """Ask, and see what went over the wire."""
    recorder = Recorder()
    request = question(model, *messages, recorder=recorder, **more)
    if fails:
        await until_failure(router, request, ProviderError)
    else:
        async for _ in router.stream(request):
            pass
    if settled:
        recorder.settle()
    shown = recorder.show()()
    assert CANARY not in everything(shown)
    return shown


def everything(shown: list[Exchange]) -> str:
    """All that is given away, however it is written."""
    dumped = [item.model_dump_json() for item in shown] + [repr(item) for item in shown]
    return "\n".join([*dumped, *(json.loads(text)["response_body"] for text in dumped[: len(shown)])])


@pytest.mark.parametrize("settled", [True, False], ids=["settled", "while it runs"])
@pytest.mark.parametrize("kind", WIRES)
async def test_each_wire_shows_its_request_and_its_answer_as_they_were(
    router: Router, wire: WireServer, kind: str, settled: bool
) -> None:
    [item] = await seen(router, f"{kind}/echo", "hello there", params={"temperature": 0.5}, settled=settled)
    [asked] = wire.asked("echo")
    assert (item.provider, item.method, item.status, item.error, item.truncated) == (kind, "POST", 200, None, False)
    assert item.url.startswith(wire.url) and asked.path in item.url
    assert item.request_body == asked.body
    assert "hello" in item.response_body and "there" in item.response_body
    assert item.request_headers["content-type"] == "application/json" and "content-type" in item.response_headers
    assert [value for name, value in item.request_headers.items() if name in ("authorization", "x-api-key", "x-goog-api-key")] in (
        [MASK],
        [],
    )
    assert item.duration_ms is not None and item.duration_ms > 0


@pytest.mark.parametrize("kind", WIRES)
async def test_a_key_is_masked_wherever_a_provider_or_a_user_writes_it(router: Router, kind: str) -> None:
    [item] = await seen(router, f"{kind}/echo-key", f"my key is {CANARY}", fails=True)
    assert item.status == 400 and MASK in item.response_body and MASK in json.dumps(item.request_body)
    assert item.error and CANARY not in item.error


async def test_a_header_from_the_configuration_is_masked_with_its_value(wire: WireServer, catalogue: Catalogue) -> None:
    headers = {"X-Project": "horse-battery-staple", "X-Team": "abc"}
    config = provider_at(wire, "openai", headers=headers)
    router = Router(Settings(providers={"lab": config}), NoKeys(), catalogue)
    [item] = await seen(router, "lab/echo", "horse-battery-staple")
    await router.aclose()
    assert (item.request_headers["x-project"], item.request_headers["x-team"]) == (MASK, MASK)
    assert "horse-battery" not in everything([item])


async def test_every_attempt_is_an_item(router: Router, waited: list[float]) -> None:
    shown = await seen(router, "openai/e503-once")
    assert [item.status for item in shown] == [503, 200] and len(waited) == 1
    assert shown[0].error and shown[1].error is None
    both = await seen(Fallback(router, ["gemini/echo"]), "anthropic/e529")
    assert [(item.provider, item.status) for item in both][-2:] == [("anthropic", 529), ("gemini", 200)]


async def test_an_attempt_that_found_nobody_says_so(router: Router, wire: WireServer) -> None:
    config = provider_at(wire, "openai", base_url="http://127.0.0.1:9/v1")
    router.configure(Settings(providers={"lab": config}))
    shown = await seen(router, "lab/echo", fails=True)
    assert {(item.status, item.response_body) for item in shown} == {(None, "")}
    assert "connection was refused" in (shown[-1].error or "")


async def test_an_answer_that_was_stopped_shows_what_had_come(router: Router, wire: WireServer) -> None:
    recorder = Recorder()
    stream = router.stream(question("openai/gated", recorder=recorder))
    wire.gate().release(1)
    assert isinstance(await anext(stream), Text)
    await stream.aclose()  # type: ignore[attr-defined]
    [item] = recorder.show()()
    assert item.error == STOPPED and "t0" in item.response_body and item.status == 200


@pytest.mark.parametrize("kind", WIRES)
async def test_files_are_notes_of_their_size(router: Router, kind: str) -> None:
    data = bytes(range(256)) * 400

    async def load(file_id: str) -> FileData:
        return FileData(data, "application/pdf" if file_id == "p" else "image/png", file_id)

    parts = ["look", ImagePart(file_id="i", media_type="image/png"), FilePart(file_id="p", name="p", media_type="application/pdf")]
    for settled in (True, False):
        [item] = await seen(router, f"{kind}/vision", message("user", *parts), load_file=load, settled=settled)
        sent = json.dumps(item.request_body)
        assert "kB of a file are left out" in sent and b64encode(data[:300]).decode() not in sent
        assert "look" in sent and len(sent) < 5_000 and not item.truncated


async def test_bytes_in_an_answer_are_notes_too(router: Router) -> None:
    data = b64encode(bytes(range(256)) * 100).decode()
    [item] = await seen(router, "openai/replay", f'data: {{"image": "{data}"}}\n\ndata: [DONE]\n\n', fails=True)
    assert "kB of a file are left out" in item.response_body and data[:200] not in item.response_body


async def test_of_a_long_answer_the_beginning_and_the_end_are_kept(router: Router) -> None:
    [item] = await seen(router, "openai/tokens-6000-at-0")
    assert item.truncated
    assert '"w0 "' in item.response_body and '"w5999 "' in item.response_body and '"w3500 "' not in item.response_body
    assert "bytes are left out here" in item.response_body and "[DONE]" in item.response_body
    assert len(item.response_body) <= HEAD + TAIL + 100


async def test_of_a_long_request_the_beginning_and_the_end_are_kept(router: Router) -> None:
    for settled in (True, False):
        [item] = await seen(router, "openai/length", "first " + "so " * 100_000 + CANARY + " last", settled=settled)
        assert item.truncated and isinstance(item.request_body, str)
        assert "first" in item.request_body and "last" in item.request_body and MASK in item.request_body
        assert len(item.request_body) <= LONGEST_REQUEST + 100


@pytest.mark.parametrize("cut", range(1, len(CANARY)))
def test_a_key_that_a_gap_tears_leaves_no_half(cut: int) -> None:
    recorder = Recorder()
    attempt = recorder.begin("lab", "POST", "http://lab", {}, {}, b"{}", (CANARY,))
    attempt.took(b" " * (HEAD - cut) + CANARY.encode() + b" " * 1000)
    attempt.took(b" " * 1000 + CANARY.encode() + b" " * (TAIL - cut))
    recorder.settle()
    [item] = recorder.show()()
    assert item.truncated
    torn = [CANARY[:size] for size in range(4, len(CANARY) + 1)] + [CANARY[-size:] for size in range(4, len(CANARY) + 1)]
    assert not [half for half in torn if half in item.response_body]


def test_many_attempts_share_the_room_of_one_run_and_the_last_is_whole() -> None:
    recorder = Recorder()
    for number in range(6):
        body = {"n": number, "text": "x y " * 30_000}
        attempt = recorder.begin("lab", "POST", "http://lab", {}, body, json.dumps(body).encode(), ())
        for _ in range(300):
            attempt.took(b"z " * 500)
        attempt.ended()
    recorder.settle()
    assert sum(one.answer.size + (one.request.size if one.request else 0) for one in recorder.attempts) <= MOST
    shown = recorder.show()()
    assert shown[0].truncated and shown[-1].request_body["n"] == 5 and len(shown[-1].response_body) > 299_000


def test_a_piece_is_kept_as_it_is_until_somebody_looks() -> None:
    attempt = Attempt("lab", "POST", "http://lab", {}, {}, b"{}")
    pieces = [bytes([n % 256]) * 100 for n in range(20_000)]
    for piece in pieces:
        attempt.took(piece)
    assert all(kept is piece for kept, piece in zip(attempt._head, pieces, strict=False))
    assert sum(map(len, attempt._head)) + attempt._tail_size <= HEAD + TAIL + 2 * 100


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef0123456789",
        "sk-proj-aaaaaaaaaaaa1234bbbb",
        "AIzaSyA0123456789abcdefghijklmnopqrstu",
        "a/b+c=d",
        r"a\/b+c=d",
        "a%2Fb%2Bc%3Dd",
        'q"uo\\te',
        json.dumps('q"uo\\te'),
    ],
)
def test_what_is_or_looks_like_a_key_is_masked_however_it_is_written(text: str) -> None:
    mask = Mask(["a/b+c=d", 'q"uo\\te'])
    assert MASK in mask.text(text) and MASK in str(mask.value({"x": [text]})) and MASK in str(mask.value({text: 1}))


def test_addresses_and_headers_lose_what_logs_in_and_keep_the_rest() -> None:
    mask = Mask([])
    assert mask.url("https://ada:pw@lab/v1?alt=sse&key=abc&x=1#a") == f"https://{MASK}@lab/v1?alt=sse&key={MASK}&x=1#a"
    headers = {"Set-Cookie": "a=b", "api-key": "x", "x-ratelimit-remaining-tokens": "99", "location": "/v1?access_token=abc"}
    expected = {"Set-Cookie": MASK, "api-key": MASK, "x-ratelimit-remaining-tokens": "99", "location": f"/v1?access_token={MASK}"}
    assert mask.headers(headers) == expected
    assert mask.text("the keyboard-shortcuts of sk-learn-estimators") == "the keyboard-shortcuts of sk-learn-estimators"
