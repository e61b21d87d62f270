"""Summaries over the wire: made by hand, read, edited, undone, stopped; and pinned messages."""

from __future__ import annotations

import asyncio

import pytest

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Api

NOWHERE = "0198c0de-0000-7000-8000-000000000000"


async def talk(api: Api, *questions: str) -> tuple[str, list[dict[str, str]]]:
    conversation = await api.conversation()
    runs: list[dict[str, str]] = []
    for question in questions:
        runs.append(await api.ask(conversation, question, parent_id=runs[-1]["message_id"] if runs else None))
        await api.events(runs[-1]["run_id"])
    return conversation, runs


def asked(wire: WireServer) -> list[str]:
    return [message["content"] for message in wire.requests[-1].body["messages"]]


async def test_a_summary_is_made_by_hand_read_edited_and_undone(api: Api, wire: WireServer):
    conversation, runs = await talk(api, "one", "two", "three")
    stream = await api.stream()
    body = {"client_request_id": new_id(), "model": "lab/markdown", "instructions": "Only the numbers."}
    made = await api("POST", f"conversations/{conversation}/summaries", body)
    assert made.status == 201
    assert (made.json["message_id"], made.json["messages"], made.json["model"]) == (runs[1]["message_id"], 4, "lab/markdown")
    assert "one" in asked(wire)[-1]
    assert "Only the numbers." in asked(wire)[-1]
    await stream.until(changed={"what": "conversation.changed", "conversation_id": conversation})
    assert await api.ok("POST", f"conversations/{conversation}/summaries", body) == made.json
    place = f"conversations/{conversation}/summaries/{made.json['id']}"

    report = await api.ok("GET", "usage/report?source=compaction")
    assert report["total"]["answers"] == 1
    assert report["total"]["input_tokens"] == made.json["usage"]["input_tokens"] == 11

    edited = await api.ok("PATCH", place, {"text": "They counted."})
    assert (edited["text"], edited["edited"], edited["active"]) == ("They counted.", True, True)
    run = await api.ask(conversation, "four", parent_id=runs[-1]["message_id"])
    await api.events(run["run_id"])
    assert "They counted." in asked(wire)[0]
    assert asked(wire)[0].endswith("three")
    assert asked(wire)[1:] == ["three", "four"]

    await api.ok("PATCH", place, {"active": False})
    assert (await api.ok("GET", f"conversations/{conversation}/summaries"))["items"] == [edited | {"active": False}]
    run = await api.ask(conversation, "five", parent_id=run["message_id"])
    await api.events(run["run_id"])
    assert asked(wire)[0] == "one"
    path = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert len(path) == 10  # the messages were there all the time


async def test_a_summary_that_is_being_made_can_be_stopped(api: Api, wire: WireServer):
    conversation, _ = await talk(api, "one", "two")
    stream = await api.stream()
    body = {"client_request_id": new_id(), "model": "lab/gated"}
    asking = asyncio.create_task(api("POST", f"conversations/{conversation}/summaries", body))
    await stream.until(changed={"what": "conversation.changed", "conversation_id": conversation})
    assert (await api.ok("GET", f"conversations/{conversation}/summaries"))["making"] is True
    await asyncio.to_thread(wire.wait_until, lambda: bool(wire.asked("gated")))
    await api.ok("POST", f"conversations/{conversation}/summaries/stop")
    refused = await asking
    assert (refused.status, refused.error["details"]["reason"]) == (409, "stopped")
    await asyncio.to_thread(wire.wait_until, lambda: [r.ended for r in wire.asked("gated")] == ["left"])
    assert await api.ok("GET", f"conversations/{conversation}/summaries") == {"items": [], "next": None, "making": False}
    await api.ok("POST", f"conversations/{conversation}/summaries/stop")  # nothing to stop is no failure


async def test_why_no_summary_can_be_made_is_said(api: Api):
    conversation, _ = await talk(api, "one", "two")
    address = f"conversations/{conversation}/summaries"
    nothing = await api("POST", f"conversations/{await api.conversation()}/summaries", {"client_request_id": new_id()})
    assert (nothing.status, nothing.error["details"]["reason"]) == (409, "nothing")
    down = await api("POST", address, {"client_request_id": new_id(), "model": "lab/e401"})
    assert (down.status, down.error["code"]) == (502, "key_rejected")
    assert (await api("PATCH", f"{address}/{NOWHERE}", {"active": False})).error["code"] == "not_found"
    assert (await api("PATCH", f"{address}/{NOWHERE}", {"text": " "})).status == 422
    assert (await api.ok("GET", address))["items"] == []


@pytest.mark.parametrize("pinned", [True, False])
async def test_a_message_is_pinned_and_let_go_of(api: Api, pinned: bool):
    conversation, [run] = await talk(api, "one")
    address = f"conversations/{conversation}/messages/{run['message_id']}"
    await api.ok("PATCH", address, {"pinned": not pinned})
    assert (await api.ok("PATCH", address, {"pinned": pinned}))["pinned"] is pinned
    path = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert [message["pinned"] for message in path] == [False, pinned]
    missing = await api("PATCH", f"conversations/{conversation}/messages/{NOWHERE}", {"pinned": pinned})
    assert missing.error["code"] == "not_found"
