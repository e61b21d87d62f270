"""A panel, in the side area or in a tab of the main area, as a person sees and uses it."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, Page, expect

from .again import becomes

WATCH_FOCUS = """addEventListener('focusin', event => {
  window.isMainFocused ||= event.target.closest?.('#jp-main-dock-panel') != null;
}, true)"""
# The launcher, or the tab that was used last, takes the focus when it appears: a moment after the panel.
RESTORED = """async () => {
  await jupyterapp.restored;
  await new Promise(drawn => requestAnimationFrame(() => requestIdleCallback(drawn)));
}"""
LOADS_WITHIN = 120_000
"""Milliseconds for all of JupyterLab: the first page of a server that has just started, on a busy machine, took more than 30 s."""
SAVED = """async () => {
  const id = decodeURIComponent(location.pathname.split('/workspaces/')[1]);
  const tabs = [...jupyterapp.shell.widgets('main')].filter(tab => tab.session);
  for (;;) {
    const {data} = await jupyterapp.serviceManager.workspaces.fetch(id).catch(() => ({data: {}}));
    const layout = JSON.stringify(data['layout-restorer:data'] ?? {});
    const isKept = tab => layout.includes(tab.id) && data[`llmhub:${tab.id}`]?.data.conversation === tab.session.chat.id;
    if (tabs.every(isKept)) return;
    await new Promise(requestAnimationFrame);
  }
}"""


async def is_freed(page: Page, names: str) -> None:
    """Wait until garbage collection has taken all of it. `names`: a script for an array of what is left; undefined is gone."""
    collector = await page.context.new_cdp_session(page)

    async def left() -> list[str]:
        await collector.send("HeapProfiler.collectGarbage")
        return await page.evaluate(f"({names}).filter(name => name)")

    await becomes(left, [])
    await collector.detach()


class Panel:
    """`panel.get("send")` is what carries `data-testid="llmhub-send"`. Without `root` it is the side panel of the page."""

    def __init__(self, page: Page, root: Locator | None = None) -> None:
        self.page = page
        self.root = page.locator("#llmhub-panel") if root is None else root
        self.composer = self.get("composer")
        self.answers = self.messages("assistant")
        self.questions = self.messages("user")

    def get(self, name: str) -> Locator:
        return self.root.get_by_test_id(f"llmhub-{name}")

    def messages(self, role: str) -> Locator:
        return self.root.locator(f'[data-testid="llmhub-message"][data-role="{role}"]')

    @property
    def answer(self) -> Locator:
        """The last answer shown."""
        return self.answers.last

    async def is_there(self) -> None:
        """Wait until the panel can be used."""
        await expect(self.composer).to_be_visible(timeout=LOADS_WITHIN)
        await expect(self.get("model-picker")).to_be_visible(timeout=LOADS_WITHIN)

    async def is_loaded(self) -> None:
        """Wait until the page stands as it will: the panel can be used, and JupyterLab does not take the focus any more."""
        await self.is_there()
        await self.jupyterlab_is_restored()

    async def jupyterlab_is_restored(self) -> None:
        """Wait until its layout is there, its splash is gone, and what it shows in the main area has taken the focus."""
        await self.page.wait_for_function("window.isMainFocused && window.jupyterapp !== undefined", timeout=LOADS_WITHIN)
        await self.page.evaluate(RESTORED)  # `wait_for_function` does not wait for promises
        await expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=LOADS_WITHIN)

    async def reload(self) -> None:
        """Load the page again, and wait as for the first time."""
        await self.page.reload(wait_until="commit")
        await self.is_loaded()

    async def is_saved(self) -> None:
        """Wait until the server has JupyterLab's layout with every tab and its conversation: half a second after a change."""
        await asyncio.wait_for(self.page.evaluate(SAVED), 30)

    async def choose(self, model: str) -> None:
        """Pick the model that answers next, by its id; the composer has the keys afterwards."""
        await self.get("model-picker").click()
        await self.get("model-search").fill(model)
        await self.root.locator(f'[data-testid="llmhub-model-option"][data-model-id="{model}"]').click()
        await expect(self.get("model-picker")).to_have_attribute("data-model", model)
        await expect(self.composer).to_be_focused()

    async def send(self, text: str, model: str | None = None) -> None:
        """Write and send with Enter; return when the question is in the thread."""
        if model is not None:
            await self.choose(model)
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.composer).to_have_value("")
        await expect(self.questions.last.locator(".jp-llmhub-plain")).to_have_text(text)

    async def shows(self, text: str, *, status: str | None = None, at: int = -1) -> None:
        """Wait until an answer reads exactly like this, and is in this state while it does."""
        answer = self.answers.nth(at)
        if status is not None:
            answer = answer.and_(self.page.locator(f'[data-status="{status}"]'))
        await expect(answer.locator(".jp-llmhub-markdown")).to_have_text(text)

    async def says_branch(self, message: Locator, label: str) -> None:
        """Wait until a message's branch picker says "2/3"."""
        await expect(message.get_by_test_id("llmhub-branch-label")).to_have_text(label)

    async def conversation_id(self) -> str:
        """The conversation shown, as the page remembers it; in a tab, as the tab does."""
        if await self.root.get_attribute("id") == "llmhub-panel":
            return await self.page.evaluate("localStorage.getItem('llmhub:conversation')")
        find = "root => [...jupyterapp.shell.widgets('main')].find(widget => widget.node === root).session.chat.id"
        return await self.root.evaluate(find)

    async def run(self, command: str, **arguments: object) -> None:
        """Run a command of JupyterLab's, as soon as it can be run."""
        await self.page.wait_for_function(
            "([command, args]) => jupyterapp.commands.isEnabled(command, args)", arg=[command, arguments]
        )
        await self.page.evaluate("([command, args]) => void jupyterapp.commands.execute(command, args)", [command, arguments])

    async def open_tab(self, conversation: str | None = None) -> Panel:
        """A panel of its own in the main area, ready: with this conversation, or with a new chat."""
        known = await self.page.locator('[id^="llmhub-tab-"]').count()
        await self.run("llmhub:open-tab", **({"conversation": conversation} if conversation else {}))
        tabs = self.page.locator('[id^="llmhub-tab-"]')
        await expect(tabs).to_have_count(known + 1)
        name = await tabs.last.get_attribute("id")
        tab = Panel(self.page, self.page.locator(f"#{name}"))
        await tab.is_there()
        return tab

    @property
    def title_bar(self) -> Locator:
        """The handle of a tab in the main area."""
        return self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.jp-llmhub-tab")

    async def without_dialogs(self) -> None:
        """Dismiss what JupyterLab itself puts over the page when its server is away."""
        while dialog := await self.page.query_selector(".jp-Dialog"):
            await expect(self.page.locator(".jp-Dialog :focus")).to_have_count(1)
            await self.page.keyboard.press("Escape")
            await dialog.wait_for_element_state("hidden")

    async def nodes(self) -> int:
        """How many elements the panel has."""
        return await self.root.locator("*").count()

    async def wear(self, theme: str) -> None:
        """Change JupyterLab's theme; its splash covers the page meanwhile, and for a moment longer."""
        await self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        await expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        await expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    async def leave_dialog(self) -> None:
        """Close JupyterLab's dialog with Escape, once it has taken the focus."""
        await expect(self.page.locator(".jp-Dialog :focus")).to_have_count(1)
        await self.page.keyboard.press("Escape")
        await expect(self.page.locator(".jp-Dialog")).to_have_count(0)

    async def resize(self, width: int) -> None:
        """Drag the sidebar's edge until the panel is so wide."""
        edge = self.page.locator("#jp-main-vsplit-panel, #jp-main-split-panel").locator(".lm-SplitPanel-handle:visible")
        for _ in range(10):
            box = await self.root.bounding_box()
            assert box is not None
            if abs(box["width"] - width) <= 2:
                return
            grip = await edge.last.bounding_box()
            assert grip is not None
            x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
            await self.page.mouse.move(x, y)
            await self.page.mouse.down()
            await self.page.mouse.move(x + box["width"] - width, y, steps=4)
            await self.page.mouse.up()
        raise AssertionError(f"the panel does not become {width} px wide: {box}")

    async def write(self, text: str) -> None:
        """Paste a long text."""
        await self.composer.focus()
        await self.composer.evaluate("(field, text) => document.execCommand('insertText', false, text)", text)
