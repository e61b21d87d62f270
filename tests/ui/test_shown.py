"""Pictures of the main states, to be looked at: they lie in `screenshots/` afterwards. Asserted is what needs no eyes."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.async_api import expect

from llmhub.ids import new_id
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .again import becomes
from .panel import Panel
from .talk import said
from .test_bad_input import DROP, PNG
from .test_layout import is_in_order
from .visitor import Visitor

FOLDER = Path(__file__).with_name("screenshots")
WIDTHS = {"narrow": 250, "middle": 480, "wide": 900}
THEMES = {"dark": "JupyterLab Dark", "light": "JupyterLab Light"}
"""The last one is as it was before: JupyterLab remembers it."""
MODEL = "lab/qwen3-32b"
QUESTION = "How does gradient descent find its way, and when does it fail?"
ANSWER = """Gradient descent walks **downhill**: each step goes against the gradient, scaled by the learning rate $\\eta$.

$$\\theta_{t+1} = \\theta_t - \\eta\\,\\nabla L(\\theta_t)$$

## In code

```python
def descend(theta, grad, eta=0.1, steps=100):
    for _ in range(steps):
        theta = theta - eta * grad(theta)  # downhill
    return theta
```

## When it fails

1. A rate that is too large makes it *diverge*.
2. A flat plateau makes it crawl; `momentum` helps.

| Rate | Steps | Converges |
|---:|---:|:---|
| 0.01 | 412 | yes, slowly |
| 0.1 | 38 | yes |
| 1.5 | — | no |
"""


async def shoot(panel: Panel, name: str, *, whole: bool = False) -> None:
    """Look at the panel, and keep a picture of it."""
    FOLDER.mkdir(exist_ok=True)
    await becomes(lambda: panel.root.evaluate("root => root.scrollWidth <= root.clientWidth + 1"), True)
    path = FOLDER / f"{name}.png"
    await (panel.page.screenshot(path=path) if whole else panel.root.screenshot(path=path))


async def told(server: JupyterProcess, *said: str) -> str:
    """A conversation in which question and answer alternate like this. Gives its id."""
    conversation = (await server.call("POST", "conversations", {"title": "Gradient descent", "model": MODEL}))["id"]
    parent = None
    for number, text in enumerate(said):
        role = "assistant" if number % 2 else "user"
        message = {"client_request_id": new_id(), "parent_id": parent, "role": role, "parts": [{"type": "text", "text": text}]}
        path = f"conversations/{conversation}/messages"
        parent = (await server.call("POST", path, {**message, "model": MODEL if number % 2 else None}))["id"]
    return conversation


async def test_a_conversation_is_shown_light_and_dark_narrow_and_wide(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.page.set_viewport_size({"width": 1600, "height": 900})
    await told(lab, QUESTION, ANSWER)
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").get_by_role("button").first.click()
    await expect(panel.answer.locator("mjx-container")).to_have_count(2)
    for theme, label in THEMES.items():
        await panel.wear(label)
        for name, width in WIDTHS.items():
            await panel.resize(width)
            await panel.get("thread").evaluate("view => { view.scrollTop = view.scrollHeight }")
            await is_in_order(panel, f"{theme}, {name}")
            await shoot(panel, f"thread-{theme}-{name}")
        await panel.resize(WIDTHS["middle"])
        await shoot(panel, f"lab-{theme}", whole=True)

    picture = {"name": "dot.png", "type": "image/png", "data": base64.b64encode(PNG).decode()}
    await panel.send("Go on", "lab/gated")
    wire.gate().release(60)
    await panel.shows(said(60), status="running")
    await panel.composer.evaluate(DROP, picture)
    await expect(panel.get("chip")).to_have_count(1)
    await panel.composer.fill("And then?")
    await shoot(panel, "streaming-light-middle")
    wire.gate().release(0, finish=True)
    await panel.shows(said(60), status="complete")
    await panel.get("model-picker").click()
    await expect(panel.get("model-option").first).to_be_visible()
    await shoot(panel, "models-light-middle")
    await panel.get("model-search").press("Escape")
    await panel.get("chip").get_by_role("button", name="Remove").click()
    await panel.send("Once more", "lab/rate-limited-1h")
    await expect(panel.get("retry")).to_be_visible()
    await shoot(panel, "error-light-middle")
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_be_visible()
    await shoot(panel, "list-light-middle")


async def test_conversations_are_shown_side_by_side(panel: Panel, wire: WireServer):
    await panel.page.set_viewport_size({"width": 1600, "height": 900})
    await panel.send(QUESTION, "lab/reasoner")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    tab = await panel.open_tab()
    await tab.send("What can you do?", "lab/markdown")
    await expect(tab.answer.locator("mjx-container")).to_be_visible()
    await shoot(tab, "tab-light", whole=True)


async def test_the_first_steps_are_shown(newcomer: Visitor, wire: WireServer):
    panel = await newcomer.tab()
    for theme, label in THEMES.items():
        await panel.wear(label)
        for name in ("narrow", "middle"):
            await panel.resize(WIDTHS[name])
            await is_in_order(panel, f"{theme}, {name}")
            await shoot(panel, f"welcome-{theme}-{name}")
