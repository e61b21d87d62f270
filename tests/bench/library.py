"""A list of 20,000 conversations: the store's pages, and the panel in a browser.

    python -m tests.bench.library [--count 20000] [--linked] [--only store|panel]

`--linked`: the panel that is in `llmhub/labextension`, instead of a production build.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright
from sqlalchemy import Connection, insert

from llmhub.conversations.bulk import Bulk
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import conversations, tags
from llmhub.conversations.titles import titled
from llmhub.identity import LOCAL
from llmhub.ids import ids_at
from tests.servers import JupyterProcess
from tests.ui.conftest import lab_in
from tests.ui.visitor import Visitor, launch

from .figures import Figure, percentile, show
from .processes import folder
from .search import Words
from .ui.build import build
from .ui.page import MeasuredPage
from .ui.stand import WIDTH, with_extensions

PAGES = 40
LINES = "document.querySelectorAll('[data-testid=llmhub-conversation-item]')"


def fill(c: Connection, count: int) -> None:
    """Conversations of the last two years, an hour or so apart; every hundredth is pinned, every third has a tag."""
    words, dice, now = Words(), random.Random(1), datetime.now(UTC)
    times = sorted(now - timedelta(minutes=dice.randrange(60 * 24 * 730)) for _ in range(count))
    plain = {"owner": LOCAL.id, "params": {}, "archived": False, "unread": False}
    rows = [
        {**plain, **titled(words.text(5)), "id": id, "pinned": number % 100 == 0, "created_at": at, "updated_at": at}
        for number, (id, at) in enumerate(zip(ids_at(times), times, strict=True))
    ]
    c.execute(insert(conversations), rows)
    c.execute(insert(tags), [{"conversation_id": row["id"], "tag": f"tag {n % 12}"} for n, row in enumerate(rows) if n % 3 == 0])


async def pages(store: ConversationStore, count: int) -> list[Figure]:
    """The panel's own pages, in each order, from the first to the last."""
    figures: list[Figure] = []
    for sort in ("used", "created", "title"):
        took: list[float] = []
        cursor, seen, size = None, 0, 50
        while True:
            begun = time.perf_counter()
            which: dict[str, Any] = {"sort": sort, "archived": False, "pinned_first": True}
            page = await store.list(LOCAL.id, **which, limit=size, cursor=cursor)
            took.append((time.perf_counter() - begun) * 1000)
            seen += len(page.items)
            cursor, size = page.next, 500
            if cursor is None:
                break
        assert seen == count
        figures.append(Figure(f"store: first page (50) by {sort}", took[0], "ms"))
        figures.append(
            Figure(f"store: pages of 500 by {sort}, p95", percentile(took[1:], 95), "ms", None, f"the last {took[-2]:.0f} ms")
        )
    begun = time.perf_counter()
    await store.list(LOCAL.id, query="w", archived=False, limit=50)
    figures.append(Figure("store: first page of titles that hold a letter", (time.perf_counter() - begun) * 1000, "ms"))
    bulk, ids = Bulk(store), await store.ids(LOCAL.id)
    took = []
    for at in range(0, count, 1000):
        begun = time.perf_counter()
        await bulk.change(LOCAL.id, ids[at : at + 1000], {"archived": True})
        took.append((time.perf_counter() - begun) * 1000)
    figures.append(Figure("store: 1,000 put into the archive, p95", percentile(took, 95), "ms"))
    for at in range(0, count, 1000):
        await bulk.change(LOCAL.id, ids[at : at + 1000], {"archived": False})
    return figures


async def panel(page: MeasuredPage, count: int) -> list[Figure]:
    """The list as a person meets it."""
    what = f"{count:,} conversations"
    idle = await page.heap()
    figures = [await _timed(page, f"{what}: the list is seen after a click", "list-toggle", 300)]
    figures.append(Figure(f"{what}: elements in the panel", await page.panel.nodes(), "", 1500))
    list_ = page.panel.get("conversation-list").locator(".jp-llmhub-list-items")
    await list_.hover()
    before = await page.begin()
    most = 0
    for turn in range(2000):
        await page.page.mouse.wheel(0, 3000)
        await asyncio.sleep(1 / 60)
        if turn % 20 == 0:
            most = max(most, await page.panel.nodes())
            if await list_.evaluate(
                f"box => box.scrollTop + box.clientHeight + 5 > box.scrollHeight && box.scrollHeight > {count * 30}"
            ):
                break
    work = await page.end(before)
    figures += [
        Figure(f"{what}, through all of them: longest time without a frame", work.longest_frame, "ms", 100, work.note),
        Figure(f"{what}: elements in the panel meanwhile, at most", most, "", 1500),
        Figure(f"{what}: heap above the idle panel when all are loaded", await page.heap() - idle, "MB"),
    ]
    search = page.panel.get("conversation-search")
    await search.focus()
    await page.page.evaluate("bench.keys.length = 0")
    before = await page.begin()
    for letter in "wabcde":
        await page.page.keyboard.press(letter)
        await asyncio.sleep(0.11)
    await page.is_quiet()
    keys = [each[1] for each in await page.page.evaluate("bench.keys")]
    figures.append(Figure(f"{what}: key → frame while one looks for a title, p95", percentile(keys, 95), "ms", None))
    figures.append(Figure(f"{what}: longest time without a frame then", (await page.end(before)).longest_frame, "ms", 100))
    await search.fill("")
    await page.is_quiet()
    for words, undone in (("By title", "Used last"),):
        before = await page.begin()
        for name in (words, undone):
            await page.panel.get("list-filter").click()
            await (
                page.page.get_by_role("menuitemcheckbox", name=name)
                .or_(page.page.locator(f".lm-Menu-item >> text={name}"))
                .first.click()
            )
            await page.is_quiet()
        figures.append(
            Figure(
                f"{what}: longest time without a frame when the order changes", (await page.end(before)).longest_frame, "ms", 100
            )
        )
    await page.page.locator(".jp-llmhub-item-open").first.focus()
    before = await page.begin()
    begun = time.perf_counter()
    await page.page.keyboard.press("Control+a")
    chosen = page.panel.get("bulk").get_by_text(f"{count} chosen")
    await chosen.wait_for(timeout=60_000)
    figures.append(Figure(f"{what}: all are chosen", (time.perf_counter() - begun) * 1000, "ms"))
    begun = time.perf_counter()
    await page.panel.get("bulk").get_by_role("button", name="Archive").click()
    undo = page.panel.get("undo").get_by_role("button", name="Undo")
    await undo.wait_for(timeout=120_000)
    figures.append(Figure(f"{what}: all are in the archive", (time.perf_counter() - begun) * 1000, "ms"))
    begun = time.perf_counter()
    await undo.click()
    await page.page.locator(".jp-llmhub-item-open").first.wait_for(timeout=120_000)
    await page.is_quiet()
    figures.append(Figure(f"{what}: all are back", (time.perf_counter() - begun) * 1000, "ms"))
    work = await page.end(before)
    figures.append(
        Figure(f"{what}, chosen, archived, taken back: longest time without a frame", work.longest_frame, "ms", 100, work.note)
    )
    return figures


async def _timed(page: MeasuredPage, what: str, button: str, target: float) -> Figure:
    await page.page.evaluate(
        "addEventListener('click', event => { bench.marks.click = event.timeStamp }, {capture: true, once: true})"
    )
    await page.panel.get(button).click()
    moment, _ = await page.until(f"{LINES}.length > 9")
    return Figure(what, moment - await page.page.evaluate("bench.marks.click"), "ms", target)


async def measure(count: int, *, linked: bool, only: str | None) -> None:
    with folder() as where:
        data = where / "ours" / "llmhub"
        data.mkdir(parents=True)
        store = ConversationStore(data / "llmhub.db", backups=data / "backups")
        await store.database.write(lambda c: fill(c, count))
        if only != "panel":
            show(await pages(store, count))
        await store.aclose()
        if only == "store":
            return
        async with AsyncExitStack() as stack:
            lab = await stack.enter_async_context(_lab(where / "ours", None if linked else build(where)))
            playwright = await stack.enter_async_context(async_playwright())
            browser = await launch(playwright)
            visitor = await Visitor.arrive(browser, lab.url)
            page = await MeasuredPage.open(browser, visitor)
            await visitor.go(page.page)
            await page.page.wait_for_function("window.isMainFocused")
            await page.panel.is_there()
            await page.panel.resize(WIDTH)
            await page.is_quiet()
            show(await panel(page, count))
            await browser.close()


def _lab(where: Path, extensions: Path | None) -> JupyterProcess:
    settings: dict[str, object] = {"local_servers": []}
    return lab_in(where, settings) if extensions is None else with_extensions(where, extensions, settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--linked", action="store_true")
    parser.add_argument("--only", choices=["store", "panel"])
    told = parser.parse_args()
    asyncio.run(measure(told.count, linked=told.linked, only=told.only))


if __name__ == "__main__":
    main()
