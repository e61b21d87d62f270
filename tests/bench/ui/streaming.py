"""A long answer arriving: 5,000 tokens of Markdown at 200 tokens a second, beside a bare JupyterLab that has nothing to do."""

from __future__ import annotations

import asyncio

from ..figures import Figure
from .page import MeasuredPage, Work
from .stand import ANSWER, Stand


async def measure(here: Stand) -> list[Figure]:
    """Warm: the fonts of mathematics and the languages of code have been loaded by an answer before."""
    async with here.page(bare=True) as page:
        before = await page.begin()
        await page.page.evaluate("new Promise(resolve => setTimeout(resolve, 8000))")
        idle = await page.end(before)
    async with here.page() as page:
        await page.panel.send("Warm up", "lab/words-3-at-0")
        await page.panel.choose(f"lab/{ANSWER}")
        await answer(page)
        await page.panel.get("new-chat").click()
        await page.is_quiet()
        work, late, settled = await answer(page)
    return _figures("5,000 tokens at 200/s", work, late, settled, idle) + await _four(here, idle)


def _figures(what: str, work: Work, late: float, settled: float, idle: Work) -> list[Figure]:
    return [
        Figure(f"{what}: total blocking time", work.blocking, "ms", 300, f"longest task {work.longest_task:.0f} ms"),
        Figure(f"{what}: main thread busy", work.busy * 100, "%", 40, f"{work.note}; bare and idle {idle.busy:.0%}"),
        Figure(f"{what}: all of the text is seen after the provider's last byte", late, "ms", 500),
        Figure(f"{what}: all mathematics is set after it", settled, "ms"),
        Figure(f"{what}: dropped frames of {work.frames + work.dropped:,}", work.dropped, "", None, _drops(work, idle)),
    ]


async def _four(here: Stand, idle: Work) -> list[Figure]:
    """Four tabs side by side in the main area, each with an answer of its own."""
    async with here.page() as page:
        await page.page.set_viewport_size({"width": 1800, "height": 900})
        tabs = [await page.panel.open_tab() for _ in range(4)]
        await page.page.evaluate(SIDE_BY_SIDE)
        await page.panel.send("Warm up", "lab/words-3-at-0")
        await page.page.evaluate("jupyterapp.shell.collapseLeft(); jupyterapp.shell.collapseRight()")
        for tab in tabs:
            await tab.choose(f"lab/{ANSWER}")
        await page.is_quiet()
        await page.set_clock()
        before = await page.begin()
        for tab in tabs:
            await tab.send("Tell me all about it")
        ids = [await tab.root.get_attribute("id") for tab in tabs]
        seen = await asyncio.gather(*(_end(page, id or "") for id in ids))
        work = await page.end(before)
    late, settled = (max(page.since(each[0], each[index]) for each in seen) for index in (1, 2))
    return _figures("four of them at once, side by side", work, late, settled, idle)


async def _end(page: MeasuredPage, id: str) -> tuple[str, float, float]:
    """The provider's stamp, and when text and mathematics were seen."""
    last = f"bench.lastAnswer(document.getElementById('{id}'))"
    moment, stamp = await page.until(f"bench.ended({last})")
    drawn, _ = await page.until(f"{last}.dataset.status === 'complete' && !/\\$\\$/.test({last}.textContent)")
    return stamp, moment, drawn


SIDE_BY_SIDE = """() => {
  const {shell} = jupyterapp;
  const tabs = [...shell.widgets('main')].filter(widget => widget.id.startsWith('llmhub-tab-'));
  for (const other of [...shell.widgets('main')]) if (!tabs.includes(other)) other.close();
  const place = (at, mode, ref) => shell.add(tabs[at], 'main', {mode, ref: tabs[ref].id});
  place(2, 'split-right', 0); place(1, 'split-right', 0); place(3, 'split-right', 2);
}"""


async def answer(page: MeasuredPage) -> tuple[Work, float, float]:
    """Ask, and follow the answer to its end."""
    await page.set_clock()
    before = await page.begin()
    await page.panel.send("Tell me all about it")
    moment, stamp = await page.until("bench.ended(bench.lastAnswer())")
    drawn, _ = await page.until(
        "bench.lastAnswer().dataset.status === 'complete' && !/\\$\\$/.test(bench.lastAnswer().textContent)"
    )
    work = await page.end(before)
    return work, page.since(stamp, moment), page.since(stamp, drawn)


def _drops(work: Work, idle: Work) -> str:
    return f"longest gap {work.longest_frame:.0f} ms; bare and idle {idle.dropped} of {idle.frames + idle.dropped}"
