"""A run answers one turn, whatever happens to whoever watches it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import orjson
import pytest

from llmhub.agents.answering import title_of
from llmhub.agents.log import Frame
from llmhub.agents.runs import RunRequest
from llmhub.conversations.values import RunOutcome
from llmhub.errors import Conflict, ExchangeGone, Full, Interrupted, Invalid, NotFound
from llmhub.identity import LOCAL, Principal
from llmhub.messages import ReasoningPart, TextPart, Usage, text_of
from llmhub.providers.base import Finished, Reasoning, Used

from .conftest import Server, StartServer


async def watched(server: Server, run_id: str, after: int = 0) -> list[Frame]:
    return [frame async for frames in server.runs.watch(LOCAL, run_id, after) for frame in frames]


def text(frames: list[Frame]) -> str:
    return "".join(body["text"] for frame in frames if (body := orjson.loads(frame.data))["type"] == "text.delta")


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("## Why does **`fit`** fail?\nIt says so.", "Why does fit fail? It says so."),
        ("#include <x> and __init__ and *args stay", "#include <x> and __init__ and *args stay"),
        ("word " * 20, "word word word word word word word word word word word…"),
    ],
)
def test_a_title_is_the_beginning_of_the_question_without_the_marks_of_markdown(question: str, title: str) -> None:
    assert title_of([TextPart(text=question)]) == title


async def test_a_question_gets_its_answer_its_title_and_a_place_in_the_tree(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "What is\n a monad?")
    server.model.say("A ", "burrito.")
    server.model.end()
    assert (await server.ended(run)).status == "complete"

    path = (await server.store.path(LOCAL.id, chat.id)).items
    assert [(m.role, m.status, text_of(m)) for m in path] == [
        ("user", "complete", "What is\n a monad?"),
        ("assistant", "complete", "A burrito."),
    ]
    chat = await server.store.get(LOCAL.id, chat.id)
    assert (chat.title, chat.head_id) == ("What is a monad?", run.message_id)
    assert server.runs.active_count == 0 and server.model.open_streams == 0


async def test_a_finished_run_replays_exactly_what_was_seen_live(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    live = asyncio.create_task(watched(server, run.id))
    for n in range(40):
        server.model.say(f"{n} ")
        await asyncio.sleep(0)
    server.model.end()
    frames = await live

    assert await watched(server, run.id) == frames
    assert await watched(server, run.id, after=5) == frames[5:]
    assert await watched(server, run.id, after=len(frames)) == []
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    assert (frames[0].type, frames[-1].type) == ("run.started", "run.finished")
    assert text(frames) == "".join(f"{n} " for n in range(40))


async def test_who_has_seen_more_than_is_left_gets_the_end_again(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("x")
    server.model.end()
    last = (await watched(server, run.id))[-1]

    assert await watched(server, run.id, after=last.seq + 7) == [last]


async def test_the_same_request_twice_starts_once(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first, second = await asyncio.gather(*(server.ask(chat.id, "Hi", request_id="one") for _ in range(2)))
    assert first == second
    server.model.say("Hello")
    server.model.end()
    await server.ended(first)
    third = await server.ask(chat.id, "Hi", request_id="one")

    assert third.id == first.id and len(server.model.requests) == 1


async def test_stopping_closes_the_stream_at_once_and_keeps_what_was_said(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("Half an ans")
    await server.said(run, "Half")
    stopped = await server.runs.stop(LOCAL, run.id)

    assert stopped.status == "stopped" and server.model.open_streams == 0
    message = await server.store.message(LOCAL.id, run.message_id)
    assert (message.status, message.finish_reason, text_of(message)) == ("stopped", "stopped", "Half an ans")
    assert (await server.runs.stop(LOCAL, run.id)).status == "stopped"


async def test_an_answer_can_be_continued_and_its_two_runs_each_replay(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first = await server.ask(chat.id, "Count")
    server.model.say("one two th")
    server.model.end(Used(Usage(input_tokens=5, output_tokens=3)))
    server.model.end(Interrupted("cut"))
    assert (await server.ended(first)).status == "interrupted"

    again = await server.runs.start(LOCAL, chat.id, RunRequest("go on", continues=first.message_id))
    assert again.message_id == first.message_id
    server.model.say("ree four")
    server.model.end(Used(Usage(input_tokens=9, output_tokens=2)))
    server.model.end()
    await server.ended(again)

    message = await server.store.message(LOCAL.id, first.message_id)
    assert (message.status, text_of(message)) == ("complete", "one two three four")
    assert message.usage and (message.usage.input_tokens, message.usage.output_tokens) == (14, 5)
    assert message.error is None
    assert text(await watched(server, first.id)) == "one two th"
    assert text(await watched(server, again.id)) == "ree four"
    asked = server.model.requests[-1].messages
    assert [m.role for m in asked] == ["user", "assistant", "user"]
    assert text_of(asked[1]) == "one two th"


async def test_a_failure_without_a_word_is_simply_asked_again_by_continuing(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first = await server.ask(chat.id, "Hi")
    server.model.end(Interrupted("refused"))
    assert (await server.ended(first)).status == "failed"
    await server.runs.start(LOCAL, chat.id, RunRequest("again", continues=first.message_id))
    server.model.say("Hello")
    server.model.end()
    await server.said(first, "run.finished")

    assert [m.role for m in server.model.requests[-1].messages] == ["user"]


async def test_only_one_run_at_a_time_writes_to_a_message(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    with pytest.raises(Conflict):
        await server.runs.start(LOCAL, chat.id, RunRequest("x", continues=run.message_id))


async def test_an_answer_again_is_a_sibling_and_both_can_run_at_once(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first = await server.ask(chat.id, "Hi")
    second = await server.runs.start(LOCAL, chat.id, RunRequest("again", parent_id=first.user_message_id, model="lab/other"))
    message = await server.store.message(LOCAL.id, second.message_id)

    assert message.sibling_ids == (first.message_id, second.message_id)
    assert server.runs.active_count == 2
    assert (await server.runs.list(LOCAL, active=True)).items[0].model == "lab/other"


async def test_what_is_said_so_far_can_be_read_at_any_moment(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("So far")
    await server.said(run, "So far")
    path = await server.runs.overlay((await server.store.path(LOCAL.id, chat.id)).items)

    assert text_of(path[-1]) == "So far" and path[-1].status == "running"


async def test_nobody_else_sees_watches_or_stops_a_run(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    stranger = Principal("mallory")

    with pytest.raises(NotFound):
        await server.runs.get(stranger, run.id)
    with pytest.raises(NotFound):
        await anext(aiter(server.runs.watch(stranger, run.id)))
    with pytest.raises(NotFound):
        await server.runs.stop(stranger, run.id)
    assert (await server.runs.list(stranger)).items == []


async def test_an_unknown_model_fails_in_the_conversation_where_it_can_be_tried_again(server: Server) -> None:
    chat = await server.store.create(LOCAL.id, model="lab/unknown")
    run = await server.ask(chat.id, "Hi")
    await server.ended(run)
    message = await server.store.message(LOCAL.id, run.message_id)

    assert message.status == "failed" and message.error and message.error.code == "model_not_found"


async def test_deleting_a_conversation_ends_what_is_said_in_it(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("Never mi")
    await server.said(run, "Never")
    await server.runs.stop_all(LOCAL, chat.id)
    await server.store.delete(LOCAL.id, chat.id)

    assert server.model.open_streams == 0 and server.runs.active_count == 0


async def test_only_as_much_history_is_sent_as_the_window_holds(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    parent = None
    for n in range(8):
        run = await server.ask(chat.id, f"question {n}", parent)
        server.model.say(f"answer {n} " * 100)
        server.model.end()
        await server.ended(run)
        parent = run.message_id
    sent = server.model.requests[-1].messages

    assert sent[0].role == "user" and text_of(sent[-1]) == "question 7"
    assert 2 < len(sent) < 10
    frames = await watched(server, run.id)
    assert any(re.search(rb"oldest messages do not fit", frame.data) for frame in frames)


async def test_closing_the_server_interrupts_its_runs_and_stores_what_was_said(start_server: StartServer) -> None:
    server = start_server()
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("Going d")
    await server.said(run, "Going")
    await server.runs.aclose()
    message = await server.store.message(LOCAL.id, run.message_id)
    await server.store.aclose()

    assert (message.status, text_of(message)) == ("interrupted", "Going d")
    assert message.error and "shut down" in message.error.message


async def test_pages_of_the_same_person_hear_of_runs(server: Server) -> None:
    notices = server.notices.subscribe(LOCAL.id)
    first = asyncio.ensure_future(anext(notices))
    await asyncio.sleep(0)
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("x")
    server.model.end(Finished("stop"))
    await server.ended(run)

    assert await first == {"what": "run.started", "conversation_id": chat.id, "run_id": run.id}
    assert (await anext(notices))["what"] == "run.finished"
    await notices.aclose()  # type: ignore[attr-defined]


async def test_parts_of_the_question_may_be_more_than_text(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    request = RunRequest("x", parts=(TextPart(text="  "),))
    run = await server.runs.start(LOCAL, chat.id, request)
    assert (await server.store.get(LOCAL.id, chat.id)).title is None
    await server.runs.stop(LOCAL, run.id)


async def test_an_answer_waits_for_a_full_disk_and_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmhub.agents.answering.STORE_AGAIN", 0.0)
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    finish_run, refusals = server.store.finish_run, [Full("The disk is full.", hint="Make room."), None]

    async def refuse_once(run_id: str, outcome: RunOutcome) -> bool:
        if error := refusals.pop(0):
            raise error
        return await finish_run(run_id, outcome)

    monkeypatch.setattr(server.store, "finish_run", refuse_once)
    server.model.say("Precious")
    server.model.end()
    frames = await watched(server, run.id)

    assert b"not stored yet: The disk is full. Make room." in frames[-2].data and frames[-1].type == "run.finished"
    assert text_of(await server.store.message(LOCAL.id, run.message_id)) == "Precious"
    assert await watched(server, run.id) == frames


async def test_a_temporary_conversation_reaches_no_disk(server: Server, tmp_path: Path) -> None:
    chat = await server.store.create(LOCAL.id, temporary=True)
    run = await server.ask(chat.id, "Psst: xyzzy")
    server.model.say("plugh")
    await server.said(run, "plugh")
    await server.runs._journal.flush()
    server.model.end()
    await server.ended(run)

    assert text_of(await server.store.message(LOCAL.id, run.message_id)) == "plugh"
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"xyzzy" not in written and b"plugh" not in written


# ---- instructions


async def test_an_instruction_is_said_after_the_question_of_its_own_answer_only(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first = await server.ask(chat.id, "Why?")
    server.model.say("Because of this and that.")
    server.model.end()
    await server.ended(first)

    request = RunRequest("shorter", parent_id=first.user_message_id, instruction="Answer in one sentence.")
    shorter = await server.runs.start(LOCAL, chat.id, request)
    server.model.say("Because.")
    server.model.end()
    await server.ended(shorter)
    asked = [text_of(message) for message in server.model.requests[1].messages]
    assert asked == ["Why?\n\nAnswer in one sentence."]
    answer = await server.store.message(LOCAL.id, shorter.message_id)
    assert answer.instruction == "Answer in one sentence."
    assert text_of(await server.store.message(LOCAL.id, str(first.user_message_id))) == "Why?"
    assert (await server.store.message(LOCAL.id, first.message_id)).instruction is None

    after = await server.ask(chat.id, "And?", shorter.message_id)
    server.model.end()
    await server.ended(after)
    said = ["Why?\n\nAnswer in one sentence.", "Because.", "And?"]  # as it was said before, so that a cache knows it again
    assert [text_of(message) for message in server.model.requests[2].messages] == said

    beside = await server.ask(chat.id, "Why so?", first.message_id)
    server.model.end()
    await server.ended(beside)
    assert [text_of(message) for message in server.model.requests[3].messages] == ["Why?", "Because of this and that.", "Why so?"]


async def test_a_continued_answer_keeps_its_instruction(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    request = RunRequest("first", parts=(TextPart(text="Count"),), instruction="In French.")
    first = await server.runs.start(LOCAL, chat.id, request)
    server.model.say("un de")
    server.model.end(Interrupted("cut"))
    await server.ended(first)

    with pytest.raises(Invalid):
        await server.runs.start(LOCAL, chat.id, RunRequest("other", continues=first.message_id, instruction="In German."))
    again = await server.runs.start(LOCAL, chat.id, RunRequest("go on", continues=first.message_id))
    server.model.say("ux")
    server.model.end()
    await server.ended(again)
    question, cut, _ = server.model.requests[1].messages
    assert (text_of(question), text_of(cut)) == ("Count\n\nIn French.", "un de")
    assert (await server.store.message(LOCAL.id, first.message_id)).instruction == "In French."


# ---- thinking


async def test_how_long_it_thought_is_kept_and_the_same_for_every_watcher(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.end(Reasoning("Hm."))
    server.model.say("Yes")
    await server.said(run, "Yes")
    [live] = await server.runs.overlay([await server.store.message(LOCAL.id, run.message_id)])
    server.model.end()
    events = [orjson.loads(frame.data) for frame in await watched(server, run.id)]

    [ended] = [event for event in events if event["type"] == "part.ended"]
    stored = (await server.store.message(LOCAL.id, run.message_id)).parts[0]
    assert stored == live.parts[0] == ReasoningPart(text="Hm.", duration_ms=ended["duration_ms"])
    assert ended["part"] == 0 and ended["duration_ms"] >= 0


async def test_a_thought_that_was_stopped_keeps_how_long_it_took_until_then(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.end(Reasoning("Hm, "))
    await server.said(run, "Hm, ")
    await server.runs.stop(LOCAL, run.id)

    [thought] = (await server.store.message(LOCAL.id, run.message_id)).parts
    assert isinstance(thought, ReasoningPart) and thought.duration_ms is not None


# ---- branches


async def test_deleting_a_message_stops_what_is_answered_beneath_it(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    first = await server.ask(chat.id, "1")
    server.model.say("one")
    server.model.end()
    await server.ended(first)
    inside = await server.ask(chat.id, "2", first.message_id)
    server.model.say("half")
    await server.said(inside, "half")

    assert await server.runs.delete_message(LOCAL, chat.id, first.message_id) == first.user_message_id
    assert server.model.open_streams == 0 and server.runs.active_count == 0
    assert (await server.runs.get(LOCAL, inside.id)).status == "stopped"
    assert (await watched(server, inside.id))[-1].type == "run.finished"
    await server.store.restore_message(LOCAL.id, chat.id, first.message_id)
    assert text_of(await server.store.message(LOCAL.id, inside.message_id)) == "half"


# ---- what went over the wire


async def test_what_went_over_the_wire_is_kept_for_its_owner_and_the_last_runs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmhub.agents.exchanges.KEPT", 2)
    chat = await server.store.create(LOCAL.id)
    runs = []
    for text in ("1", "2", "3"):
        run = await server.ask(chat.id, text)
        recorder = server.runs._exchanges._recorders[run.id]
        recorder.begin("lab", "POST", "http://lab", {}, {"text": text}, None, ()).took(b"so it is")
        server.model.say("Yes")
        server.model.end()
        await server.ended(run)
        runs.append(run)
    [item], note = await server.runs.exchange(LOCAL, runs[2].id)
    assert (item.request_body, item.response_body, note) == ({"text": "3"}, "so it is", None)
    assert server.model.requests[2].recorder is server.runs._exchanges._recorders[runs[2].id]
    for principal, run_id in ((LOCAL, runs[0].id), (Principal("bob", "Bob"), runs[2].id), (LOCAL, "7")):
        with pytest.raises(ExchangeGone) as caught:
            await server.runs.exchange(principal, run_id)
        assert "until the server restarts" in caught.value.hint


async def test_a_run_that_asked_nobody_says_why_there_is_nothing_to_see(server: Server) -> None:
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.end()
    await server.ended(run)
    items, note = await server.runs.exchange(LOCAL, run.id)
    assert items == [] and note and "Nothing went over the wire" in note
