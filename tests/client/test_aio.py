"""The asynchronous client on a real server, a model server behind it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from llmhub import AsyncClient, Client
from llmhub.errors import AccessDenied, Invalid, LLMHubError, NotFound, ProviderError, Unreachable
from llmhub.events import RunFinished, RunStarted, TextDelta
from llmhub.messages import FilePart, TextPart
from tests.hosts.api import Api, until
from tests.providers.wire_server import WireServer


async def test_a_question_is_answered_and_the_next_goes_below_it(hub: AsyncClient) -> None:
    answer = await hub.ask("One two")
    assert (answer.text, answer.message.status) == ("One two", "complete")
    again = await hub.ask("Three", conversation=answer.conversation_id)
    said = [message.parts[0].text for message in await hub.messages(answer.conversation_id)]  # type: ignore[union-attr]
    assert said == ["One two", "One two", "Three", "Three"] and again.conversation_id == answer.conversation_id
    assert [each.id async for each in hub.conversations()] == [answer.conversation_id]
    assert len(await hub.tree(answer.conversation_id)) == 4
    assert [one.count for one in await hub.mentions(answer.conversation_id, "one TWO")] == [1, 1]
    assert len(await hub.search("three", conversation_id=answer.conversation_id)) == 2


async def test_words_come_as_they_are_said_and_events_join_to_what_is_stored(hub: AsyncClient) -> None:
    assert "".join([piece async for piece in hub.stream("a \u2028 b\n\nc")]) == "a \u2028 b\n\nc"
    run = await hub.start_run("x y z")
    events = [event async for event in hub.events(run)]
    assert isinstance(events[0], RunStarted) and isinstance(events[-1], RunFinished)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "x y z"
    rest = [event async for event in hub.events(run, after=2)]
    assert rest == events[2:]
    assert [event async for event in hub.events(run, after=len(events))] == []


async def test_a_stream_that_breaks_goes_on_where_it_broke(hub: AsyncClient, api: Api, wire: WireServer) -> None:
    run = await hub.start_run("Go", model="lab/gated")
    wire.gate().release(1)
    seen: list[int] = []
    broken = 0
    async for event in hub.events(run):
        seen.append(event.seq)
        if isinstance(event, TextDelta) and broken < 2:
            broken += 1
            await hub._wire._http.aclose()  # type: ignore[union-attr]
            hub._wire._http = None
            wire.gate().release(10, finish=broken == 2)
    assert seen == list(range(1, len(seen) + 1)) and broken == 2


async def test_who_leaves_early_stops_the_answer(hub: AsyncClient, api: Api) -> None:
    asking = asyncio.create_task(hub.ask("Go", model="lab/gated"))
    while not (runs := await hub.runs(active=True)):  # noqa: ASYNC110
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await hub.run(runs[0].run_id)).status == "stopped"


async def test_a_stream_that_is_left_is_closed_at_once_and_not_when_it_is_collected(hub: AsyncClient) -> None:
    hooks, left = sys.get_asyncgen_hooks(), list[str]()

    def collected(generator: AsyncGenerator[object]) -> None:
        left.append(generator.__qualname__)
        assert hooks.finalizer is not None
        hooks.finalizer(generator)

    sys.set_asyncgen_hooks(finalizer=collected)
    try:
        answer = await hub.ask("One two")
        async for _ in (words := hub.stream("Three")):
            break
        await words.aclose()  # type: ignore[attr-defined]
        with pytest.raises(ProviderError):
            await hub.ask("x", model="lab/e401")
        asked = {"model": "lab/echo", "messages": [{"role": "user", "content": "Four"}]}
        assert [chunk async for chunk in hub.completion(asked)]
        assert not [name for name in left if name.startswith("AsyncClient.")] and answer.text == "One two"
    finally:
        sys.set_asyncgen_hooks(finalizer=hooks.finalizer)


def test_a_client_that_is_closed_leaves_nothing_half_done() -> None:
    client, begun, ended = Client("http://127.0.0.1:9/"), threading.Event(), threading.Event()

    async def under_way() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    waiting = client.submit(under_way())
    begun.wait()
    client.close()
    assert ended.is_set() and waiting.cancelled()


async def test_an_interrupt_that_comes_while_the_next_word_is_asked_for_is_an_interrupt(
    hub: AsyncClient, api: Api, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await hub.start_run("Go", model="lab/gated")
    url = await hub.server_url()

    def listen() -> str:
        with Client(url, api.token) as client:
            said = client.events(run)
            next(said)
            submit = client.submit

            def interrupted(work: Coroutine[Any, Any, Any]) -> Any:
                submit(work)
                monkeypatch.setattr(client, "submit", submit)
                raise KeyboardInterrupt

            monkeypatch.setattr(client, "submit", interrupted)
            with pytest.raises(KeyboardInterrupt):
                for _ in said:
                    pass
            return client.stop(run).status

    assert await asyncio.to_thread(listen) == "stopped"


async def test_failures_are_the_classes_that_the_server_raised(hub: AsyncClient, api: Api) -> None:
    with pytest.raises(NotFound) as found:
        await hub.conversation("01a1ffc1-cf11-721a-8ba0-39479e65e021")
    assert found.value.hint
    with pytest.raises(Invalid):
        await hub.ask("  ")
    with pytest.raises(ProviderError) as failed:
        await hub.ask("x", model="lab/e401")
    assert type(failed.value).__name__ == "KeyRejected" and failed.value.provider == "lab"
    async with AsyncClient(api.app.connection_url.replace("localhost", "127.0.0.1"), "wrong") as stranger:
        with pytest.raises(AccessDenied):
            await stranger.models()
    for many in (False, True):
        async with AsyncClient("http://127.0.0.1:1", many=many) as nobody:
            with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1.* cannot be reached") as gone:
                await nobody.models()
        assert isinstance(gone.value, LLMHubError) and "start" in gone.value.hint.lower()


async def test_what_is_wrong_with_one_row_of_many_is_said_of_that_row(
    hub: AsyncClient, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMHUB_LIMITS__BODY_BYTES", "20000")  # a larger frame would end the connection of all rows
    monkeypatch.setattr("llmhub.client.rows._LARGE", 10_000)
    bodies = [
        *({"model": "lab/echo", "messages": [{"role": "user", "content": text}]} for text in ("a\0b", "\ud83d", "x" * 30_000)),
        {"model": "lab/echo", "messages": [{"role": "user", "content": "Hi"}], "temperature": float("nan")},
        {"model": "lab/echo", "messages": [{"role": "user", "content": "Hi"}]},
    ]
    async with hub.rows() as ask:
        assert ask != hub.complete, "one connection, whatever is in the server's address"
        said = await asyncio.gather(*map(ask, bodies), return_exceptions=True)
    codes = [getattr(each, "code", "answered") for each in said]
    assert codes == ["invalid", "invalid", "request_too_large", "invalid", "answered"], said


async def test_files_go_along_and_come_back(hub: AsyncClient, tmp_path: Path) -> None:
    path = tmp_path / "Zahlen ä.csv"
    path.write_text("a,b\n1,2\n")
    answer = await hub.ask([TextPart(text="Read")], files=[path])
    question = (await hub.messages(answer.conversation_id))[0]
    part = next(part for part in question.parts if isinstance(part, FilePart))
    assert part.name == "Zahlen ä.csv" and await hub.file(part.file_id) == path.read_bytes()


async def test_a_conversation_is_changed_listed_page_by_page_and_deleted(hub: AsyncClient) -> None:
    for number in range(3):
        await hub.create_conversation(title=f"No. {number}")
    (first,) = [each async for each in hub.conversations(query="no. 1")]
    changed = await hub.change_conversation(first.id, title="Other", tags=["a"])
    assert (changed.title, changed.tags) == ("Other", ("a",))
    await hub.delete_conversation(first.id)
    assert {each.title async for each in hub.conversations()} == {"No. 0", "No. 2"}
    assert any(model.id == "lab/echo" for model in await hub.models())


async def test_the_synchronous_client_has_every_method_of_the_other(hub: AsyncClient, api: Api) -> None:
    from llmhub import Client

    loops = {"aclose", "rows"}  # `close`; and questions side by side, which are asked with `submit`
    public = {name for name in vars(AsyncClient) if not name.startswith("_")} - loops
    assert public <= set(vars(Client))

    def talk() -> tuple[str, list[str]]:
        with Client(api.app.connection_url.replace("localhost", "127.0.0.1"), api.token) as client:
            return client.ask("Hello").text, list(client.stream("a b"))

    answer, pieces = await asyncio.to_thread(talk)
    assert (answer, "".join(pieces)) == ("Hello", "a b")
    await until(lambda: True)
