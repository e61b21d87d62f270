"""What can be done with a message, and what is known of it."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import last_answer, stored, text_of
from .visitor import Visitor

THOUGHT = re.compile(r"Thought for \d+ s")


async def test_an_answer_can_be_asked_for_again_shorter_or_by_another_model_and_tells_what_went_over_the_wire(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    page = panel.page
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.send("two")
    await panel.shows("two", status="complete")

    # In the middle of a conversation: what followed stays on its branch.
    first = panel.answers.first
    await first.hover()
    await first.get_by_test_id("llmhub-regenerate-menu").click()
    await page.get_by_test_id("llmhub-regenerate-shorter").click()
    await expect(panel.answers).to_have_count(1)
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await expect(panel.answer.get_by_test_id("llmhub-instruction")).to_have_text("Shorter")
    assert "more briefly" in wire.asked("echo")[-1].body["messages"][-1]["content"]

    await panel.answer.get_by_test_id("llmhub-regenerate-menu").click()
    await page.get_by_test_id("llmhub-regenerate-other").click()
    choice = page.get_by_test_id("llmhub-model-choice")
    await choice.get_by_test_id("llmhub-model-search").fill("reasoner")
    await page.keyboard.press("Enter")
    await panel.says_branch(panel.answer, "3/3")
    await panel.shows("The answer is 42.", status="complete")
    await expect(panel.answer.get_by_test_id("llmhub-reasoning")).to_contain_text(THOUGHT)
    await expect(panel.get("model-picker")).to_have_attribute("data-model", "lab/echo")

    await panel.answer.get_by_test_id("llmhub-model-note").click()
    details = page.get_by_test_id("llmhub-details")
    for words in ("lab/reasoner", "120 (100 cached)", "50 (30 reasoning)", "by itself", "tokens/s"):
        await expect(details).to_contain_text(words)
    await page.get_by_test_id("llmhub-exchange-door").click()
    exchange = page.get_by_test_id("llmhub-exchange")
    await expect(exchange).to_contain_text("/v1/chat/completions")
    await expect(exchange).to_contain_text('"model": "reasoner"')
    await exchange.get_by_text("Request headers").click()
    await expect(exchange).not_to_contain_text("sk-")
    await exchange.get_by_text("Response headers").focus()
    await page.keyboard.press("Enter")
    await expect(exchange).to_contain_text("content-type")
    await page.keyboard.press("Escape")
    await expect(exchange).to_have_count(0)

    await panel.reload()
    await panel.says_branch(panel.answer, "3/3")
    await expect(panel.answer.get_by_test_id("llmhub-reasoning")).to_contain_text(THOUGHT)
    await panel.answer.get_by_test_id("llmhub-branch-prev").click()
    await expect(panel.answer.get_by_test_id("llmhub-instruction")).to_have_text("Shorter")
    await panel.answer.get_by_test_id("llmhub-branch-prev").click()
    await panel.shows("two")


async def test_an_edit_is_saved_without_asking_and_a_branch_is_deleted_and_taken_back_in_every_tab(
    visitor: Visitor, lab: JupyterProcess, wire: WireServer
):
    panel = await visitor.tab()
    page = panel.page
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    other = await visitor.tab()
    await other.shows("one", status="complete")

    await panel.answer.get_by_test_id("llmhub-edit").click()
    await expect(panel.get("edit-input")).to_be_focused()
    await panel.get("edit-input").fill("A better answer")
    await panel.get("edit-keep").click()
    await panel.shows("A better answer", status="complete")
    await panel.says_branch(panel.answer, "2/2")
    await other.shows("A better answer", status="complete")
    assert await last_answer(lab, panel) == "A better answer"
    await panel.send("go on")
    await panel.shows("go on", status="complete")
    assert [message["content"] for message in wire.asked("echo")[-1].body["messages"]] == ["one", "A better answer", "go on"]

    first = panel.answers.first
    await first.hover()
    await first.get_by_test_id("llmhub-more").click()
    await page.get_by_test_id("llmhub-more-delete").click()
    await expect(panel.get("deleted")).to_contain_text("Deleted 3 messages")
    await panel.shows("one", status="complete")
    await expect(panel.get("branch-label")).to_have_count(0)
    await expect(other.answers).to_have_count(1)
    await other.shows("one", status="complete")
    await panel.get("undelete").click()
    await expect(panel.answers).to_have_count(2)
    await panel.shows("go on", status="complete")
    await other.shows("go on", status="complete")
    assert len(wire.asked("echo")) == 2


async def test_a_selection_is_quoted_into_the_draft_and_the_quote_leads_back(panel: Panel, lab: JupyterProcess, wire: WireServer):
    page = panel.page
    await page.set_viewport_size({"width": 1280, "height": 520})
    await panel.send("one", "lab/markdown")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await expect(panel.answer).to_contain_text("two")  # its words flow in after its end
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await panel.answer.get_by_text("Text with").click(click_count=3)
    await page.get_by_test_id("llmhub-quote-selection").click()
    await expect(page.get_by_test_id("llmhub-quote-selection")).to_have_count(0)
    await expect(panel.get("chip")).to_contain_text("Text with bold and code.")
    await expect(panel.composer).to_be_focused()
    await panel.send("What does that mean?", "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    question = (await stored(lab, panel))[-2]
    assert [part["type"] for part in question["parts"]] == ["quote", "text"]
    assert question["parts"][0]["text"] == "Text with bold and code."
    await expect(panel.answers.first.get_by_text("A heading")).not_to_be_in_viewport()
    await panel.questions.last.get_by_test_id("llmhub-quoted").click()
    await expect(panel.answers.first.get_by_text("A heading")).to_be_in_viewport()
    assert text_of(question) == "What does that mean?"


async def test_the_branch_picker_stays_under_the_pointer_and_the_keyboard_goes_through_branches(panel: Panel):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_contain_text("two")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await expect(panel.answer.locator("mjx-container")).to_be_visible()

    await panel.page.evaluate("document.fonts.ready.then(() => undefined)")
    await panel.get("branch-label").hover()  # which waits until it stands still
    at = await panel.get("branch-label").bounding_box()
    assert at is not None
    await panel.get("branch-prev").click()
    await panel.says_branch(panel.answer, "1/2")
    await panel.page.wait_for_function(
        """([test, y]) => Math.abs(document.querySelector(`[data-testid="${test}"]`).getBoundingClientRect().y - y) < 2""",
        arg=["llmhub-branch-label", at["y"]],
    )
    await panel.get("branch-next").click()
    await panel.says_branch(panel.answer, "2/2")

    await panel.get("copy").last.focus()
    await panel.page.keyboard.press("Alt+ArrowLeft")
    await panel.shows("one", status="complete")
    await panel.page.keyboard.press("Alt+ArrowRight")
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.get("branch-next")).to_be_focused()


async def test_what_is_written_next_can_go_on_from_an_earlier_answer(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.send("two")
    await panel.shows("two", status="complete")
    first = panel.answers.first
    await first.hover()
    await first.get_by_test_id("llmhub-branch").click()
    await expect(panel.get("branch-notice")).to_be_visible()
    await panel.send("three")
    await panel.shows("three", status="complete")
    await panel.says_branch(panel.questions.last, "2/2")
    assert [message["content"] for message in wire.asked("echo")[-1].body["messages"]] == ["one", "one", "three"]


async def test_an_answer_that_failed_is_asked_for_again_in_its_place(panel: Panel, wire: WireServer):
    await panel.send("Hello", "lab/missing-model")
    await expect(panel.get("error")).to_contain_text("lab does not have this model")
    await panel.get("error-details").click()
    await expect(panel.page.get_by_test_id("llmhub-exchange")).to_contain_text("404")
    await panel.leave_dialog()
    await panel.get("other-model").click()
    await panel.page.get_by_test_id("llmhub-model-choice").get_by_test_id("llmhub-model-search").fill("lab/echo")
    await panel.page.keyboard.press("Enter")
    await panel.shows("Hello", status="complete")
    await expect(panel.get("branch-label")).to_have_count(0)
    await expect(panel.get("model-note")).to_have_text("echo")
