"""What is not what the contract says gets its error in words, with the field named, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from typing import Any

import aiohttp
import pytest
from yarl import URL

from llmhub.ids import new_id

from .api import Answer, Api

TEXT = {"type": "text", "text": "Hello"}


async def post(api: Api, path: str, data: bytes) -> Answer:
    return await api("POST", path, data=data, headers={"Content-Type": "application/json"})


# ---- JSON


@pytest.mark.parametrize(
    "data",
    [
        b"no json",
        b'{"title": "x"',
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": 1e999}',
        b'{"title": "\xff\xfe"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\\ud800"}',
        b'{"title": "x", "title": "y"}',
        b'{"a": {"b": 1, "b": 2}}',
        b"\xef\xbb\xbf{}",
        b"[" * 500 + b"]" * 500,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00",
    ],
    ids=range(15),
)
async def test_what_is_not_json_is_malformed(api: Api, data: bytes):
    answer = await post(api, "conversations", data)
    assert (answer.status, answer.error["code"]) == (400, "malformed")
    assert answer.error["hint"]


@pytest.mark.parametrize(
    ("data", "field", "word"),
    [
        (b"[]", "body", "object"),
        (b"null", "body", "object"),
        (b'"x"', "body", "object"),
        (b'{"title": 7}', "title", "string"),
        (b'{"titel": "x"}', "titel", "not a known field"),
        (b'{"title": "a\\u0000b"}', "title", "NUL"),
        (b'{"a\\u0000": 1}', "body", "NUL"),
        (b'{"folder_id": "7"}', "folder_id", "UUID"),
        (b'{"temporary": "perhaps"}', "temporary", "boolean"),
        (b'{"title": 123456789012345678901234567890}', "title", "string"),
    ],
)
async def test_what_means_nothing_names_the_field(api: Api, data: bytes, field: str, word: str):
    answer = await post(api, "conversations", data)
    assert (answer.status, answer.error["code"]) == (422, "invalid")
    assert answer.error["details"]["errors"][0]["field"] == field
    assert word in answer.error["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "client_request_id"),
        ({"client_request_id": ""}, "client_request_id"),
        ({"client_request_id": "1", "message": {"parts": []}}, "message.parts"),
        ({"client_request_id": "1", "message": {"parts": [{"type": "text"}]}}, "message.parts.0.text"),
        (
            {"client_request_id": "1", "message": {"parts": [{"type": "tool_result", "call_id": "1", "ok": True}]}},
            "message.parts.0",
        ),
        ({"client_request_id": "1", "message": {"parts": [TEXT | {"more": 1}]}}, "message.parts.0.more"),
        ({"client_request_id": "1", "parent_id": 7}, "parent_id"),
        ({"client_request_id": "1", "params": {"temperature": 7}, "message": {"parts": [TEXT]}}, "params.temperature"),
        ({"client_request_id": "1", "params": {"warmth": 1}, "message": {"parts": [TEXT]}}, "params.warmth"),
        ({"client_request_id": "1", "tools": ["web"], "message": {"parts": [TEXT]}}, "tools"),
        ({"client_request_id": "1", "message": {"parts": [{"type": "image"}]}}, "message.parts.0"),
        ({"client_request_id": "1", "message": {"parts": [{"type": "image", "url": "http://x/y.png"}]}}, "message.parts.0"),
        ({"client_request_id": "1", "message": {"parts": [{"type": "image", "url": "file:///etc/passwd"}]}}, "message.parts.0"),
        ({"client_request_id": "1", "message": {"parts": [{"type": "image", "url": "data:text/html,<p>"}]}}, "message.parts.0"),
        (
            {"client_request_id": "1", "message": {"parts": [{"type": "image", "url": "data:image/png;base64,#"}]}},
            "message.parts.0",
        ),
    ],
)
async def test_a_turn_that_means_nothing_names_the_field_and_starts_nothing(api: Api, body: dict[str, Any], field: str):
    conversation = await api.conversation()
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert (answer.status, answer.error["code"]) == (422, "invalid"), answer.data
    assert answer.error["details"]["errors"][0]["field"] == field
    assert (await api.ok("GET", f"conversations/{conversation}/tree"))["items"] == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"parts": "Hello"}, "message.parts: should be a list."),
        ({"parts": []}, "message.parts: should have at least 1 item."),
        ({"parts": [TEXT] * 1001}, "message.parts: should have at most 1000 items."),
        ({"parts": ["Hello"]}, "message.parts.0: should be a JSON object."),
        ({"parts": [{"text": "Hello"}]}, "message.parts.0: lacks its 'type'."),
        (
            {"parts": [{"type": "x" * 1000}]},
            "message.parts.0: should have as 'type' one of 'text', 'image', 'file', 'quote'.",
        ),
    ],
)
async def test_what_is_wrong_is_said_once_and_as_json_calls_it(api: Api, message: dict[str, Any], words: str):
    conversation = await api.conversation()
    answer = await api("POST", f"conversations/{conversation}/runs", {"client_request_id": "1", "message": message})
    assert (answer.status, answer.error["message"]) == (422, words)


async def test_words_are_not_dropped_for_an_answer_that_goes_on(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation)
    await api.events(run["run_id"])
    body = {"client_request_id": "1", "continue": run["message_id"], "message": {"parts": [TEXT]}}
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert (answer.status, answer.error["details"]["errors"][0]["field"]) == (422, "message")


async def test_every_layer_names_fields_in_one_shape(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation)
    for body, field in (({"title": 7}, "title"), ({"head_id": None}, "head_id")):
        answer = await api("PATCH", f"conversations/{conversation}", body)
        assert (answer.status, [fault["field"] for fault in answer.error["details"]["errors"]]) == (422, [field])
    await api.events(run["run_id"])


async def test_a_turn_under_a_message_that_does_not_exist_starts_nothing(api: Api):
    conversation = await api.conversation()
    body = {"client_request_id": "1", "parent_id": new_id(), "message": {"parts": [TEXT]}}
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    unknown_file = {"client_request_id": "2", "message": {"parts": [{"type": "image", "file_id": new_id()}]}}
    answer = await api("POST", f"conversations/{conversation}/runs", unknown_file)
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert (await api.ok("GET", f"conversations/{conversation}/tree"))["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("limit=99999999999999999999999", "limit"),
        ("pinned=perhaps", "pinned"),
        ("more=1", "more"),
        ("folder_id=7", "folder_id"),
    ],
)
async def test_a_query_that_means_nothing_names_the_field(api: Api, query: str, field: str):
    name, _, value = query.partition("=")
    answer = await api.raw("llmhub", "api", "conversations", params={name: value})
    assert answer.status == 422, answer.data
    assert answer.error["details"]["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "address",
    [
        "conversations?query=&folder_id=&tag=&pinned=&archived=&limit=&cursor=",
        "search?q=&limit=&role=&model=&after=&before=&folder_id=",
        "runs?active=&limit=&cursor=",
        "conversations/{conversation}/messages?leaf=",
        "conversations/{conversation}/export?format=&leaf=",
        "runs/{run}/events?after=",
    ],
)
async def test_an_empty_value_in_an_address_is_as_good_as_none(api: Api, address: str):
    conversation = await api.conversation()
    run = await api.ask(conversation)
    await api.events(run["run_id"])
    path = address.format(conversation=conversation, run=run["run_id"])
    empty, absent = await api("GET", path), await api("GET", path.partition("?")[0])
    assert (empty.status, absent.status) == (200, 200), empty.data
    assert empty.data == absent.data


async def test_an_empty_value_in_a_body_means_nothing(api: Api):
    for body, field in (({"format": ""}, "format"), ([None], "body")):
        answer = await api("POST", "export", body)
        assert (answer.status, answer.error["details"]["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(("method", "address"), [("POST", "import?dry_run="), ("GET", "conversations?subfolders=")])
async def test_an_empty_switch_is_not_off(api: Api, method: str, address: str):
    answer = await api(method, address)
    field = address.partition("?")[2].rstrip("=")
    assert (answer.status, answer.error["details"]["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "\0", "0" * 400, "\u00e4", "{}"])
async def test_a_cursor_that_nobody_gave_is_refused_in_words(api: Api, cursor: str):
    answer = await api.raw("llmhub", "api", "conversations", params={"cursor": cursor})
    assert answer.status in (400, 422), answer.data
    assert answer.error["message"]


async def test_events_after_something_that_is_no_number(api: Api):
    run = await api.ask(await api.conversation())
    await api.events(run["run_id"])
    for query, headers in (("after=x", {}), ("after=-1", {}), ("after=1e3", {}), ("", {"Last-Event-ID": "x"})):
        answer = await api("GET", f"runs/{run['run_id']}/events?{query}", headers=headers)
        assert (answer.status, answer.error["code"]) == (422, "invalid"), query


async def test_everything_that_is_text_comes_back_as_it_was(api: Api):
    text = "\u0001\u001f\u007f \U0001f600 e\u0301 \u202e \ufeff \uffff \\ud800 </script> \r\n\t" + "א"
    conversation = await api.conversation(title=text)
    run = await api.ask(conversation, text)
    await api.events(run["run_id"])
    assert (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][0]["parts"][0]["text"] == text
    assert (await api.ok("GET", f"conversations/{conversation}"))["title"] == text


# ---- sizes


async def test_a_message_of_ten_million_characters_is_refused_and_nothing_is_lost(api: Api):
    conversation = await api.conversation()
    body = {"client_request_id": "1", "message": {"parts": [{"type": "text", "text": "x" * 10_000_000}]}}
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert (answer.status, answer.error["code"]) == (413, "too_large")
    assert "10,000,000 characters; at most 2,000,000" in answer.error["message"]
    assert answer.error["details"] == {"size": 10_000_000, "limit": 2_000_000}
    assert (await api.ok("GET", f"conversations/{conversation}/tree"))["items"] == []


async def test_a_line_of_a_million_characters_is_a_message_like_any_other(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation, "x" * 1_000_000, model="lab/tokens-1-at-0")
    assert (await api.events(run["run_id"]))[-1]["type"] == "run.finished"
    question = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][0]
    assert len(question["parts"][0]["text"]) == 1_000_000


async def test_an_image_of_eighty_megabytes_is_refused_in_words(api: Api):
    data = bytes(80 * 2**20)
    answer = await api("POST", "files", data=data, headers={"Content-Type": "image/png"})
    assert (answer.status, answer.error["code"]) == (413, "too_large")
    assert answer.error["message"] == "The image is 80 MB; at most 20 MB are taken."
    conversation = await api.conversation()
    url = "data:image/png;base64," + b64encode(data).decode()
    body = {"client_request_id": "1", "message": {"parts": [{"type": "image", "url": url}]}}
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert (answer.status, answer.error["code"]) == (413, "too_large")
    assert "at most 32 MB" in answer.error["message"]
    assert (await api.ok("GET", f"conversations/{conversation}/tree"))["items"] == []


async def test_an_image_in_a_message_has_the_limit_of_a_file(api: Api):
    conversation = await api.conversation()
    url = "data:image/png;base64," + b64encode(bytes(21 * 2**20)).decode()
    body = {"client_request_id": "1", "message": {"parts": [{"type": "image", "url": url}]}}
    answer = await api("POST", f"conversations/{conversation}/runs", body)
    assert answer.status == 413
    assert answer.error["message"] == "The image is 21 MB; at most 20 MB are taken."


class Sender:
    """Sends a body by hand, to see when the answer comes and what is kept."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def open(self, *headers: str) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.api.port)
        lines = [f"POST {self.api.app.base_url}llmhub/api/conversations HTTP/1.1", "Host: localhost", *headers]
        self.writer.write("\r\n".join([*lines, f"Authorization: token {self.api.token}", "", ""]).encode())

    async def answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        data = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(int(head[0].split()[1]), headers, data)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def test_a_body_over_the_limit_is_refused_before_it_is_sent(api: Api):
    sender = Sender(api)
    await sender.open("Content-Length: 999999999999")
    answer = await sender.answer()
    assert (answer.status, answer.error["code"]) == (413, "too_large")
    assert answer.headers["connection"] == "close"
    await sender.aclose()


async def test_a_body_of_unknown_length_is_counted_as_it_comes(api: Api):
    sender = Sender(api)
    await sender.open("Transfer-Encoding: chunked")
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    for _ in range(33):
        sender.writer.write(chunk)
        await sender.writer.drain()
    answer = await sender.answer()
    assert (answer.status, answer.error["code"]) == (413, "too_large")
    await sender.aclose()


async def test_a_sender_who_goes_on_still_gets_the_answer(api: Api):
    sender = Sender(api)
    await sender.open(f"Content-Length: {64 * 2**20}")
    for _ in range(64):
        sender.writer.write(bytes(2**20))
        await sender.writer.drain()
    answer = await sender.answer()
    assert answer.status == 413
    sender.writer.write(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert await sender.reader.readline() == b"HTTP/1.1 404 Not Found\r\n"
    await sender.aclose()


# ---- what nobody expected


async def test_an_unexpected_error_is_logged_with_its_trace_and_answered_without(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    await api.conversation()

    prompt = b64encode(b"what somebody asked").decode()

    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError(prompt)

    monkeypatch.setattr(api.workspace.conversations, "list", broken)
    with caplog.at_level(logging.ERROR):
        answer = await api("GET", "conversations")
    assert (answer.status, answer.error["code"]) == (500, "internal")
    assert prompt not in answer.data.decode() + caplog.text
    assert "ValueError" in caplog.text and "in broken" in caplog.text


class TestBrokenConfiguration:
    @pytest.fixture
    def host_settings(self) -> dict[str, Any]:
        return {"default_modell": "lab/echo"}

    async def test_a_broken_configuration_says_what_is_wrong_and_the_document_stays(self, api: Api):
        answer = await api("GET", "conversations")
        assert (answer.status, answer.error["code"]) == (503, "config_error")
        assert "default_modell" in answer.error["message"]
        assert "default_model" in json.dumps(answer.error)
        await api.ok("GET", "openapi.json")
        stream = await api("GET", "stream")
        assert stream.error["code"] in ("config_error", "malformed")


async def test_a_client_is_told_when_its_connection_ends_with_the_answer(api: Api) -> None:
    """tornado hangs up after an answer that was ready before the request was read; unsaid, the client's next request fails."""
    base = f"http://127.0.0.1:{api.port}{api.app.base_url}llmhub/api/"
    async with aiohttp.ClientSession(headers={"Authorization": f"token {api.token}"}) as session:
        for _ in range(3):
            async with session.get(URL(base + "nothing", encoded=True)) as answer:
                assert answer.status == 404
            async with session.post(URL(base + "conversations", encoded=True), json={"titel": "x"}) as answer:
                assert answer.status == 422
