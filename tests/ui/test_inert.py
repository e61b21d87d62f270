"""What a model says is data: nothing of it runs, navigates, submits, or asks anything of anybody."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .payloads import HOST, MATHEMATICS, MERMAID, PAYLOADS, written
from .test_bad_input import DROP
from .visitor import Visitor

FRONT = Path(__file__).parents[2] / "labextension"
# What runs says its number here.
WATCH = "void (window.ran = number => void (window.ranAlready ??= []).push(number))"
CLICK = """root => {
  for (const each of root.querySelectorAll('.jp-llmhub-markdown :is(a, mjx-container *, summary, input)')) {
    if (!/^(https?|mailto):/.test(each.href ?? '')) each.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  }
}"""
OURS = ".jp-llmhub-load, .jp-llmhub-file-link, .jp-llmhub-sort, .jp-llmhub-icon-button"
FORBIDDEN = (
    f"script, iframe, frame, object, embed, form, button:not({OURS}), select, textarea, style, link, meta, base, "
    "video, audio, source"
)
# What could pass for a part of the page, or lie over it.
DISGUISES = (
    ".jp-mod-accept, .jp-Button, .jp-Dialog, .jp-llmhub-button, [role=button], [data-testid=llmhub-approve], "
    "[style]:not(mjx-container, mjx-container *, svg *), "
    "[tabindex]:not(pre, .jp-llmhub-table-scroll, .jp-llmhub-icon-button, mjx-container, mjx-container *)"
)
HANDLERS = "*[onerror], *[onload], *[onclick], *[onfocus], *[ontoggle], *[onstart], *[data-commandlinker-command]"
# What the page asks of its own server by itself, whatever anybody says.
EXPECTED = re.compile(r"/(llmhub|api|static|lab/extensions|lab/api|lsp|kernelspecs)/|^data:|^blob:")


def one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text)


def title(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')


TEXTS = written()
PLACES = {
    "by themselves": "\n\n---\n\n".join(TEXTS),
    "in quotes": "\n\n".join("> " + text.replace("\n", "\n> ") for text in TEXTS),
    "in lists": "\n".join(f"- item\n  {text}".replace("\n", "\n  ") for text in TEXTS),
    "in tables": "| a | b |\n|---|---|\n" + "\n".join(f"| {one_line(text)} | x |" for text in TEXTS),
    "as titles of links": "\n\n".join(
        f'[x](https://a.example "{title(text)}") ![y](https://a.example "{title(text)}")' for text in TEXTS
    ),
}


async def test_nothing_that_a_model_says_runs_or_leaves_this_machine(visitor: Visitor, panel: Panel, wire: WireServer):
    popups: list[Page] = []
    visitor.context.on("page", lambda page: popups.append(page))
    address = panel.page.url
    before = len(visitor.requests)
    await panel.page.evaluate(WATCH)
    await panel.choose("lab/echo")
    for place, text in PLACES.items():
        wire.lines[place] = f"{text}\n\nthe end, {place}"
        await panel.send(place)
        await is_inert(panel, f"the end, {place}")
    conversation = await panel.conversation_id()
    # Sign by sign, so that tags, links and formulas stand half written in all the ways they can; and as thoughts.
    for model, place in {"letters": "sign by sign", "thinks": "thought"}.items():
        wire.lines[place] = f"{PLACES['by themselves']}\n\nthe end, {place}"
        await panel.send(place, f"lab/{model}")
        await is_inert(panel, f"the end, {place}")
    await panel.get("reasoning").last.get_by_role("button").first.click()
    await is_inert(panel)

    # The same in words of an error, in a title and in the list.
    await panel.get("new-chat").click()
    await panel.send(TEXTS[3], "lab/echo-key")
    await expect(panel.get("error")).to_be_visible()
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item").first).to_be_visible()
    await is_inert(panel)

    asked = [request.url for request in visitor.requests[before:]]
    assert [url for url in asked if not EXPECTED.search(url)] == []
    assert panel.page.url == address
    assert not popups
    assert conversation != await panel.conversation_id()


async def is_inert(panel: Panel, end: str = "") -> None:
    """Click whatever in the answers could be clicked; then nothing has run, and nothing is there that could."""
    if end:
        await expect(panel.answer).to_contain_text(end)
        await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.root.evaluate(CLICK)
    assert await panel.page.evaluate("window.ranAlready") is None
    said = panel.root.locator(".jp-llmhub-markdown .jp-llmhub-prose")
    assert await said.locator(FORBIDDEN).count() == 0
    assert await said.locator(DISGUISES).evaluate_all("all => all.map(one => one.outerHTML)") == []
    assert await panel.root.locator(HANDLERS).count() == 0
    assert await said.locator("[id]:not(mjx-container *, svg *)").count() == 0
    links = await said.locator("a[href]").evaluate_all("links => links.map(link => [link.protocol, link.target, link.rel].join())")
    assert {link.removeprefix("http:").removeprefix("https:") for link in links} <= {
        ",_blank,noopener noreferrer",
        "mailto:,_blank,noopener noreferrer",
    }, links
    await expect(panel.get("title")).to_be_visible()


async def test_names_and_results_are_words_wherever_they_stand(visitor: Visitor, panel: Panel, lab: JupyterProcess):
    page = panel.page
    await page.evaluate(WATCH)
    before = len(visitor.requests)
    bad = "<img src=x onerror=top.ran(0)><svg onload=top.ran(1)>"
    html = "\n".join(TEXTS).replace("\0", "")  # which is refused
    conversation = (await lab.call("POST", "conversations", {"title": bad, "model": f"lab/{bad}"}))["id"]
    outputs = ("text/html", "image/svg+xml", "application/javascript", "text/markdown", "text/latex", "text/plain", "x/y")
    results = [{"type": "output", "mime_bundle": {kind: html}, "metadata": {kind: {"isolated": True}}} for kind in outputs]
    parts = [
        {"type": "reasoning", "text": html},
        {"type": "tool_call", "call_id": "a", "name": bad, "arguments": json.dumps({bad: html}), "title": bad},
        {"type": "tool_result", "call_id": "a", "ok": True, "parts": [{"type": "text", "text": html}, *results]},
        {"type": "tool_call", "call_id": "b", "name": bad, "arguments": html},
        *({**result, "metadata": {}} for result in results),
        {"type": "citation", "file_id": bad, "title": bad, "locator": bad, "quote": html},
        {"type": "quote", "message_id": bad, "text": html},
        {"type": "file", "file_id": bad, "name": bad, "media_type": bad},
        {"type": "text", "text": "the end"},
    ]
    path = f"conversations/{conversation}/messages"
    question = {"client_request_id": new_id(), "parent_id": None, "role": "user", "parts": [{"type": "text", "text": bad}]}
    asked = (await lab.call("POST", path, question))["id"]
    said = {"client_request_id": new_id(), "parent_id": asked, "role": "assistant", "parts": parts[-1:], "model": f"lab/{bad}"}
    await lab.call("POST", path, said)

    # It failed, and nothing that its provider said is anything but words.
    failed = {"code": "unavailable", "message": html, "hint": bad, "details": {"provider": bad, "status": 500}}
    headers = {bad: bad, "content-type": "text/html"}
    exchange = {
        "provider": bad,
        "method": bad,
        "url": f"http://evil.example/{bad}",
        "status": 500,
        "error": html,
        "truncated": True,
    }
    exchange |= {"request_headers": headers, "response_headers": headers, "request_body": {bad: html}, "response_body": html}
    exchange |= {"started_at": bad, "duration_ms": 1}

    async def with_exchange(route: Route) -> None:
        await route.fulfill(json={"items": [exchange], "note": html})

    await page.route(re.compile("/runs/bad/exchange"), with_exchange)

    async def with_parts(route: Route) -> None:
        """What only agents can say is put in on the way."""
        response = await route.fetch()
        body = await response.json()
        for message in body["items"]:
            if message["role"] == "assistant":
                message |= {"parts": parts, "error": failed, "status": "failed", "run_id": "bad"}
        await route.fulfill(response=response, json=body)

    await page.route(re.compile(f"{path}[?]|{path}$"), with_parts)

    # The list, the header, the picker of models; what is folded, unfolded; the details of the answer.
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item").locator(".jp-llmhub-item-title")).to_have_text([bad])
    await panel.get("conversation-item").get_by_role("button").first.click()
    await expect(panel.get("title")).to_have_text(bad)
    await expect(panel.answer).to_contain_text("the end")
    await panel.answer.get_by_text("Worked in 3 steps").click()
    await expect(panel.get("tool")).to_have_count(2)
    folds = panel.get("tool").locator("> .jp-llmhub-fold")
    await expect(folds.first).to_contain_text(bad)
    for number in range(2):
        await folds.nth(number).click()
        await expect(folds.nth(number)).to_have_attribute("aria-expanded", "true")
    await is_inert(panel)
    await expect(panel.get("error")).to_contain_text("<svg onload=")
    await panel.get("error-details").click()
    await expect(page.get_by_test_id("llmhub-exchange")).to_contain_text("<svg onload=")
    await page.get_by_test_id("llmhub-exchange").get_by_text("Response headers").click()
    await panel.leave_dialog()
    await panel.answer.get_by_test_id("llmhub-model-note").click()
    await expect(page.get_by_test_id("llmhub-details")).to_contain_text(bad)
    await page.keyboard.press("Escape")
    await panel.get("model-picker").click()
    await expect(panel.get("model-search")).to_be_visible()
    await page.keyboard.press("Escape")

    # A tab in the main area, JupyterLab's palette, and the name of a file.
    tab = await panel.open_tab(conversation)
    await expect(panel.title_bar).to_contain_text(bad[:10])
    await is_inert(tab)
    await panel.run("apputils:activate-command-palette")
    await expect(page.locator(".lm-CommandPalette-content")).to_be_visible()
    await page.keyboard.press("Escape")
    await tab.composer.evaluate(DROP, {"name": f"{bad}.txt", "type": "text/plain", "data": "YQ=="})
    await expect(tab.get("chip")).to_contain_text("<img src=x")

    assert await page.evaluate("window.ranAlready") is None
    assert await page.locator(HANDLERS).count() == 0
    urls = [request.url for request in visitor.requests[before:]]
    assert [url for url in urls if not EXPECTED.search(url)] == []


class Bench:
    """A page with our Markdown in it and nothing else. It notes who ran, and who asked or went anywhere; nothing leaves it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: set[int] = set()
        self.others: list[str] = []

    async def open(self) -> None:
        async def serve(route: Route) -> None:
            url = urlsplit(route.request.url)
            if url.hostname == "bench.example" and url.path == "/":
                await route.fulfill(body="<!doctype html><title>Bench</title><body>", content_type="text/html")
                return
            payload = re.fullmatch(rf"p(\d+)\.{re.escape(HOST)}", url.hostname or "")
            if payload:
                self.seen.add(int(payload[1]))
            else:
                self.others.append(route.request.url)
            await route.abort()

        self.page.context.on("page", lambda page: self.others.append(f"a window: {page.url}"))
        self.page.on("dialog", lambda dialog: self.others.append(f"a dialog: {dialog.message}"))
        await self.page.context.route("**/*", serve)
        await self.page.goto("http://bench.example/")
        await self.page.evaluate(WATCH)
        process = await asyncio.create_subprocess_exec(
            *(FRONT / "node_modules/.bin/esbuild", FRONT / "tests/support/prefixes.ts", "--bundle", "--format=iife"),
            stdout=asyncio.subprocess.PIPE,
        )
        script, _ = await process.communicate()
        assert process.returncode == 0
        await self.page.evaluate(script.decode())

    async def fired(self) -> set[int]:
        """Who ran, asked or went anywhere up to now."""
        return self.seen | set(await self.page.evaluate("window.ranAlready ?? []"))


@pytest_asyncio.fixture(loop_scope="package")
async def bench(browser: Browser) -> AsyncIterator[Bench]:
    context = await browser.new_context()
    bench = Bench(await context.new_page())
    await bench.open()
    yield bench
    await context.close()


async def test_nothing_runs_or_asks_wherever_the_stream_is_cut(bench: Bench):
    drawn = 0
    for number, text in enumerate(TEXTS):
        found = await bench.page.evaluate("text => prefixes.everyPrefix(text)", f"{text}\n\nafter")
        assert found["faults"] == [], PAYLOADS[number]
        drawn += found["drawn"]
    assert drawn > 5000
    assert await bench.fired() == set()
    assert bench.others == []
    assert bench.page.url == "http://bench.example/"


async def test_the_same_does_run_and_ask_where_nobody_takes_care(bench: Bench):
    careless = await bench.page.evaluate("texts => texts.map(prefixes.careless)", TEXTS)
    # Each in a document of its own, in which everything is clicked that can be.
    await bench.page.evaluate(
        """documents => Promise.all(documents.map(({html}) => new Promise(done => {
          const frame = document.createElement('iframe');
          frame.addEventListener('load', async () => {
            const clickable = frame.contentDocument?.querySelectorAll('a, button, summary, [onclick], input[type=submit]') ?? [];
            for (const one of clickable) {
              one.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
              await new Promise(setTimeout);
            }
            done();
          }, {once: true});
          frame.srcdoc = `<!doctype html><body>${html}`;
          document.body.append(frame);
        })))""",
        careless,
    )
    async with asyncio.timeout(20):
        while len(await bench.fired()) < 45:
            await bench.page.evaluate("new Promise(requestAnimationFrame)")
    harmless = [number for number, each in enumerate(careless) if not each["faults"]]
    others = {*MERMAID, *MATHEMATICS}  # for whom it takes more than a browser
    assert len([number for number in harmless if PAYLOADS[number] not in others]) <= 3, [PAYLOADS[number] for number in harmless]


async def test_the_watch_over_the_network_sees_what_it_should(visitor: Visitor, panel: Panel):
    async with panel.page.expect_event("requestfailed"):
        await panel.page.evaluate(f"new Image().src = 'http://{HOST}/seen.png'")
    assert visitor.strays == [f"http://{HOST}/seen.png"]
    visitor.strays.clear()
