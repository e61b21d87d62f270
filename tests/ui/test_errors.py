"""What went wrong is said in words, what had arrived stays, and there is a way on."""

from __future__ import annotations

import re

from playwright.async_api import expect

from llmhub.providers.circuit import AFTER
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import last_answer

FAILURES = {
    "bad/echo": ("key_rejected", "key"),
    "gone/echo": ("unavailable", "cannot be reached|refused"),
    "html/echo": ("bad_answer", "web page|HTML"),
    "lab/missing-model": ("model_not_found", "missing-model"),
    "lab/empty": ("bad_answer", "empty|nothing"),
    "lab/filtered": ("content_refused", "filter|refused"),
    "lab/too-long": ("context_too_long", "long"),
    "lab/malformed-json": ("bad_answer|interrupted", "JSON|read"),
}


async def test_every_failure_says_what_happened_and_retry_with_another_model_works(panel: Panel, wire: WireServer):
    for count, (model, (code, words)) in enumerate(FAILURES.items(), 1):
        await panel.get("new-chat").click()
        await panel.send("Hello there", model)
        card = panel.get("error")
        await expect(card).to_have_attribute("data-code", re.compile(code))
        await expect(card).to_contain_text(re.compile(words, re.IGNORECASE))
        await expect(card).not_to_contain_text("sk-")
        await expect(panel.answer).to_have_attribute("data-status", re.compile("failed|interrupted"))

        await panel.choose("lab/markdown")
        await panel.get("retry").click()
        await expect(panel.answer).to_have_attribute("data-status", "complete")
        await expect(panel.answer).to_contain_text("A heading")
        await expect(card).to_have_count(0)
        await expect(panel.questions).to_have_count(1)
        assert len(wire.asked("markdown")) == count


async def test_a_refused_key_leads_to_where_it_is_mended(panel: Panel):
    await panel.send("Hello", "bad/echo")
    await panel.get("fix-key").click()
    await expect(
        panel.root.locator('[data-testid="llmhub-provider"][data-name="bad"]').get_by_test_id("llmhub-key-input")
    ).to_be_visible()


async def test_a_connection_cut_in_mid_answer_keeps_what_had_arrived(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.send("Hello", "lab/cut-midstream")
    await panel.shows("Two tokens", status="interrupted")
    await expect(panel.get("error")).to_contain_text("Interrupted")
    assert len(wire.asked("cut-midstream")) == 1

    await panel.choose("lab/tokens-3-at-0")
    await panel.get("continue").click()
    await panel.shows("Two tokens w0 w1 w2", status="complete")
    await expect(panel.get("error")).to_have_count(0)
    assert await last_answer(lab, panel) == "Two tokens w0 w1 w2 "


async def test_a_provider_that_wants_to_be_asked_later_is_waited_for_with_a_countdown(panel: Panel, wire: WireServer):
    await panel.page.clock.install()
    await panel.send("Hello", "lab/rate-limited-1h")
    retry = panel.get("retry")
    await expect(retry).to_be_disabled()
    await expect(retry).to_have_text("Retry in 60 min")
    await panel.page.clock.fast_forward(3_500_000)
    await expect(retry).to_have_text(re.compile(r"Retry in (\d\d|100) s"))
    await panel.page.clock.fast_forward(101_000)
    await expect(retry).to_have_text("Retry")
    await retry.click()
    await expect(retry).to_have_text("Retry in 60 min")
    assert len(wire.asked("rate-limited-1h")) == 2


async def test_a_short_wait_is_waited_out_without_an_error(panel: Panel, wire: WireServer):
    await panel.send("Hello", "lab/rate-limited-1s")
    await panel.shows("Hello", status="complete")
    await expect(panel.get("error")).to_have_count(0)
    assert len(wire.asked("rate-limited-1s")) == 2


async def test_a_provider_that_fails_again_and_again_is_left_alone_and_the_panel_says_so(panel: Panel, lab: JupyterProcess):
    await lab.call("PUT", "providers/nobody", {"kind": "openai", "base_url": "http://127.0.0.1:1/v1"})
    await lab.call("PUT", "providers/nobody/key", {"api_key": "sk-nobody"})
    held = await lab.call("POST", "conversations", {"title": "To nobody", "model": "nobody/echo"})
    await panel.run("llmhub:open-conversation", conversation=held["id"])
    await expect(panel.get("model-picker")).to_have_attribute("data-model", "nobody/echo")
    question = {"model": "nobody/echo", "messages": [{"role": "user", "content": "Hello"}]}
    for _ in range(AFTER):
        async with lab.session.post(f"{lab.url}llmhub/v1/chat/completions", json=question) as answer:
            assert answer.status >= 500
    await panel.send("Hello")
    card = panel.get("error")
    await expect(card).to_contain_text("nobody failed again and again and is left alone for a while")
    await expect(card).to_contain_text("Choose another model meanwhile. To try at once, test the provider.")
    await expect(panel.get("retry")).to_have_text(re.compile(r"Retry in \d+ s"))
    await panel.get("check-provider").click()
    await expect(panel.root.locator('[data-testid="llmhub-provider"][data-name="nobody"]')).to_be_visible()
    await lab.call("DELETE", "providers/nobody")
