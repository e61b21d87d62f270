"""Folders, tags and many conversations at once, over a real server."""

from __future__ import annotations

from typing import Any

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Api, Stream


async def folder(api: Api, name: str, **more: Any) -> str:
    return (await api.ok("POST", "folders", {"name": name, **more}))["id"]


async def listening(api: Api) -> Stream:
    """A page that hears of what changes from now on."""
    stream = await api.stream()
    await stream.say({"ping": 1})
    await stream.until(pong=1)
    return stream


async def test_a_folder_is_made_filled_moved_and_deleted(api: Api):
    stream = await listening(api)
    made = await api("POST", "folders", {"name": "  Physics ", "instructions": "Use SI units.", "model": "lab/slow"})
    assert made.status == 201
    await stream.until(changed={"what": "folders.changed"})
    physics = made.json
    assert (physics["name"], physics["parent_id"], physics["position"]) == ("Physics", None, 0)
    tides = await folder(api, "Tides", parent_id=physics["id"])
    conversation = await api.ok("POST", "conversations", {"folder_id": tides})
    assert (conversation["folder_id"], conversation["model"]) == (tides, "lab/slow")
    assert [item["id"] for item in (await api.ok("GET", f"conversations?folder_id={physics['id']}&subfolders=true"))["items"]] == [
        conversation["id"]
    ]
    listed = (await api.ok("GET", "folders"))["items"]
    assert {item["name"]: item["conversations"] for item in listed} == {"Physics": 0, "Tides": 1}

    refused = await api("PATCH", f"folders/{physics['id']}", {"parent_id": tides})
    assert refused.status == 409 and "cannot be put into itself" in refused.error["message"]
    twin = await api("POST", "folders", {"name": "PHYSICS"})
    assert (twin.status, twin.error["details"]["reason"]) == (409, "name_taken")
    changed = await api.ok("PATCH", f"folders/{tides}", {"parent_id": None, "position": 0, "instructions": " "})
    assert (changed["parent_id"], changed["position"], changed["instructions"]) == (None, 0, None)

    assert (await api("DELETE", f"folders/{tides}")).status == 204
    assert (await api.ok("GET", f"conversations/{conversation['id']}"))["folder_id"] is None
    await api.ok("PATCH", f"conversations/{conversation['id']}", {"folder_id": physics["id"]})
    assert (await api("DELETE", f"folders/{physics['id']}?contents=delete")).status == 204
    assert (await api("GET", f"conversations/{conversation['id']}")).status == 404
    assert (await api.ok("GET", "folders"))["items"] == []


async def test_what_folders_say_stands_before_the_conversations_own_instructions(api: Api, wire: WireServer):
    outer = await folder(api, "Outer", instructions="Use SI units.")
    inner = await folder(api, "Inner", parent_id=outer, instructions="Be brief.")
    conversation = await api.conversation(folder_id=inner, params={"system": "Answer in Latin."})
    empty = await api.ok("GET", f"conversations/{conversation}/context?model=lab/echo")
    await api.events((await api.ask(conversation, "one", model="lab/echo"))["run_id"])
    assert wire.requests[-1].body["messages"][0] == {"role": "system", "content": "Use SI units.\n\nBe brief.\n\nAnswer in Latin."}
    assert empty["instructions"] == round(len("Use SI units.\n\nBe brief.\n\nAnswer in Latin.") / empty["bytes_per_token"])
    await api.ok("PATCH", f"conversations/{conversation}", {"folder_id": None})
    await api.events((await api.ask(conversation, "two", model="lab/echo"))["run_id"])
    assert wire.requests[-1].body["messages"][0] == {"role": "system", "content": "Answer in Latin."}


async def test_many_are_changed_undone_and_deleted_and_what_answers_is_stopped(api: Api, wire: WireServer):
    ids = [await api.conversation(title=str(number)) for number in range(3)]
    missing = new_id()
    done = await api.ok("POST", "conversations/bulk", {"ids": [*ids, missing], "changes": {"archived": True, "add_tags": ["old"]}})
    assert done["failed"] == 1 and done["items"][-1]["error"]["code"] == "not_found"
    assert [item["before"]["archived"] for item in done["items"][:-1]] == [False] * 3
    assert (await api.ok("GET", "tags"))["items"] == [{"tag": "old", "conversations": 3}]
    undo = [{"id": item["id"], "changes": item["before"]} for item in done["items"] if item["before"]]
    assert (await api.ok("POST", "conversations/bulk", {"each": undo}))["failed"] == 0
    assert (await api.ok("GET", "conversations?archived=true"))["items"] == (await api.ok("GET", "tags"))["items"] == []

    run = await api.ask(ids[0], model="lab/gated")
    stream = await listening(api)
    deleted = await api.ok("POST", "conversations/bulk", {"filter": {"archived": False, "query": "0"}, "delete": True})
    assert [item["id"] for item in deleted["items"]] == ids[:1]
    await stream.until(changed={"what": "conversation.deleted", "conversation_id": ids[0]})
    assert (await api("GET", f"runs/{run['run_id']}")).status == 404
    assert api.workspace.runs.active_count == 0
    assert len((await api.ok("GET", "conversations"))["items"]) == 2


async def test_what_many_cannot_be_asked_is_said(api: Api):
    one = await api.conversation()
    for body, word in (
        ({"ids": [one]}, "either changes or delete"),
        ({"ids": [one], "filter": {"archived": True}, "delete": True}, "one of ids, filter and each"),
        ({"filter": {}, "delete": True}, "names no condition"),
        ({"filter": {"subfolders": True}, "delete": True}, "names no condition"),
        ({"each": [{"id": one, "changes": {}}], "delete": True}, "changes of its own"),
        ({"ids": [one], "changes": {"titel": "x"}}, "titel"),
        ({"ids": [one], "changes": {"tags": ["nul\0"]}}, "changes.tags"),
    ):
        refused = await api("POST", "conversations/bulk", body)
        assert refused.status == 422 and word in str(refused.error), body
    gone = await api("POST", "conversations/bulk", {"ids": [one], "changes": {"folder_id": new_id()}})
    assert gone.status == 404 and "folder" in gone.error["message"]


async def test_a_tag_is_renamed_and_taken_away_everywhere(api: Api):
    one = await api.conversation()
    await api.ok("PATCH", f"conversations/{one}", {"tags": ["a/b", "c"]})
    renamed = await api.ok("PATCH", "tags", {"tag": "a/b", "name": "c"})
    assert renamed["items"] == [{"tag": "c", "conversations": 1}]
    assert (await api("PATCH", "tags", {"tag": "a/b", "name": "c"})).status == 404
    assert (await api.ok("DELETE", "tags?tag=c"))["items"] == []
    assert (await api.ok("GET", f"conversations/{one}"))["tags"] == []
