"""Forks, copies, stars and ratings by the API."""

from __future__ import annotations

import csv
import io
from typing import Any

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer

from .api import Api


async def asked(api: Api, conversation: str, text: str, **more: Any) -> str:
    run = await api.ask(conversation, text, **more)
    await api.events(run["run_id"])
    return run["message_id"]


async def test_a_fork_is_a_conversation_that_goes_on_by_itself(api: Api):
    conversation = await api.conversation()
    await api.ok("PATCH", f"conversations/{conversation}", {"title": "Bees"})
    first = await asked(api, conversation, "one")
    await asked(api, conversation, "two", parent_id=first)
    body = {"client_request_id": new_id(), "message_id": first, "mode": "path"}
    stream = await api.stream()
    made = await api.ok("POST", f"conversations/{conversation}/fork", body)
    await stream.until(changed={"what": "conversation.changed", "conversation_id": made["id"]})
    assert made == await api.ok("POST", f"conversations/{conversation}/fork", body)
    assert made["title"] == "Bees (fork)"
    messages = (await api.ok("GET", f"conversations/{made['id']}/messages"))["items"]
    assert [message["parts"][0]["text"] for message in messages] == ["one", "one"]
    await asked(api, made["id"], "three", parent_id=messages[-1]["id"])
    assert len((await api.ok("GET", f"conversations/{conversation}/tree"))["items"]) == 4
    copy = await api.ok("POST", f"conversations/{conversation}/duplicate", {"client_request_id": new_id(), "title": "Mine"})
    assert copy["title"] == "Mine" and len((await api.ok("GET", f"conversations/{copy['id']}/tree"))["items"]) == 4


async def test_a_fork_of_an_answer_that_is_being_written_has_what_was_said_so_far(api: Api, wire: WireServer):
    conversation = await api.conversation()
    run = await api.ask(conversation, model="lab/gated")
    wire.gate().release(2)
    stream = await api.stream()
    await stream.say({"watch": run["run_id"]})
    await stream.until(type="text.delta")
    body = {"client_request_id": new_id(), "message_id": run["message_id"], "mode": "from_here"}
    made = await api.ok("POST", f"conversations/{conversation}/fork", body)
    answer = (await api.ok("GET", f"conversations/{made['id']}/messages"))["items"][-1]
    assert answer["status"] == "interrupted" and answer["parts"][0]["text"].startswith("t0 ")
    wire.gate().release(0, finish=True)
    assert (await api.events(run["run_id"]))[-1]["status"] == "complete"


async def test_what_the_contract_names_is_enough_to_fork_and_to_duplicate(api: Api):
    conversation = await api.conversation()
    answer = await asked(api, conversation, "one")
    fork = await api.ok("POST", f"conversations/{conversation}/fork", {"message_id": answer, "mode": "path"})
    another = await api.ok("POST", f"conversations/{conversation}/fork", {"message_id": answer, "mode": "path"})
    copy = await api.ok("POST", f"conversations/{conversation}/duplicate")
    assert len({conversation, fork["id"], another["id"], copy["id"]}) == 4
    for made in (fork, another, copy):
        assert len((await api.ok("GET", f"conversations/{made['id']}/messages"))["items"]) == 2


async def test_what_cannot_be_forked_or_rated_is_refused_with_its_field(api: Api):
    conversation = await api.conversation()
    answer = await asked(api, conversation, "one")
    path = f"conversations/{conversation}/fork"
    refused = await api("POST", path, {"client_request_id": "1", "message_id": answer, "mode": "sideways"})
    assert (refused.status, refused.error["details"]["errors"][0]["field"]) == (422, "mode")
    assert (await api("POST", path, {"client_request_id": "1", "message_id": new_id()})).status == 404
    messages = (await api.ok("GET", f"conversations/{conversation}/messages"))["items"]
    for id, rating in ((answer, {"value": 2}), (answer, {"value": 1, "reason": "nice"}), (messages[0]["id"], {"value": 1})):
        refused = await api("PATCH", f"conversations/{conversation}/messages/{id}", {"rating": rating})
        assert refused.status == 422


async def test_starred_messages_are_listed_and_ratings_are_taken_out_as_json_and_csv(api: Api):
    conversation = await api.conversation()
    answer = await asked(api, conversation, "=SUM(A1)")
    path = f"conversations/{conversation}/messages/{answer}"
    await api.ok("PATCH", path, {"starred": True})
    marked = await api.ok("PATCH", path, {"rating": {"value": 1, "reason": "clear", "text": " Good. "}})
    assert marked["starred"] and marked["rating"]["text"] == "Good." and not marked["pinned"]
    assert [star["message_id"] for star in (await api.ok("GET", "stars"))["items"]] == [answer]
    rated = (await api.ok("GET", "ratings"))["items"]
    (only,) = rated
    assert (only["value"], only["reason"], only["model"], only["question"]) == (1, "clear", "lab/echo", "=SUM(A1)")
    table = await api("GET", "ratings?format=csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(table.data.decode()))
    assert (row["value"], row["question"], row["message_id"]) == ("1", "'=SUM(A1)", answer), "no formula"
    await api.ok("PATCH", path, {"rating": None, "starred": False})
    assert (await api.ok("GET", "stars"))["items"] == (await api.ok("GET", "ratings"))["items"] == []
