"""Every route does what the contract says, on a real server."""

from __future__ import annotations

import asyncio
import json

import pytest

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Api

NOWHERE = "0198c0de-0000-7000-8000-000000000000"


# ---- conversations and messages


async def test_a_conversation_is_made_changed_listed_and_deleted(api: Api):
    made = await api("POST", "conversations", {"title": "Physics"})
    assert made.status == 201
    conversation = made.json
    changes = {"title": "Chemistry", "tags": ["school"], "pinned": True, "params": {"temperature": 0.5, "system": "Be brief."}}
    changed = await api.ok("PATCH", f"conversations/{conversation['id']}", changes)
    assert changed == conversation | changes | {"updated_at": changed["updated_at"]}
    assert await api.ok("GET", f"conversations/{conversation['id']}") == changed
    listed = await api.ok("GET", "conversations?pinned=true&query=chem&tag=school")
    assert listed == {"items": [changed], "next": None}
    assert (await api.ok("GET", "conversations?archived=true"))["items"] == []
    deleted = await api("DELETE", f"conversations/{conversation['id']}")
    assert (deleted.status, deleted.data) == (204, b"")
    assert (await api("GET", f"conversations/{conversation['id']}")).error["code"] == "not_found"


async def test_a_new_conversation_needs_no_body(api: Api):
    assert (await api("POST", "conversations", data=b"")).status == 201


async def test_a_list_goes_on_where_the_page_before_ended(api: Api):
    made = [await api.conversation(title=str(number)) for number in range(5)]
    first = await api.ok("GET", "conversations?limit=3")
    rest = await api.ok("GET", f"conversations?limit=3&cursor={first['next']}")
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


async def test_a_temporary_conversation_is_in_no_list(api: Api):
    temporary = await api.conversation(temporary=True)
    assert (await api.ok("GET", "conversations"))["items"] == []
    assert (await api.ok("GET", f"conversations/{temporary}"))["temporary"] is True


async def test_an_answered_turn_is_a_path_of_two_messages_and_a_tree_of_two_nodes(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation, "Hello there")
    await api.events(run["run_id"])
    path = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert [(message["role"], message["status"], message["parts"][0]["text"]) for message in path] == [
        ("user", "complete", "Hello there"),
        ("assistant", "complete", "Hello there"),
    ]
    question, answer = path
    assert (question["id"], answer["id"], answer["run_id"]) == (run["user_message_id"], run["message_id"], run["run_id"])
    assert answer["sibling_ids"] == [answer["id"]]
    assert answer["usage"]["input_tokens"] == 11
    tree = (await api.ok("GET", f"conversations/{conversation}/tree"))["items"]
    assert [(node["id"], node["parent_id"]) for node in tree] == [(question["id"], None), (answer["id"], question["id"])]
    assert all("parts" not in node and node["excerpt"] is None for node in tree)
    tree = (await api.ok("GET", f"conversations/{conversation}/tree?excerpts=true"))["items"]
    assert [node["excerpt"] for node in tree] == ["Hello there", "Hello there"]


async def test_a_message_that_is_being_answered_comes_with_what_was_said_so_far(api: Api, wire: WireServer):
    conversation = await api.conversation()
    stream = await api.stream()
    run = await api.ask(conversation, model="lab/gated")
    await stream.say({"watch": run["run_id"]})
    wire.gate().release(1)
    await stream.until(type="text.delta")
    path = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert (path[1]["status"], path[1]["parts"][0]["text"]) == ("running", "t0 ")
    assert (await api.ok("GET", f"conversations/{conversation}"))["running"] is True
    wire.gate().release(0, finish=True)
    await stream.until(type="run.finished")


async def test_the_path_of_another_leaf_is_another_branch(api: Api):
    conversation = await api.conversation()
    first = await api.ask(conversation, "one")
    await api.events(first["run_id"])
    second = await api.ask(conversation, "two", parent_id=None)
    await api.events(second["run_id"])
    other = (await api.ok("GET", f"conversations/{conversation}/messages?leaf={first['message_id']}"))["items"]
    assert [message["id"] for message in other] == [first["user_message_id"], first["message_id"]]
    assert set(other[0]["sibling_ids"]) == {first["user_message_id"], second["user_message_id"]}


# ---- runs


async def test_a_run_tells_how_it_stands_under_both_names_of_its_id(api: Api):
    conversation = await api.conversation()
    started = await api.ask(conversation)
    await api.events(started["run_id"])
    run = await api.ok("GET", f"runs/{started['run_id']}")
    assert run["id"] == run["run_id"] == started["run_id"]
    assert (run["status"], run["conversation_id"], run["model"]) == ("complete", conversation, "lab/echo")
    assert "owner" not in run and "process_id" not in run
    assert (await api.ok("GET", "runs"))["items"] == [run]
    assert (await api.ok("GET", "runs?active=true"))["items"] == []


async def test_the_same_request_twice_starts_nothing_twice(api: Api, wire: WireServer):
    conversation = await api.conversation()
    body = {"client_request_id": "once", "message": {"parts": [{"type": "text", "text": "Hello"}]}}
    first, second = await asyncio.gather(*[api.ok("POST", f"conversations/{conversation}/runs", body) for _ in range(2)])
    assert first == second == await api.ok("POST", f"conversations/{conversation}/runs", body)
    await api.events(first["run_id"])
    assert len(wire.asked("echo")) == 1


async def test_stopping_keeps_what_was_said_and_hangs_up_on_the_provider(api: Api, wire: WireServer):
    conversation = await api.conversation()
    stream = await api.stream()
    run = await api.ask(conversation, model="lab/gated")
    await stream.say({"watch": run["run_id"]})
    wire.gate().release(2)
    await stream.until(type="text.delta")
    assert [active["id"] for active in (await api.ok("GET", "runs?active=true"))["items"]] == [run["run_id"]]
    stopped = await api.ok("POST", f"runs/{run['run_id']}/stop")
    assert stopped["status"] == "stopped"
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["left"])
    again = await api.ok("POST", f"runs/{run['run_id']}/stop")
    assert again == stopped
    message = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][1]
    assert (message["status"], message["parts"][0]["text"][:3]) == ("stopped", "t0 ")


async def test_regenerating_gives_the_question_a_second_answer(api: Api):
    conversation = await api.conversation()
    first = await api.ask(conversation)
    await api.events(first["run_id"])
    body = {"client_request_id": new_id(), "parent_id": first["user_message_id"], "message": None}
    second = await api.ok("POST", f"conversations/{conversation}/runs", body)
    await api.events(second["run_id"])
    path = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    assert path[1]["sibling_ids"] == [first["message_id"], second["message_id"]]


async def test_a_stopped_answer_is_continued_in_the_same_message(api: Api, wire: WireServer):
    conversation = await api.conversation()
    stream = await api.stream()
    run = await api.ask(conversation, model="lab/gated")
    await stream.say({"watch": run["run_id"]})
    wire.gate().release(1)
    await stream.until(type="text.delta")
    await api.ok("POST", f"runs/{run['run_id']}/stop")
    body = {"client_request_id": new_id(), "continue": run["message_id"], "model": "lab/tokens-2-at-0"}
    more = await api.ok("POST", f"conversations/{conversation}/runs", body)
    assert more["message_id"] == run["message_id"]
    await api.events(more["run_id"])
    message = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][1]
    assert "".join(part["text"] for part in message["parts"]) == "t0 w0 w1 "
    assert message["status"] == "complete"


async def test_nothing_waits_for_an_answer(api: Api):
    conversation = await api.conversation()
    run = await api.ask(conversation)
    answer = await api("POST", f"runs/{run['run_id']}/answer", {"request_id": "r", "decision": "allow"})
    assert (answer.status, answer.error["code"]) == (409, "conflict")


async def test_a_conversation_deleted_while_it_is_answered_hangs_up_on_the_provider(api: Api, wire: WireServer):
    conversation = await api.conversation()
    await api.ask(conversation, model="lab/gated")
    await wire.until(lambda: bool(wire.asked("gated")))
    await api.ok("DELETE", f"conversations/{conversation}")
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["left"])
    assert (await api.ok("GET", "runs"))["items"] == []


# ---- files

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


async def test_a_picture_comes_back_as_it_was_and_cannot_do_anything(api: Api):
    headers = {"Content-Type": "image/png", "X-File-Name": "Bild%20%C3%BC.png"}
    file = await api.ok("POST", "files", data=PIXEL, headers=headers)
    assert (file["name"], file["media_type"], file["size"]) == ("Bild ü.png", "image/png", len(PIXEL))
    answer = await api("GET", f"files/{file['id']}")
    assert answer.data == PIXEL
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''Bild%20%C3%BC.png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript", "text/html\u00e4", ""])
async def test_whatever_could_hold_a_script_is_a_download(api: Api, kind: str):
    file = await api.ok("POST", "files", data=b"<script>alert(1)</script>", headers={"Content-Type": kind, "X-File-Name": "a.html"})
    answer = await api("GET", f"files/{file['id']}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_a_picture_in_a_message_goes_to_the_file_store(api: Api, wire: WireServer):
    from base64 import b64encode

    conversation = await api.conversation()
    url = "data:image/png;base64," + b64encode(PIXEL).decode()
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image", "url": url}]
    run = await api.ask(conversation, message={"parts": parts}, model="lab/vision")
    await api.events(run["run_id"])
    question, answer = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    image = question["parts"][1]
    assert image["url"] is None and image["media_type"] == "image/png"
    assert (await api("GET", f"files/{image['file_id']}")).data == PIXEL
    assert "image/png" in answer["parts"][0]["text"]


# ---- models, configuration, document


async def test_models_are_asked_from_the_provider(api: Api):
    models = (await api.ok("GET", "models"))["items"]
    assert "lab/echo" in [model["id"] for model in models]
    assert all(set(model) >= {"id", "label", "provider", "kind", "available", "capabilities", "price", "local"} for model in models)


async def test_the_configuration_says_where_each_value_came_from_and_no_secret(api: Api):
    config = await api.ok("GET", "config")
    assert config["settings"]["default_model"] == {"value": "lab/echo", "source": "host"}
    assert config["settings"]["limits.body_bytes"]["source"] == "default"
    assert config["features"]["compare"] is True and all(on for name, on in config["features"].items() if name != "titles")
    assert config["limits"]["file_bytes"] == 20 * 2**20
    assert config["settings"]["providers.lab.api_key"]["value"] is None
    assert "sk-test-key" not in json.dumps(config)


async def test_the_document_of_all_routes_needs_no_workspace(api: Api):
    document = await api.ok("GET", "openapi.json")
    assert document["openapi"] == "3.1.0"
    assert api.extension._workspace is None


@pytest.mark.parametrize("path", ["nothing/here", "conversations/x/y/z", "", "conversations/%00", "conversations/%ff"])
async def test_an_unknown_address_says_so_in_words(api: Api, path: str):
    answer = await api("GET", path)
    assert answer.status in (400, 404)
    assert answer.error["code"] in ("malformed", "not_found")


@pytest.mark.parametrize(
    "path", ["conversations/{}", "conversations/{}/messages", "conversations/{}/tree", "runs/{}", "runs/{}/events", "files/{}"]
)
@pytest.mark.parametrize("name", [NOWHERE, "7", "not-an-id", "NULL"])
async def test_an_id_of_nothing_or_of_another_type_is_not_found(api: Api, path: str, name: str):
    answer = await api("GET", path.format(name))
    assert (answer.status, answer.error["code"]) == (404, "not_found")


async def test_a_method_that_an_address_does_not_know_is_told_which_it_knows(api: Api):
    answer = await api("DELETE", "models")
    assert (answer.status, answer.error["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, OPTIONS"


async def test_the_time_stamp_of_jupyters_front_end_is_no_unknown_argument(api: Api):
    assert (await api("GET", "conversations?limit=5&1795214850123=")).status == 200
    assert (await api("GET", "conversations?limti=5")).status == 422
