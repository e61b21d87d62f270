"""The thread stays at its end while an answer grows, until somebody looks further up; and it is long without being slow."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Route, expect

from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import RunDraft, RunOutcome
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import said

TURNS = 1000
LONG = "\n".join(f"line {number}" for number in range(60))


async def distance(panel: Panel) -> float:
    """Pixels between what is seen and the end."""
    return await panel.get("thread").evaluate("view => view.scrollHeight - view.scrollTop - view.clientHeight")


async def test_a_long_question_is_followed_to_its_answer(panel: Panel, wire: WireServer):
    await panel.choose("lab/gated")
    for turn in range(3):
        await panel.send(f"{LONG}\nturn {turn}")
        wire.gate().release(1)
        await panel.shows(said(turn + 1), status="running")
        await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()
        await expect(panel.get("jump")).to_have_count(0)
        await panel.get("stop").click()
        await panel.shows(said(turn + 1), status="stopped")


async def test_who_scrolls_up_stays_there_until_they_jump_to_the_end(panel: Panel, wire: WireServer):
    await panel.send(LONG, "lab/gated")
    wire.gate().release(400)
    await panel.shows(said(400), status="running")
    assert await distance(panel) < 2

    await panel.get("thread").hover()
    await panel.page.mouse.wheel(0, -300)
    await expect(panel.get("jump")).to_be_visible()
    place = await panel.get("thread").evaluate("view => view.scrollTop")
    wire.gate().release(400)
    await panel.shows(said(800), status="running")
    assert abs(await panel.get("thread").evaluate("view => view.scrollTop") - place) < 2

    await panel.get("jump").click()
    await expect(panel.get("jump")).to_have_count(0)
    wire.gate().release(400, finish=True)
    await panel.shows(said(1200), status="complete")
    assert await distance(panel) < 2


async def test_the_keyboard_scrolls_too(panel: Panel):
    await panel.send(LONG, "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.get("thread").focus()
    await panel.page.keyboard.press("Home")
    await expect(panel.get("jump")).to_be_visible()
    await panel.page.keyboard.press("End")
    await expect(panel.get("jump")).to_have_count(0)


@pytest_asyncio.fixture(loop_scope="package")
async def long_conversation(lab: JupyterProcess) -> str:
    """A thousand questions and their answers, of different heights, written by another process on the same data. Gives its id."""
    data = Path(lab.environment["LLMHUB_DATA_DIR"])  # type: ignore[index]
    store = ConversationStore(data / "llmhub.db", backups=data / "backups")
    conversation = await store.create(LOCAL.id, title="A long story")
    parent = None
    for turn in range(TURNS):
        question = (TextPart(text=f"question {turn}"),)
        draft = RunDraft(
            run_id=new_id(),
            conversation_id=conversation.id,
            client_request_id=new_id(),
            process_id="elsewhere",
            parent_id=parent,
            user_message_id=new_id(),
            user_parts=question,
            message_id=new_id(),
            model="lab/echo",
        )
        await store.begin_run(LOCAL.id, draft)
        answer = (TextPart(text=f"answer {turn}\n\n" + "more words\n\n" * (turn % 7)),)
        await store.finish_run(
            draft.run_id,
            RunOutcome(status="complete", finish_reason="stop", parts=answer, usage=None, model="lab/echo", log=b"", last_seq=1),
        )
        parent = draft.message_id
    await store.aclose()
    return conversation.id


async def test_a_conversation_of_2000_messages_shows_its_end_and_loads_what_is_above_without_losing_the_place(
    panel: Panel, long_conversation: str
):
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").get_by_role("button").first.click()
    await expect(panel.answer).to_contain_text(f"answer {TURNS - 1}")
    await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()
    assert await panel.nodes() < 3000

    may_load = asyncio.Event()
    await panel.page.route("**/messages?*cursor=*", lambda route: hold(route, may_load))
    loading = panel.root.get_by_text("Loading earlier messages")
    await panel.get("thread").hover()
    for _ in range(3):
        may_load.clear()
        while not await loading.is_visible():
            await panel.page.mouse.wheel(0, -400)
        before = await panel.get("thread").evaluate(TOP)
        may_load.set()
        await expect(loading).to_be_hidden()
        after = await panel.get("thread").evaluate(TOP)
        assert after[0] == before[0] and abs(after[1] - before[1]) <= 2, (before, after)
        assert await panel.nodes() < 3000
    assert after[0].startswith(("question", "answer")) and int(after[0].split()[1]) < TURNS - 100
    await panel.get("jump").click()
    await expect(panel.answer).to_contain_text(f"answer {TURNS - 1}")
    await panel.send("And on", "lab/echo")
    await panel.shows("And on", status="complete")


async def hold(route: Route, until: asyncio.Event) -> None:
    await until.wait()
    await route.continue_()


TOP = """async view => {  // what stands topmost in view and where, when what is to be drawn has been drawn
  for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
  const top = view.getBoundingClientRect().top;
  const row = [...view.querySelectorAll('article')].find(row => row.getBoundingClientRect().bottom > top);
  return [row.innerText.split('\\n')[0], row.getBoundingClientRect().top];
}"""
