"""What is measured stands here: a model server, a JupyterLab with the panel and a bare one, and one Chromium for both."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from llmhub.conversations.store import ConversationStore
from tests.servers import JupyterProcess
from tests.ui.conftest import lab_in
from tests.ui.visitor import Visitor, launch

from ..grown import grow
from ..processes import folder, model_server
from .build import build
from .page import MeasuredPage

ANSWER, STAMPS, THINKER = "answer-5000-at-200", "stamps-30-at-100", "stamps-30-at-100-after-250"
MODELS = (ANSWER, STAMPS, THINKER, "answer-20000-at-200", "words-3-at-0")
WIDTH = 480


@dataclass(frozen=True, slots=True)
class Stand:
    """`async with stand() as here: page = await here.page()`"""

    browser: Browser
    lab: JupyterProcess
    bare: JupyterProcess
    long_id: str
    wide_id: str
    """A conversation with many branches."""

    @asynccontextmanager
    async def page(self, *, bare: bool = False) -> AsyncIterator[MeasuredPage]:
        """JupyterLab in a fresh browser profile; the panel shown and ready unless it is the bare one."""
        visitor = await Visitor.arrive(self.browser, (self.bare if bare else self.lab).url)
        try:
            page = await MeasuredPage.open(self.browser, visitor)
            await visitor.go(page.page)
            await page.page.wait_for_function("window.isMainFocused")
            if not bare:
                await page.panel.is_there()
                await page.panel.resize(WIDTH)
            await page.is_quiet()
            yield page
        finally:
            await visitor.context.close()


@asynccontextmanager
async def stand(fill: Callable[[ConversationStore], Awaitable[str]]) -> AsyncIterator[Stand]:
    """`fill` writes the long conversation and gives its id."""
    with folder() as where, model_server(where) as url:
        (where / "bare-extensions").mkdir()
        provider = {"kind": "openai", "base_url": f"{url}/v1", "api_key": "sk-bench", "models": list(MODELS)}
        settings = {"providers": {"lab": provider}, "default_model": f"lab/{ANSWER}", "local_servers": []}
        data = where / "ours" / "llmhub"
        data.mkdir(parents=True)
        store = ConversationStore(data / "llmhub.db", backups=data / "backups")
        long_id = await fill(store)
        wide_id = await grow(store, "A talk with many branches", 10_000, [f"lab/{model}" for model in MODELS])
        await store.aclose()
        ours = with_extensions(where / "ours", build(where), settings)
        bare = with_extensions(where / "bare", where / "bare-extensions", {"local_servers": []})
        async with ours, bare, async_playwright() as playwright:
            browser = await launch(playwright)
            yield Stand(browser, ours, bare, long_id, wide_id)
            await browser.close()


def with_extensions(where: Path, extensions: Path, settings: dict[str, object]) -> JupyterProcess:
    """A JupyterLab with these front-end extensions and none else."""
    where.mkdir(exist_ok=True)
    server = lab_in(where, settings)
    config = where / "jupyter" / "config" / "jupyter_server_config.json"
    config.write_text(json.dumps({"LabApp": {"labextensions_path": [str(extensions)]}}))
    return server
