"""Older turns are folded into a summary near the model's window; nothing that is stored is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from llmhub.agents.compaction import Compaction
from llmhub.agents.cut import Cut, last_turn, place_to_cut
from llmhub.agents.runs import RunRegistry, RunRequest
from llmhub.agents.transcript import transcript
from llmhub.config.settings import CompactionConfig
from llmhub.conversations.values import RunRecord, Summary
from llmhub.errors import Conflict, ContextTooLong, NotFound, Unavailable
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import Message, Part, TextPart, ToolCallPart, ToolResultPart, Usage, text_of
from llmhub.providers.base import ModelInfo, ModelRequest, Used, no_files
from llmhub.providers.estimate import Estimate

from ..providers.asking import message
from .conftest import Server

WINDOW = 8000
"""Tokens. A quarter of it is kept for the answer, a quarter of the rest for what stays as it is."""


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
def server(start_server: Callable[[], Server], settings: dict[str, Any], tmp_path: Path) -> Server:
    server = start_server()
    known = server.model.info

    async def info(model: str) -> ModelInfo:
        return (await known(model)).model_copy(update={"context_window": WINDOW})

    server.model.info = info  # type: ignore[method-assign]
    server.runs = RunRegistry(
        server.store,
        server.model,
        server.model,
        lambda owner, file: no_files(file),
        server.notices,
        folder=tmp_path / "journal",
        compaction=lambda: CompactionConfig(**settings),
    )
    return server


def compaction(server: Server) -> Compaction:
    return server.runs.compaction


async def turn(server: Server, chat: str, question: str, answer: str, parent: str | None = None) -> RunRecord:
    """A question and its answer, without a summary in between."""
    run = await server.ask(chat, question, parent, request_id=new_id())
    server.model.say(answer)
    server.model.end()
    return await server.ended(run)


async def talk(server: Server, turns: int = 5) -> tuple[str, list[RunRecord]]:
    """A conversation that nearly fills the window: the next question is too much."""
    chat = (await server.store.create(LOCAL.id)).id
    runs: list[RunRecord] = []
    for number in range(turns):
        runs.append(
            await turn(server, chat, f"question {number}", f"answer {number} " + "x" * 4270, runs[-1].message_id if runs else None)
        )
    server.model.requests.clear()
    return chat, runs


async def until(true: Callable[[], bool]) -> None:
    """A condition that comes without an event of its own, within the same loop."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def sent(request: ModelRequest) -> list[str]:
    return [text_of(message) for message in request.messages]


async def statuses(server: Server, run: RunRecord) -> list[str]:
    seen: list[str] = []
    async for frames in server.runs.watch(LOCAL, run.id):
        seen += [event["code"] for event in (orjson.loads(frame.data) for frame in frames) if event["type"] == "status"]
    return seen


async def test_near_the_window_older_turns_are_folded_and_the_rest_stands_as_it_was_said(server: Server) -> None:
    chat, runs = await talk(server)
    before = (await server.store.path(LOCAL.id, chat)).items
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    server.model.say("They counted to four.")
    server.model.end()
    server.model.say("Five.")
    server.model.end()
    assert await statuses(server, run) == ["compacting", "compacted", "connecting"]

    summarised, asked = server.model.requests
    assert "question 0" in sent(summarised)[0]
    assert "answer 3" in sent(summarised)[0]
    summary, *rest = sent(asked)
    assert "They counted to four." in summary
    assert [text.split(" x")[0] for text in rest] == ["question 4", "answer 4", "and now?"]
    assert (await server.store.path(LOCAL.id, chat)).items[:-2] == before
    [stored] = await server.store.summaries(LOCAL.id, chat)
    assert (stored.message_id, stored.messages, stored.automatic, stored.text) == (
        runs[3].message_id,
        8,
        True,
        "They counted to four.",
    )
    assert stored.tokens_after < 10 < stored.tokens_before

    after = await turn(server, chat, "and then?", "Six.", run.message_id)
    assert after.status == "complete"
    assert sent(server.model.requests[-1])[: len(rest) + 1] == sent(asked)  # to the byte what was sent before


async def test_a_summary_belongs_to_its_branch(server: Server) -> None:
    chat, runs = await talk(server)
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    for words in ("The summary.", "Five."):
        server.model.say(words)
        server.model.end()
    await server.ended(run)

    await turn(server, chat, "another question 2", "another answer", runs[1].message_id)
    assert [text.split(" x")[0] for text in sent(server.model.requests[-1])] == [
        "question 0",
        "answer 0",
        "question 1",
        "answer 1",
        "another question 2",
    ]


async def test_what_was_pinned_goes_to_the_model_as_it_is(server: Server) -> None:
    chat, runs = await talk(server)
    pinned = await server.store.mark_message(LOCAL.id, chat, runs[0].message_id, {"pinned": True})
    assert pinned.pinned
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    for words in ("The summary.", "Five."):
        server.model.say(words)
        server.model.end()
    await server.ended(run)
    assert text_of(pinned) in sent(server.model.requests[-1])

    await server.store.mark_message(LOCAL.id, chat, runs[0].message_id, {"pinned": False})
    await turn(server, chat, "and then?", "Six.", run.message_id)
    assert text_of(pinned) not in sent(server.model.requests[-1])


@pytest.mark.parametrize("settings", [{"enabled": False}])
async def test_what_was_pinned_stays_also_where_the_oldest_are_left_out(server: Server) -> None:
    chat, runs = await talk(server, 7)
    await server.store.mark_message(LOCAL.id, chat, str(runs[0].user_message_id), {"pinned": True})
    run = await turn(server, chat, "and now?", "Five.", runs[-1].message_id)
    said = sent(server.model.requests[-1])
    assert said[1] == "question 0"
    assert not any(text.startswith("answer 0") for text in said)
    assert "shortened" in await statuses(server, run)
    answer = await server.store.message(LOCAL.id, run.message_id)
    assert [(each.what, each.why) for each in answer.adapted] == [("messages", "no_room")], "it stands with the answer"


async def test_a_summary_can_be_edited_undone_and_taken_up_again(server: Server) -> None:
    chat, runs = await talk(server)
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    for words in ("The summary.", "Five."):
        server.model.say(words)
        server.model.end()
    await server.ended(run)
    [made] = await server.store.summaries(LOCAL.id, chat)

    edited = await compaction(server).change(LOCAL.id, chat, made.id, text="My own words.")
    assert (edited.text, edited.edited, edited.active) == ("My own words.", True, True)
    next_run = await turn(server, chat, "1", "One.", run.message_id)
    assert "My own words." in sent(server.model.requests[-1])[0]

    await compaction(server).change(LOCAL.id, chat, made.id, active=False)
    server.model.requests.clear()
    again = await server.ask(chat, "y" * 3000, next_run.message_id, request_id=new_id())
    for words in ("Another", "Another summary.", "Two."):  # all of it does not fit any more: folded again, in two pieces
        server.model.say(words)
        server.model.end()
    await server.ended(again)
    assert "My own words." not in sent(server.model.requests[0])[0]
    assert "question 0" in sent(server.model.requests[0])[0]

    with pytest.raises(NotFound):
        await compaction(server).change("somebody else", chat, made.id, active=True)


async def test_who_undid_a_summary_gets_no_other_while_everything_fits(server: Server) -> None:
    chat, runs = await talk(server, 4)
    asking = asyncio.create_task(compaction(server).make(LOCAL.id, chat, "c", model="lab/m"))
    server.model.say("The summary.")
    server.model.end()
    made = await asking
    await compaction(server).change(LOCAL.id, chat, made.id, active=False)
    run = await turn(server, chat, "y" * 4400, "Four.", runs[-1].message_id)  # 90 % of the window
    assert "compacting" not in await statuses(server, run)
    assert len(sent(server.model.requests[-1])) == 9


async def test_when_no_summary_can_be_made_the_oldest_are_left_out_and_it_is_said(server: Server) -> None:
    chat, runs = await talk(server)
    run = await server.ask(chat, "and now? " + "y" * 4000, runs[-1].message_id, request_id=new_id())
    server.model.end(Unavailable("It is down."))
    server.model.say("Five.")
    server.model.end()
    assert await statuses(server, run) == ["compacting", "compaction_failed", "shortened", "connecting"]
    assert (await server.runs.get(LOCAL, run.id)).status == "complete"
    assert await server.store.summaries(LOCAL.id, chat) == []
    assert sent(server.model.requests[-1])[-1].startswith("and now?")


async def test_stopping_while_it_is_summarised_closes_the_stream_and_leaves_nothing(server: Server) -> None:
    chat, runs = await talk(server)
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    await server.said(run, "compacting")
    server.model.say("half a")
    stopped = await server.runs.stop(LOCAL, run.id)
    assert (stopped.status, server.model.open_streams) == ("stopped", 0)
    assert await server.store.summaries(LOCAL.id, chat) == []


async def test_a_history_larger_than_the_window_is_summarised_in_pieces(server: Server) -> None:
    chat = (await server.store.create(LOCAL.id)).id
    last: str | None = None
    for number in range(8):
        question = Message.model_validate({**message("user", f"question {number} " + "y" * 5000).model_dump()})
        last = await said_by_hand(server, chat, last, "user", *question.parts)
        last = await said_by_hand(server, chat, last, "assistant", TextPart(text=f"answer {number} " + "z" * 5000))
    run = await server.ask(chat, "and now?", last)
    for number in range(20):
        server.model.say(f"Summary {number}.")
        server.model.end()
    await server.ended(run)
    pieces, asked = server.model.requests[:-1], server.model.requests[-1]
    assert len(pieces) > 3
    assert all(len(text_of(piece.messages[0]).encode()) < 4 * WINDOW for piece in pieces)
    assert "Summary 0." in sent(pieces[1])[0]
    assert f"Summary {len(pieces) - 1}." in sent(asked)[0]
    together = "".join(map(str, (sent(piece)[0] for piece in pieces)))
    assert all(f"question {number} " in together for number in range(7))


async def said_by_hand(server: Server, chat: str, parent: str | None, role: Any, *parts: Part) -> str:
    from llmhub.conversations.values import NewMessage

    saved = await server.store.add_message(
        LOCAL.id, chat, NewMessage(client_request_id=new_id(), parent_id=parent, role=role, parts=parts)
    )
    return saved.id


async def test_in_a_long_turn_of_tools_no_call_loses_its_result(server: Server) -> None:
    chat = (await server.store.create(LOCAL.id)).id
    question = await said_by_hand(server, chat, None, "user", TextPart(text="Look everywhere."))
    steps: list[Part] = []
    for number in range(20):
        steps.append(ToolCallPart(call_id=f"c{number}", name="look", arguments=f'{{"place": {number}}}'))
        steps.append(ToolResultPart(call_id=f"c{number}", ok=True, parts=(TextPart(text=f"found {number} " + "x" * 1000),)))
    answer = await said_by_hand(server, chat, question, "assistant", *steps, TextPart(text="So far"))
    run = await server.runs.start(LOCAL, chat, RunRequest("go on", continues=answer))
    for words in ("Places 0 to 9 hold nothing.", " nothing."):
        server.model.say(words)
        server.model.end()
    await server.ended(run)

    asked = server.model.requests[-1]
    assert "Places 0 to 9 hold nothing." in sent(asked)[0]
    assert sent(asked)[1] == "Look everywhere."
    parts = asked.messages[2].parts
    calls = [part.call_id for part in parts if isinstance(part, ToolCallPart)]
    assert calls
    assert calls == [part.call_id for part in parts if isinstance(part, ToolResultPart)]
    [summary] = await server.store.summaries(LOCAL.id, chat)
    assert (summary.message_id, summary.parts) == (answer, 40 - 2 * len(calls))
    assert len((await server.store.message(LOCAL.id, answer)).parts) == 42  # nothing stored was touched


async def test_a_provider_that_finds_it_too_long_is_asked_again_with_less(server: Server) -> None:
    chat, runs = await talk(server, 3)
    run = await server.ask(chat, "and now?", runs[-1].message_id)
    server.model.end(ContextTooLong("It is too long."))
    for words in ("The summary.", "Three."):
        server.model.say(words)
        server.model.end()
    assert await statuses(server, run) == ["connecting", "compacting", "compacted", "connecting"]
    assert "The summary." in sent(server.model.requests[-1])[0]
    assert text_of(await server.store.message(LOCAL.id, run.message_id)) == "Three."


async def test_columns_of_a_comparison_share_one_summary(server: Server) -> None:
    chat, runs = await talk(server)
    first = await server.ask(chat, "and now?", runs[-1].message_id)
    await server.said(first, "compacting")
    second = await server.runs.start(LOCAL, chat, RunRequest("2", parent_id=first.user_message_id, moves_head=False))
    await server.said(second, "compacting")
    for words in ("The summary.", "One.", "Two."):
        server.model.say(words)
        server.model.end()
    await server.ended(first)
    await server.ended(second)
    assert len(await server.store.summaries(LOCAL.id, chat)) == 1
    assert all("The summary." in sent(request)[0] for request in server.model.requests[1:])


# ---- by hand


async def make(server: Server, chat: str, words: str, **more: Any) -> Summary:
    asking = asyncio.create_task(compaction(server).make(LOCAL.id, chat, more.pop("request", new_id()), model="lab/m", **more))
    server.model.say(words)
    server.model.end()
    return await asking


async def test_by_hand_all_but_the_last_turn_is_folded_with_ones_own_wishes(server: Server) -> None:
    chat, runs = await talk(server, 3)
    made = await make(server, chat, "Short.", instructions="Only the numbers.")
    assert (made.message_id, made.messages, made.automatic, made.instructions) == (
        runs[1].message_id,
        4,
        False,
        "Only the numbers.",
    )
    assert "Only the numbers." in sent(server.model.requests[0])[0]

    further = await turn(server, chat, "question 3", "answer 3", runs[-1].message_id)
    assert [text.split(" x")[0] for text in sent(server.model.requests[-1])[1:]] == ["question 2", "answer 2", "question 3"]
    again = await make(server, chat, "Shorter.")
    assert "Short." in sent(server.model.requests[-1])[0]
    assert (again.messages, again.message_id) == (6, runs[2].message_id)
    await compaction(server).change(LOCAL.id, chat, again.id, active=False)
    await turn(server, chat, "question 4", "answer 4", further.message_id)
    assert "Short." in sent(server.model.requests[-1])[0]  # the one before it stands again


async def test_the_same_request_makes_one_summary(server: Server) -> None:
    chat, _ = await talk(server, 3)
    made = await make(server, chat, "Short.", request="once")
    assert (await compaction(server).make(LOCAL.id, chat, "once", model="lab/m")).id == made.id


async def test_where_there_is_nothing_to_fold_it_is_said(server: Server) -> None:
    empty = await server.store.create(LOCAL.id)
    with pytest.raises(Conflict, match="nothing to summarise"):
        await compaction(server).make(LOCAL.id, empty.id, "1", model="lab/m")
    chat, _ = await talk(server, 3)
    await make(server, chat, "Short.")
    with pytest.raises(Conflict, match="nothing to summarise"):
        await compaction(server).make(LOCAL.id, chat, "2", model="lab/m")


async def test_making_one_can_be_stopped(server: Server) -> None:
    chat, _ = await talk(server, 3)
    asking = asyncio.create_task(compaction(server).make(LOCAL.id, chat, "1", model="lab/m"))
    server.model.say("half")
    await until(lambda: server.model.open_streams == 1)
    assert compaction(server).is_making(LOCAL.id, chat)
    assert not await compaction(server).stop("somebody else", chat)
    assert await compaction(server).stop(LOCAL.id, chat)
    with pytest.raises(Conflict, match="stopped"):
        await asking
    assert server.model.open_streams == 0
    assert await server.store.summaries(LOCAL.id, chat) == []


# ---- where to cut, and what is read


def test_a_cut_is_before_a_question_and_keeps_what_may_stay() -> None:
    path = [message(role, "x" * 380) for role in ("user", "assistant") * 4]  # type: ignore[arg-type]
    assert place_to_cut(path, 0, Estimate()) == Cut(6)
    assert place_to_cut(path, 250, Estimate()) == Cut(6)
    assert place_to_cut(path, 400, Estimate()) == Cut(4)
    assert place_to_cut(path[:1], 0, Estimate()) is None
    assert place_to_cut(path[:2], 0, Estimate()) is None
    assert last_turn(path, 1000, Estimate()) == Cut(6)
    assert last_turn(path, 100, Estimate()) == Cut(8)
    assert last_turn(path[:2], 100, Estimate()) == Cut(2)
    assert last_turn(path[:7], 10, Estimate()) == Cut(6)  # a question that waits is never folded, however long it is
    assert last_turn(path[:1], 100, Estimate()) is None


async def test_a_transcript_has_tools_as_words_and_shortens_what_they_gave_back() -> None:
    call = ToolCallPart(call_id="c", name="look", arguments='{"a": 1}')
    result = ToolResultPart(call_id="c", ok=True, parts=(TextPart(text="y" * 50_000),))
    text = await transcript([message("user", "Look."), message("assistant", "I will.", call, result, "Done.")], no_files)
    assert "### User\nLook." in text
    assert '[Tool call look({"a": 1})]' in text
    assert "characters left out" in text
    assert text.endswith("### Assistant\nDone.")
    assert len(text) < 7_000


async def test_what_the_provider_counted_is_what_decides(server: Server) -> None:
    """By its bytes the path is short; its tokeniser makes much more of it."""
    chat = (await server.store.create(LOCAL.id)).id
    first = await turn(server, chat, "question 0", "answer 0")
    run = await server.ask(chat, "question 1", first.message_id, request_id=new_id())
    server.model.say("answer 1")
    server.model.lines.put_nowait(Used(Usage(input_tokens=WINDOW, output_tokens=10)))
    server.model.end()
    before = await server.ended(run)
    run = await server.ask(chat, "and now?", before.message_id)
    server.model.say("They counted.")
    server.model.end()
    server.model.say("Two.")
    server.model.end()
    assert (await statuses(server, run))[:2] == ["compacting", "compacted"]
