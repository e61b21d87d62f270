"""A person with a browser of their own: cookies, storage, tabs. It watches that nothing leaves this machine and nothing crashes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, WebError

from tests.servers import TOKEN

from .panel import WATCH_FOCUS, Panel

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    # Whatever a page may try: no name but this machine's is ever looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # The last of these switches counts, so Playwright's own are named again; the last line is ours: each window would load
    # pages for its address bar (which nobody sees), a quarter of what JupyterLab costs.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,"
    "AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = tuple(f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome"))
OURS = "/lab/extensions/@llmhub/"
THROTTLE = float(os.environ.get("LLMHUB_TEST_THROTTLE", 1))
"""How many times slower than this machine the pages shall be: a tool to find tests that expect a quick one."""


async def launch(playwright: Playwright) -> Browser:
    """The Chromium of LLMHUB_CHROMIUM, else the system's, else Playwright's own."""
    found = os.environ.get("LLMHUB_CHROMIUM") or next((path for name in (*NAMES, *MAC) if (path := shutil.which(name))), None)
    return await playwright.chromium.launch(executable_path=found, args=list(FLAGS))


UNHURRIED = """{
  const inTime = window.setTimeout;
  window.setTimeout = (work, ms, ...rest) => inTime(work, [1500, 7000, 12000].includes(ms) ? 20 * ms : ms, ...rest);
}"""
"""What a person has some seconds for (to read "Copied", to undo) lasts for minutes: a machine may be slower than any person."""


class Visitor:
    """`panel = await visitor.tab()` opens JupyterLab with the token, once; further tabs have the cookie."""

    _count = 0

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.strays: list[str] = []
        self.crashes: list[str] = []
        self._failed_plugins: list[tuple[Page | None, str]] = []
        self.requests: list[Request] = []
        self._unanswered: set[Request] = set()
        self._answered = asyncio.Event()
        self._has_cookie = False
        Visitor._count += 1
        # A workspace of one's own: what a visitor before has arranged is not there.
        self._path = f"lab/workspaces/visitor-{Visitor._count}"
        context.on("request", self._note)
        for ended in ("requestfinished", "requestfailed"):
            context.on(ended, self._note_answered)
        context.on("weberror", self._note_crash)
        context.on("console", self._note_failed_plugin)

    @classmethod
    async def arrive(cls, browser: Browser, url: str, **options: Any) -> Visitor:
        """A new browser profile; `options` are Playwright's for a context."""
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        await context.add_init_script(WATCH_FOCUS)
        await context.add_init_script(UNHURRIED)
        return cls(context, url)

    async def tab(self) -> Panel:
        """JupyterLab in a new tab, with the panel ready."""
        panel = Panel(await self.context.new_page())
        if THROTTLE > 1:
            session = await self.context.new_cdp_session(panel.page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        await self.go(panel.page)
        await panel.is_loaded()
        return panel

    async def go(self, page: Page) -> None:
        """Open JupyterLab in this tab, logging in with the token if that has not happened yet."""
        login = "" if self._has_cookie else f"?token={TOKEN}"
        await page.goto(f"{self.url}{self._path}{login}", wait_until="commit")
        self._has_cookie = True

    async def log_out(self, page: Page) -> None:
        """The login is over: no cookie is left, and the page's own token is not sent any more."""
        await page.evaluate("jupyterapp.serviceManager.serverSettings.token = ''")
        # The answer to a request that was sent with the token brings the login's cookie back.
        async with asyncio.timeout(30):
            while any("authorization" in request.headers for request in self._unanswered):
                self._answered.clear()
                await self._answered.wait()
        await self.context.clear_cookies()
        # Who is refused gets a cookie against forgeries, no login.
        assert [cookie for cookie in await self.context.cookies() if cookie["name"] != "_xsrf"] == []

    async def leave(self) -> None:
        """Close everything; nothing may have gone elsewhere, and none of our scripts may have crashed."""
        for page, said in self._failed_plugins:
            # A window that was closed while JupyterLab loaded in it (the login's) could not fetch the rest.
            if "Failed to fetch" not in said or (page is not None and not page.is_closed()):
                self.crashes.append(said)
        await self.context.close()
        assert not self.strays, f"the page asked for {self.strays}"
        assert not self.crashes, f"errors in the page: {self.crashes}"

    def _note_crash(self, error: WebError) -> None:
        if OURS in (error.error.stack or ""):  # JupyterLab itself does not catch everything when its server goes away
            self.crashes.append(error.error.stack or "")

    def _note_failed_plugin(self, message: ConsoleMessage) -> None:
        if message.text.startswith("Plugin '@llmhub/lab:"):  # "failed to activate": JupyterLab goes on without it
            self._failed_plugins.append((message.page, message.text))

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        self._unanswered.add(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.strays.append(request.url)

    def _note_answered(self, request: Request) -> None:
        self._unanswered.discard(request)
        self._answered.set()


Arrive = Callable[..., Awaitable[Visitor]]
"""`await arrive(url)` gives a visitor whose browser is closed after the test."""
