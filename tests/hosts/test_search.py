"""Search over HTTP."""

from __future__ import annotations

import pytest

from .api import Api
from .test_messages import field_in


async def test_hits_say_where_they_are_and_who_said_it(api: Api):
    conversation = await api.conversation(title="Tides")
    run = await api.ask(conversation, model="lab/echo", text="Where is pd.read_csv?")
    await api.events(run["run_id"])
    found = await api.ok("GET", "search?q=role:user read_c")
    [hit] = found["items"]
    assert hit | {"score": 1} == {
        "conversation_id": conversation,
        "message_id": run["user_message_id"],
        "title": "Tides",
        "snippet": "Where is pd.<mark>read_csv</mark>?",
        "score": 1,
        "role": "user",
        "model": None,
        "created_at": hit["created_at"],
        "folder_id": None,
        "archived": False,
    }
    assert (found["next"], found["notes"], found["unindexed"]) == (None, [], 0)
    [title] = (await api.ok("GET", "search?q=tid"))["items"]
    assert (title["message_id"], title["snippet"]) == (None, "<mark>Tides</mark>")
    assert (await api.ok("GET", "search?q=read_csv&role=assistant&model=lab/echo&after=today"))["items"][0]["role"] == "assistant"
    assert not (await api.ok("GET", "search?q=read_csv&before=yesterday&zone=Asia/Tokyo"))["items"]
    [here] = (await api.ok("GET", f"search?q=tid OR read_csv&role=user&conversation_id={conversation}"))["items"]
    assert here["message_id"] == run["user_message_id"]


async def test_what_is_typed_is_noted_and_what_a_program_sends_is_refused(api: Api):
    found = await api.ok("GET", "search?q=has:music")
    assert [(note["code"], note["operator"], note["value"]) for note in found["notes"]] == [("bad_value", "has", "music")]
    for name, value in (
        ("role", "boss"),
        ("after", "noon"),
        ("limit", "0"),
        ("folder_id", "x"),
        ("conversation_id", "x"),
        ("zone", "Mars"),
    ):
        answer = await api("GET", f"search?q=tide&{name}={value}")
        assert answer.status == 422 and name in field_in(answer), name


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=tide"])
async def test_a_search_that_finds_nothing_is_an_empty_list(api: Api, query: str):
    assert (await api.ok("GET", f"search?{query}"))["items"] == []
