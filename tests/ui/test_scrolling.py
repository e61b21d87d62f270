"""What one reads stays where it is, whatever comes, grows or goes around it; and a thread is long without being slow."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import RunDraft, RunOutcome
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .again import becomes
from .panel import Panel
from .talk import said
from .visitor import Visitor

TURNS = 400
LONG = "\n".join(f"line {number}" for number in range(60))
CODE = "```python\n" + "\n".join(f"value_{number} = {number}" for number in range(30)) + "\n```"
LONG_CODE = "```python\n" + "\n".join(f"value_{number} = {number}" for number in range(60)) + "\n```"
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='300'/>"
TABLE = "| a | b |\n|---|---|\n" + "\n".join(f"| {number} | some words |" for number in range(9))
KINDS = ("one line", "many words " * 60, CODE, "- an item\n- another one\n" * 6, TABLE, "$$ x^2 $$\n\nand words", "more\n\n" * 9)


async def distance(panel: Panel) -> float:
    """Pixels between what is seen and the end."""
    return await panel.get("thread").evaluate("view => view.scrollHeight - view.scrollTop - view.clientHeight")


async def top(panel: Panel, message: Locator) -> float:
    """Pixels between the top of the view and a message."""
    box, view = await message.bounding_box(), await panel.get("thread").bounding_box()
    assert box is not None and view is not None
    return box["y"] - view["y"]


async def place(panel: Panel) -> Any:
    """What stands topmost in view and where, when what is to be drawn has been drawn."""
    return await panel.get("thread").evaluate(
        """async view => {
          for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
          const top = view.getBoundingClientRect().top;
          const row = [...view.querySelectorAll('article')].find(row => row.getBoundingClientRect().bottom > top);
          return row && [row.innerText.split('\\n')[0], Math.round(row.getBoundingClientRect().top - top)];
        }"""
    )


async def rest(panel: Panel) -> Any:
    """The same, when what moves has come to rest: a wheel's turn takes a while."""
    before, now = None, await place(panel)
    while now is None or now != before:
        before, now = now, await place(panel)
    return now


async def is_at(panel: Panel, before: Any) -> bool:
    return is_near(await rest(panel), before)


async def returns_to(panel: Panel, before: Any) -> None:
    """Wait until one is where one was: what was read there may have to be fetched."""
    await becomes(lambda: place(panel), lambda now: now is not None and is_near(now, before))
    assert await is_at(panel, before)


def is_near(now: Any, before: Any) -> bool:
    return now[0] == before[0] and abs(now[1] - before[1]) <= 1  # browsers scroll by whole pixels


async def is_on_top(panel: Panel, message: Locator) -> float:
    """Wait until a message stands at the top of the view. Gives where exactly, when all has come to rest."""
    await becomes(lambda: top(panel, message), lambda y: -0.5 < y < 10)
    await rest(panel)
    at = await top(panel, message)
    assert -0.5 < at < 10
    return at


async def test_a_question_goes_to_the_top_and_its_answer_fills_the_room_below(panel: Panel, wire: WireServer):
    await panel.send(LONG, "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.send("How long is this?", "lab/gated")
    question = panel.questions.last
    at = await is_on_top(panel, question)

    wire.gate().release(20)
    await panel.shows(said(20), status="running")
    assert await top(panel, question) == at
    await expect(panel.get("jump")).to_have_count(0)
    wire.gate().release(900)
    await panel.shows(said(920), status="running")
    assert await top(panel, question) == at, "an answer longer than the view grows below it"
    await expect(panel.get("jump")).to_be_visible()
    wire.gate().release(10)
    await expect(panel.get("unread")).to_be_visible()

    await panel.get("jump").click()
    await expect(panel.get("jump")).to_have_count(0)
    wire.gate().release(300)
    await panel.shows(said(1230), status="running")
    await becomes(lambda: distance(panel), lambda left: left < 2)  # who goes to the end stays there
    await expect(panel.get("question-above")).to_have_text("How long is this?")

    await panel.get("thread").hover()
    await panel.page.mouse.wheel(0, -300)
    await expect(panel.get("jump")).to_be_visible()
    await rest(panel)
    before = await top(panel, panel.answer)
    wire.gate().release(300, finish=True)
    await panel.shows(said(1530), status="complete")
    assert await top(panel, panel.answer) == before, "who scrolls up is let go"
    await panel.get("question-above").click()
    await expect(panel.get("question-above")).to_have_count(0)
    await is_on_top(panel, question)


async def test_a_message_that_waited_takes_nobody_away_from_what_they_read(panel: Panel, wire: WireServer):
    await panel.send("first", "lab/gated")
    wire.gate().release(1500)
    await panel.shows(said(1500), status="running")
    await panel.composer.fill("second")
    await panel.composer.press("Enter")
    await expect(panel.get("queued")).to_have_text(re.compile("second"))
    await rest(panel)
    at = await top(panel, panel.questions.first)
    wire.gate().release(10, finish=True)
    await expect(panel.get("queued")).to_have_count(0)
    await expect(panel.get("send")).to_be_visible()
    assert await top(panel, panel.questions.first) == at
    await panel.get("jump").click()
    await expect(panel.get("question-above")).to_have_text("second")


async def test_a_pinned_question_stays_at_the_top_when_the_view_gets_higher(panel: Panel, wire: WireServer):
    await panel.send(LONG, "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.choose("lab/gated")
    await panel.send("And then?\n\n\n\n\nOr not?")  # the composer gets lower as it is sent
    wire.gate().release(20)
    await panel.shows(said(20), status="running")
    at = await is_on_top(panel, panel.questions.last)
    for height in (560, 800):
        await panel.page.set_viewport_size({"width": 1280, "height": height})
        assert await is_on_top(panel, panel.questions.last) == at
        await expect(panel.get("question-above")).to_have_count(0)


async def test_what_is_read_stays_where_it_is_whatever_happens_above_it(visitor: Visitor, panel: Panel):
    held = asyncio.Event()

    async def later(route: Route) -> None:
        await held.wait()
        await route.fulfill(content_type="image/svg+xml", body=PICTURE)

    await panel.page.route("http://late.example/**", later)
    await panel.choose("lab/echo")
    for count, text in enumerate((f"{LONG_CODE}\n\n![late](http://late.example/a.svg)", f"to be read\n\n{LONG}"), 1):
        await panel.composer.fill(text)
        await panel.composer.press("Enter")
        await expect(panel.answers).to_have_count(count)
        await expect(panel.answer).to_have_attribute("data-status", "complete")
        await expect(panel.get("send")).to_be_visible()
    async with panel.page.expect_request("http://late.example/**"):
        await panel.answers.first.locator(".jp-llmhub-load").click()
    await panel.get("thread").focus()
    await panel.page.keyboard.press("Alt+ArrowDown")
    before = await rest(panel)
    assert "to be read" in before[0]

    held.set()
    await expect(panel.answers.first.locator("img")).to_have_js_property("naturalHeight", 300)
    visitor.strays.clear()  # none has left: this test has answered it
    assert await is_at(panel, before), "a picture came late"
    fold = panel.answers.first.get_by_test_id("llmhub-code-fold")
    await fold.evaluate("button => button.click()")
    await expect(fold).to_have_attribute("aria-expanded", "true")
    assert await is_at(panel, before), "code was unfolded"
    await fold.evaluate("button => button.click()")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    assert await is_at(panel, before), "code was folded"
    for width, height in ((640, 400), (1280, 800)):  # 200 %, as a page sees it
        await panel.page.set_viewport_size({"width": width, "height": height})
        assert await is_at(panel, before), "the page was zoomed"


async def test_of_a_long_question_the_end_is_kept_in_view_and_the_room_goes_when_it_is_filled(panel: Panel, wire: WireServer):
    await panel.choose("lab/gated")
    for turn in range(2):
        await panel.send(f"{LONG}\nturn {turn}")
        wire.gate().release(1)
        await panel.shows(said(turn + 1), status="running")
        await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()
        await expect(panel.get("jump")).to_have_count(0)
        await panel.get("stop").click()
        await panel.shows(said(turn + 1), status="stopped")
        await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()


async def test_the_keyboard_goes_from_question_to_question_and_to_both_ends(panel: Panel):
    for turn in range(3):
        await panel.send(f"turn {turn}\n{LONG}", "lab/echo")
        await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.get("thread").focus()
    keyboard = panel.page.keyboard
    await keyboard.press("End")
    await expect(panel.get("jump")).to_have_count(0)
    asked = [panel.questions.filter(has_text=f"turn {turn}") for turn in range(3)]
    for turn in (2, 1):
        await keyboard.press("Alt+ArrowUp")
        await expect(asked[turn]).to_be_focused()
        await becomes(lambda asked=asked[turn]: top(panel, asked), lambda y: abs(y) < 10)
    await keyboard.press("Alt+ArrowDown")
    await expect(asked[2]).to_be_focused()
    await keyboard.press("Home")
    await expect(asked[0]).to_be_in_viewport()
    await expect(panel.get("jump")).to_be_visible()
    await keyboard.press("End")
    await expect(panel.get("jump")).to_have_count(0)


@pytest_asyncio.fixture(loop_scope="package")
async def long_conversation(lab: JupyterProcess) -> str:
    """Many questions and answers of different heights, written by another process on the same data. Gives its id."""
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
        answer = (TextPart(text=f"answer {turn}\n\n{KINDS[turn % len(KINDS)]}"),)
        await store.finish_run(
            draft.run_id,
            RunOutcome(status="complete", finish_reason="stop", parts=answer, usage=None, model="lab/echo", log=b"", last_seq=1),
        )
        parent = draft.message_id
    await store.aclose()
    return conversation.id


async def open_story(panel: Panel) -> None:
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").first.locator("button").first.click()


WATCH = """view => {
  const seen = window.seen = {steps: [], shifts: 0, wheel: 0};
  view.addEventListener('wheel', event => seen.wheel += event.deltaY, {passive: true});
  let before = new Map();
  const painted = new MessageChannel();
  painted.port1.onmessage = () => {  // what was painted; not what is half done between two frames
    const now = new Map([...view.querySelectorAll('article')].map(row => [row, row.getBoundingClientRect().top]));
    const steps = [...now].filter(([row, y]) => before.has(row) && y > 0 && y < innerHeight).map(([row, y]) => y - before.get(row));
    if (steps.length) seen.steps.push([Math.min(...steps), Math.max(...steps)]);
    before = now;
  };
  (function frame() { painted.port2.postMessage(0); requestAnimationFrame(frame); })();
  new PerformanceObserver(list => list.getEntries().forEach(entry => seen.shifts += entry.value)).observe({type: 'layout-shift'});
}"""


async def test_scrolling_up_over_messages_that_were_never_drawn_moves_by_what_the_wheel_says(long_conversation: str, panel: Panel):
    await open_story(panel)
    await expect(panel.answer).to_contain_text(f"answer {TURNS - 1}")
    await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()
    await becomes(lambda: distance(panel), lambda left: left < 2)
    await expect(panel.page.locator(".jp-llmhub-tex[data-waiting]")).to_have_count(0)  # the first formula waits for MathJax
    thread = panel.get("thread")
    await thread.hover()
    await thread.evaluate(WATCH)
    for notch in range(1, 41):
        await panel.page.mouse.wheel(0, -120)
        await panel.page.wait_for_function(f"window.seen.wheel === {-120 * notch}")
    await rest(panel)
    seen = await panel.page.evaluate("window.seen")
    assert all(most - least <= 1 for least, most in seen["steps"]), "all that is seen moves together"
    assert all(least >= -0.5 for least, _ in seen["steps"]), "nothing moves back"
    assert abs(sum(least for least, _ in seen["steps"]) - 40 * 120) <= 5
    assert seen["shifts"] < 0.25, "the browser noted hardly any move either; 3.9 when heights are only guessed"
    assert await panel.nodes() < 1500

    await thread.focus()
    await panel.page.keyboard.press("Home")
    await expect(panel.questions.first).to_have_text("question 0")
    await expect(panel.questions.first).to_be_in_viewport()
    assert await panel.nodes() < 1500
    await expect(panel.questions.first).to_have_attribute("aria-setsize", str(2 * TURNS))
    await panel.get("jump").click()
    await expect(panel.answer).to_contain_text(f"answer {TURNS - 1}")
    await panel.send("And on", "lab/echo")
    await panel.shows("And on", status="complete")
    await becomes(lambda: top(panel, panel.questions.last), lambda y: y < 10)


async def test_a_conversation_is_found_where_it_was_left(long_conversation: str, visitor: Visitor, panel: Panel):
    await open_story(panel)
    await expect(panel.answer).to_contain_text(f"answer {TURNS - 1}")
    thread = panel.get("thread")
    await thread.hover()
    before = await rest(panel)
    while int(before[0].split()[1]) > TURNS - 90:  # further up than what is loaded first
        await panel.page.mouse.wheel(0, -3000)
        before = await rest(panel)
    await panel.get("list-toggle").click()
    await expect(thread).to_have_count(0)
    await panel.get("list-toggle").click()
    await expect(thread).to_be_visible()
    await returns_to(panel, before)  # the list was looked at
    await panel.get("new-chat").click()
    await expect(thread).to_have_count(0)
    await open_story(panel)
    await expect(thread).to_be_visible()
    await returns_to(panel, before)  # another conversation was looked at
    await visitor.go(panel.page)
    await panel.is_loaded()
    await expect(thread).to_be_visible()
    await returns_to(panel, before)  # the page was loaded again
