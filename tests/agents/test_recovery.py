"""Two servers on one data directory: a run belongs to its living owner, and a dead one's words are not lost."""

from __future__ import annotations

import asyncio

import pytest

from llmhub.agents.log import Frame
from llmhub.agents.runs import RunRequest
from llmhub.errors import Conflict
from llmhub.identity import LOCAL
from llmhub.messages import ReasoningPart, text_of
from llmhub.providers.base import Reasoning

from .conftest import Server, StartServer
from .test_runs import text, watched


async def half_an_answer(server: Server):
    chat = await server.store.create(LOCAL.id)
    run = await server.ask(chat.id, "Hi")
    server.model.say("Half ", "an ans")
    await server.said(run, "Half")
    await server.said(run, "an ans")
    return chat, run


async def test_a_run_of_a_dead_server_is_interrupted_with_everything_that_was_shown(start_server: StartServer) -> None:
    dead, other = start_server(), start_server()
    chat, run = await half_an_answer(dead)
    seen = dead.runs._runs[run.id].log.after(0)
    await dead.die()

    [message] = await other.runs.overlay((await other.store.path(LOCAL.id, chat.id)).items[-1:])
    assert (message.status, text_of(message)) == ("interrupted", "Half an ans")
    assert message.error and "went away" in message.error.message
    replayed = await watched(other, run.id)
    assert replayed[: len(seen)] == seen and replayed[-1].type == "run.finished"
    assert (await other.runs.list(LOCAL, active=True)).items == []

    again = await other.runs.start(LOCAL, chat.id, RunRequest("go on", continues=run.message_id))
    other.model.say("wer")
    other.model.end()
    await other.ended(again)
    assert text_of(await other.store.message(LOCAL.id, run.message_id)) == "Half an answer"


async def test_a_run_of_a_living_server_is_left_alone_and_can_be_watched_from_the_other(start_server: StartServer) -> None:
    owner, other = start_server(), start_server()
    chat, run = await half_an_answer(owner)

    assert (await other.runs.get(LOCAL, run.id)).status == "running"
    [message] = await other.runs.overlay((await other.store.path(LOCAL.id, chat.id)).items[-1:])
    await owner.runs._journal.flush()
    [message] = await other.runs.overlay((await other.store.path(LOCAL.id, chat.id)).items[-1:])
    assert (message.status, text_of(message)) == ("running", "Half an ans")
    with pytest.raises(Conflict):
        await other.runs.stop(LOCAL, run.id)

    watcher = asyncio.create_task(watched(other, run.id))
    owner.model.say("wer")
    owner.model.end()
    frames = await watched(owner, run.id)
    assert await watcher == frames
    assert (await other.runs.get(LOCAL, run.id)).status == "complete"


async def test_a_watcher_on_another_server_sees_the_owner_die(start_server: StartServer) -> None:
    owner, other = start_server(), start_server()
    _, run = await half_an_answer(owner)
    seen: list[Frame] = []
    half = asyncio.Event()

    async def watch() -> None:
        async for frames in other.runs.watch(LOCAL, run.id):
            seen.extend(frames)
            if b"an ans" in b"".join(frame.data for frame in seen):
                half.set()

    watcher = asyncio.create_task(watch())
    await half.wait()
    await owner.die()
    await watcher

    assert text(seen) == "Half an ans"
    assert seen[-1].type == "run.finished" and b"interrupted" in seen[-1].data
    assert [frame.seq for frame in seen] == list(range(1, len(seen) + 1))


async def test_a_server_that_died_before_it_said_anything_leaves_an_interrupted_answer(start_server: StartServer) -> None:
    dead, other = start_server(), start_server()
    chat = await dead.store.create(LOCAL.id)
    run = await dead.ask(chat.id, "Hi")
    await dead.die()

    assert (await other.runs.get(LOCAL, run.id)).status == "interrupted"


async def test_a_server_that_was_only_taken_for_dead_completes_its_answer(start_server: StartServer) -> None:
    owner, other = start_server(), start_server()
    _, run = await half_an_answer(owner)
    record = await owner.store.run_of(run.id)
    await other.runs._recovery._interrupt(record, [])  # as if its host had been silent for long
    assert (await other.runs.get(LOCAL, run.id)).status == "interrupted"

    owner.model.say("wer")
    owner.model.end()
    await owner.said(run, "run.finished")
    message = await other.store.message(LOCAL.id, run.message_id)
    assert (message.status, text_of(message)) == ("complete", "Half an answer")


async def test_what_a_dead_server_thought_keeps_its_time(start_server: StartServer) -> None:
    dead, other = start_server(), start_server()
    chat = await dead.store.create(LOCAL.id)
    run = await dead.ask(chat.id, "Hi")
    dead.model.end(Reasoning("Hm."))
    dead.model.say("Half")
    await dead.said(run, "Half")
    seen = dead.runs._runs[run.id].answer.parts[0]
    await dead.die()

    [message] = await other.runs.overlay((await other.store.path(LOCAL.id, chat.id)).items[-1:])
    assert message.parts[0] == seen and isinstance(seen, ReasoningPart) and seen.duration_ms is not None


async def test_a_dead_servers_run_in_a_deleted_branch_holds_nobody_up(start_server: StartServer) -> None:
    dead, other = start_server(), start_server()
    chat, run = await half_an_answer(dead)
    await dead.die()
    await other.store.delete_message(LOCAL.id, chat.id, run.message_id)

    fresh = await other.ask(chat.id, "Again")
    other.model.say("Fresh")
    other.model.end()
    assert (await other.ended(fresh)).status == "complete"
    assert (await other.runs.get(LOCAL, run.id)).status == "interrupted"
    await other.store.restore_message(LOCAL.id, chat.id, run.message_id)
    assert text_of(await other.store.message(LOCAL.id, run.message_id)) == "Half an ans"
