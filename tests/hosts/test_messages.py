"""Messages saved, taken away and brought back over the wire, and what else a panel needs beside runs."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Answer, Api

CALL = {"type": "tool_call", "call_id": "c1", "name": "look", "arguments": "{}"}
RESULT = {"type": "tool_result", "call_id": "c1", "ok": True}
NOWHERE = "0198c0de-0000-7000-8000-000000000000"


def saying(text: str, parent_id: str | None = None, role: str = "user", **more: Any) -> dict[str, Any]:
    parts = [{"type": "text", "text": text}]
    return {"client_request_id": new_id(), "parent_id": parent_id, "role": role, "parts": parts, **more}


def field_in(answer: Answer) -> str:
    """The first field that an error names."""
    return answer.error["details"]["errors"][0]["field"]


async def path(api: Api, conversation: str) -> list[dict[str, Any]]:
    return (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]


async def test_an_edit_is_saved_as_a_branch_and_other_pages_hear_of_it(api: Api, wire: WireServer):
    conversation = await api.conversation()
    run = await api.ask(conversation, "Helo")
    await api.events(run["run_id"])
    stream = await api.stream()
    body = saying("Hello")
    saved = await api("POST", f"conversations/{conversation}/messages", body)
    assert saved.status == 201
    assert saved.json["sibling_ids"] == [run["user_message_id"], saved.json["id"]]
    await stream.until(changed={"what": "conversation.changed", "conversation_id": conversation})
    assert await api.ok("POST", f"conversations/{conversation}/messages", body) == saved.json
    assert await path(api, conversation) == [saved.json]
    said = saying("Hi.", saved.json["id"], "assistant", model="lab/echo", finish_reason="length")
    answer = await api.ok("POST", f"conversations/{conversation}/messages", said)
    assert answer["finish_reason"] == "length"
    assert [message["id"] for message in await path(api, conversation)] == [saved.json["id"], answer["id"]]
    assert len(wire.asked("echo")) == 1


async def test_a_picture_in_a_saved_message_goes_to_the_file_store(api: Api):
    conversation = await api.conversation()
    url = "data:image/png;base64,iVBORw0KGgo="
    draft = saying("") | {"parts": [{"type": "image", "url": url}]}
    saved = await api.ok("POST", f"conversations/{conversation}/messages", draft)
    assert saved["parts"][0]["url"] is None
    assert (await api("GET", f"files/{saved['parts'][0]['file_id']}")).status == 200
    refused = await api("POST", f"conversations/{conversation}/messages", saying("") | {"parts": [{"type": "image"}]})
    assert field_in(refused) == "parts.0"


async def test_what_a_tool_gave_counts_as_part_of_the_message(api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LLMHUB_LIMITS__MESSAGE_CHARS", "1000")
    conversation = await api.conversation()
    asked = await api.ok("POST", f"conversations/{conversation}/messages", saying("Look."))
    for size, status in ((900, 201), (1001, 413)):
        for gave in ({"type": "text", "text": "x" * size}, {"type": "output", "mime_bundle": {"text/plain": "x" * size}}):
            draft = saying("", asked["id"], "assistant", model="lab/echo") | {"parts": [CALL, RESULT | {"parts": [gave]}]}
            assert (await api("POST", f"conversations/{conversation}/messages", draft)).status == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "system"}, "role"),
        ({"role": "assistant"}, "parent_id"),
        ({"parts": []}, "parts"),
        ({"parts": [{"type": "reasoning", "text": "hm"}]}, "parts.0"),
        ({"parts": [CALL, RESULT]}, "parts"),
        ({"role": "assistant", "parts": [RESULT, CALL]}, "parts"),
        ({"role": "assistant", "parts": [CALL, CALL]}, "parts"),
        ({"role": "assistant", "parts": [CALL, RESULT, RESULT]}, "parts"),
        ({"model": "lab/echo"}, "model"),
        ({"text": "x"}, "text"),
        ({"client_request_id": ""}, "client_request_id"),
    ],
)
async def test_what_cannot_be_saved_names_the_field(api: Api, changes: dict[str, Any], field: str):
    conversation = await api.conversation()
    answer = await api("POST", f"conversations/{conversation}/messages", saying("x") | changes)
    assert (answer.status, field_in(answer)) == (422, field)


async def test_deleting_hangs_up_on_the_provider_and_restoring_undoes_it(api: Api, wire: WireServer):
    conversation = await api.conversation()
    first = await api.ask(conversation, "one")
    await api.events(first["run_id"])
    stream = await api.stream()
    second = await api.ask(conversation, "two", parent_id=first["message_id"], model="lab/gated")
    await stream.say({"watch": second["run_id"]})
    wire.gate().release(1)
    await stream.until(type="text.delta")
    deleted = await api.ok("DELETE", f"conversations/{conversation}/messages/{second['user_message_id']}")
    assert deleted == {"head_id": first["message_id"]}
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["left"])
    frames = await stream.until(changed={"what": "conversation.changed", "conversation_id": conversation})
    assert [frame["status"] for frame in frames if frame.get("type") == "run.finished"] == ["stopped"]
    assert [message["id"] for message in await path(api, conversation)] == [first["user_message_id"], first["message_id"]]
    parent = await api("POST", f"conversations/{conversation}/messages", saying("x", second["message_id"]))
    assert (parent.status, parent.error["code"]) == (404, "not_found")

    restore = f"conversations/{conversation}/messages/{second['user_message_id']}/restore"
    assert await api.ok("POST", restore) == {"head_id": second["message_id"]}
    await stream.until(changed={"what": "conversation.changed", "conversation_id": conversation})
    shown = await path(api, conversation)
    assert [message["status"] for message in shown] == ["complete", "complete", "complete", "stopped"]
    assert shown[3]["parts"][0]["text"] == "t0 "


@pytest.mark.parametrize("id", [NOWHERE, "7"])
async def test_what_is_not_there_is_neither_deleted_nor_restored(api: Api, id: str):
    conversation = await api.conversation()
    for method, address in (("DELETE", ""), ("POST", "/restore")):
        for where in (f"conversations/{conversation}/messages/{id}", f"conversations/{id}/messages/{NOWHERE}"):
            answer = await api(method, where + address)
            assert (answer.status, answer.error["code"]) == (404, "not_found")


async def test_an_instruction_reaches_the_model_and_stands_with_its_answer_only(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation, "Tell me", instruction="  In one line.  ")
    await api.events(run["run_id"])
    question, answer = await path(api, conversation)
    assert (question["parts"][0]["text"], question["instruction"]) == ("Tell me", None)
    assert (answer["parts"][0]["text"], answer["instruction"]) == ("Tell me\n\nIn one line.", "In one line.")
    for wrong in ("x" * 2001, "", " "):
        body = {"client_request_id": new_id(), "parent_id": question["id"], "instruction": wrong}
        refused = await api("POST", f"conversations/{conversation}/runs", body)
        assert (refused.status, field_in(refused)) == (422, "instruction")


async def test_the_list_shows_what_is_unread_until_it_is_read(api: Api):
    conversation = await api.conversation()
    stream = await api.stream()
    run = await api.ask(conversation)
    await stream.until(changed={"what": "run.finished", "conversation_id": conversation, "run_id": run["run_id"]})
    [listed] = (await api.ok("GET", "conversations"))["items"]
    assert listed["unread"] is True
    read = await api.ok("PATCH", f"conversations/{conversation}", {"unread": False})
    assert read == listed | {"unread": False}
    assert (await api.ok("PATCH", f"conversations/{conversation}", {"unread": True}))["unread"] is True


async def test_making_a_conversation_twice_by_one_request_makes_one(api: Api):
    draft = {"client_request_id": new_id(), "title": "Once"}
    first, second = await api.ok("POST", "conversations", draft), await api.ok("POST", "conversations", draft)
    assert first == second
    assert len((await api.ok("GET", "conversations"))["items"]) == 1


async def test_what_answers_used_is_summed_over_a_time(api: Api):
    conversation = await api.conversation()
    for text in ("one", "two"):
        run = await api.ask(conversation, text)
        await api.events(run["run_id"])
    usage = await api.ok("GET", "usage?since=2020-01-01T00:00:00Z")
    assert (usage["answers"], usage["input_tokens"], usage["unpriced_answers"], usage["cost_usd"]) == (2, 22, 2, 0)
    assert await api.ok("GET", "usage") == usage
    assert (await api.ok("GET", "usage?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z"))["answers"] == 0


@pytest.mark.parametrize("since", ["today", "2020-01-01T00:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", ""])
async def test_a_time_that_means_nothing_is_refused(api: Api, since: str):
    answer = await api("GET", f"usage?since={since}")
    assert (answer.status, field_in(answer)) == (422, "since")
