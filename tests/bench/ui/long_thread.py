"""A conversation of 5,000 messages: opening it, writing in it while an answer arrives, scrolling through it."""

from __future__ import annotations

import asyncio
from itertools import islice

from llmhub.conversations.store import ConversationStore

from ..answer import sections
from ..figures import Figure, percentile
from ..written import write
from .page import MeasuredPage, Work
from .stand import ANSWER, Stand

MESSAGES = 5000
TITLE = "A long talk"
KEYS = 120
KEY_PAUSE = 0.11
"""Seconds: a quick typist."""


async def fill(store: ConversationStore) -> str:
    """Short and long turns; every fifth answer has all that Markdown has."""
    rich = list(islice(sections(), 40))

    def turn(number: int) -> tuple[str, str]:
        question = f"Question {number}: " + "what happens then, and why? " * (1 + number % 4)
        plain = f"Answer {number}. " + "\n\n".join(
            f"It goes on, *as before*, with `step {each}`. " * 3 for each in range(number % 6)
        )
        return question, f"Answer {number}\n\n{rich[number % len(rich)]}" if number % 5 == 0 else plain

    return await write(store, TITLE, MESSAGES, f"lab/{ANSWER}", turn)


async def measure(here: Stand) -> list[Figure]:
    """Opened from the list, in a page that has shown nothing yet."""
    async with here.page(bare=True) as page:
        bare = await page.heap()
    async with here.page() as page:
        return [
            *await _opening(page, bare),
            *await _typing(page),
            *await _scrolling(page),
        ]


async def _opening(page: MeasuredPage, bare: float) -> list[Figure]:
    idle = await page.heap()
    await page.panel.get("list-toggle").click()
    item = page.panel.get("conversation-item").filter(has_text=TITLE).get_by_role("button").first
    await item.wait_for()
    await page.is_quiet()
    await page.page.evaluate(
        "addEventListener('click', event => { bench.marks.click = event.timeStamp }, {capture: true, once: true})"
    )
    before = await page.begin()
    await item.click()
    shown = f"bench.lastAnswer()?.textContent.includes('Answer {MESSAGES // 2 - 1}')"
    moment, _ = await page.until(f"{shown} && bench.inView(bench.lastAnswer())")
    await page.is_quiet()
    work = await page.end(before)
    click = await page.page.evaluate("bench.marks.click")
    settled = await page.page.evaluate("bench.tasks.length ? Math.max(...bench.tasks.map(([at, took]) => at + took)) : 0")
    await page.page.evaluate("bench.keys.length = 0")
    heap = await page.heap()
    what = f"{MESSAGES:,} messages"
    return [
        Figure(
            f"{what}: interactive after a click in the list", max(moment, settled) - click, "ms", 500, _opened(moment - click, work)
        ),
        Figure(f"{what}: elements in the panel", await page.panel.nodes(), "", 1500),
        Figure(f"{what}: heap above the idle panel", heap - idle, "MB", 60, f"idle {idle:.1f} MB, bare JupyterLab {bare:.1f} MB"),
    ]


def _opened(shown: float, work: Work) -> str:
    return (
        f"its end is seen after {shown:.0f} ms; total blocking time {work.blocking:.0f} ms, longest task {work.longest_task:.0f} ms"
    )


async def _typing(page: MeasuredPage) -> list[Figure]:
    await page.panel.composer.focus()
    quiet = await _keys(page)
    await page.panel.composer.fill("")
    await page.panel.send("Tell me all about it", f"lab/{ANSWER}")
    await page.until("bench.lastAnswer()?.querySelector('.jp-llmhub-markdown')?.textContent.length > 500")
    # Frames are not watched meanwhile: who asks for every frame makes each key wait for the screen's next one.
    before = await page.counters()
    keys = await _keys(page)
    after = await page.counters()
    busy = (after.ran - before.ran) / (after.at - before.at)
    await page.until("bench.ended(bench.lastAnswer())")
    await page.panel.composer.fill("")

    def figure(what: str, index: int, target: float | None) -> Figure:
        p50, p95, idle = (percentile([each[index] for each in of], at) for of, at in ((keys, 50), (keys, 95), (quiet, 95)))
        return Figure(
            f"{MESSAGES:,} messages: {what}, p95", p95, "ms", target, f"p50 {p50:.1f} ms; p95 while nothing arrives {idle:.1f} ms"
        )

    return [
        figure("key → frame while an answer arrives", 1, 16),
        figure("key → the frame is drawn", 2, None),
        figure("key → it is being worked on", 0, None),
        Figure(
            f"{MESSAGES:,} messages: main thread busy meanwhile",
            busy * 100,
            "%",
        ),
    ]


async def _keys(page: MeasuredPage) -> list[list[float]]:
    await page.page.evaluate("bench.keys.length = 0")
    for index in range(KEYS):
        letter = "the quick brown fox "[index % 20]
        await page.page.keyboard.press("Space" if letter == " " else letter)
        await asyncio.sleep(KEY_PAUSE)
    return await page.page.evaluate("bench.keys")


async def _scrolling(page: MeasuredPage) -> list[Figure]:
    """Up by wheel through all of it, down again over what has been seen, then back in leaps."""
    figures: list[Figure] = []
    thread = page.panel.get("thread")
    await thread.hover()
    for what, delta, steps in (("up over unseen rows", -300, 600), ("down again", 300, 600), ("up in leaps", -3000, 1000)):
        before = await page.begin()
        await page.page.evaluate("view => bench.watchRows(view)", await thread.element_handle())
        sent = 0
        for _ in range(steps):
            await page.page.mouse.wheel(0, delta)
            sent += delta
            await asyncio.sleep(1 / 60)
            if delta < -1000 and await page.page.evaluate("bench.rows.first.includes('Question 0:')"):
                break
        await page.page.evaluate("bench.painted()")
        rows = await page.page.evaluate("bench.stopRows()")
        work = await page.end(before)
        name = f"{MESSAGES:,} messages, {what}"
        moved = f"{rows['moved']:,.0f} px through {rows['seen']:,} rows in {work.seconds:.0f} s"
        figures += [
            Figure(
                f"{name}: longest time without a frame",
                work.longest_frame,
                "ms",
                100,
                f"{work.dropped} dropped of {work.frames}; {moved}",
            ),
            Figure(
                f"{name}: rows that jumped",
                len(rows["jumps"]),
                "",
                0,
                f"largest {max(rows['jumps'], default=0):.0f} px; {rows['holes']} of {rows['frames']} frames had holes",
            ),
        ]
    heap = await page.heap()
    figures.append(Figure(f"{MESSAGES:,} messages: heap when all has been seen", heap, "MB"))
    figures.append(Figure(f"{MESSAGES:,} messages: elements in the panel then", await page.panel.nodes(), "", 1500))
    return figures
