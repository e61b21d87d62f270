"""Sending, streaming, stopping, going on."""

from __future__ import annotations

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import said, stored, text_of


async def test_an_answer_appears_word_by_word_as_the_model_says_it(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.send("Say something", "lab/gated")
    await expect(panel.get("stop")).to_be_visible()
    gate = wire.gate()
    for count in (1, 2, 5):
        gate.release(count - gate.released)
        await panel.shows(said(count), status="running")
    gate.release(1, finish=True)
    await panel.shows(said(6), status="complete")
    await expect(panel.get("send")).to_be_visible()

    question, answer = await stored(lab, panel)
    assert text_of(question) == "Say something"
    assert text_of(answer) == said(6)
    assert len(wire.asked("gated")) == 1


async def test_a_conversation_remembers_what_was_said_and_gets_a_title(panel: Panel, wire: WireServer):
    await panel.send("The capital of Switzerland is Bern", "lab/echo")
    await panel.shows("The capital of Switzerland is Bern", status="complete")
    await panel.send("What did I say?")
    await panel.shows("What did I say?", status="complete")

    await expect(panel.get("title")).to_have_text("The capital of Switzerland is Bern")
    first, second = wire.asked("echo")
    assert [message["role"] for message in second.body["messages"]] == ["user", "assistant", "user"]
    assert len(first.body["messages"]) == 1


async def test_stop_keeps_what_was_said_and_continue_goes_on_in_the_same_message(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await panel.send("Go", "lab/gated")
    wire.gate().release(3)
    await panel.shows(said(3), status="running")
    await panel.get("stop").click()
    await panel.shows(said(3), status="stopped")
    await wire.until(lambda: [record.ended for record in wire.asked("gated")] == ["left"])
    message_id = await panel.answer.get_attribute("data-message-id")

    await panel.get("continue").click()
    await panel.shows(said(3, 3), status="running")  # the model begins anew; the panel does not
    wire.gate().release(1, finish=True)
    await panel.shows(said(3, 4), status="complete")

    assert await panel.answer.get_attribute("data-message-id") == message_id
    await expect(panel.answers).to_have_count(1)
    await expect(panel.get("continue")).to_have_count(0)
    assert text_of((await stored(lab, panel))[-1]) == said(3, 4)
    assert len(wire.asked("gated")) == 2


async def test_an_answer_that_reached_its_length_limit_can_be_continued(panel: Panel):
    await panel.send("one two three", "lab/length")
    await panel.shows("one two three", status="complete")
    await expect(panel.answer).to_contain_text("length limit")
    await expect(panel.get("continue")).to_be_visible()


async def test_what_a_model_thinks_is_folded_away_until_somebody_wants_to_read_it(panel: Panel):
    await panel.send("What is the answer?", "lab/reasoner")
    await panel.shows("The answer is 42.", status="complete")
    fold = panel.answer.get_by_role("button", name="Thought")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await fold.click()
    await expect(panel.answer).to_contain_text("First I think.")


async def test_a_question_of_many_lines_stands_as_it_was_typed(panel: Panel):
    await panel.send("  def f():\n\n\treturn '<b>*x*</b>'\n", "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    shown = await panel.questions.last.locator(".jp-llmhub-plain").evaluate("element => element.textContent")
    assert shown == "  def f():\n\n\treturn '<b>*x*</b>'\n"


async def test_a_new_chat_begins_empty_and_the_old_one_is_in_the_list(panel: Panel):
    await panel.send("First conversation", "lab/echo")
    await panel.shows("First conversation", status="complete")
    await panel.get("new-chat").click()
    await expect(panel.answers).to_have_count(0)
    await expect(panel.composer).to_be_focused()
    await panel.send("Second conversation")
    await panel.shows("Second conversation", status="complete")

    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_have_count(2)
    await panel.get("conversation-item").filter(has_text="First conversation").get_by_role("button").first.click()
    await panel.shows("First conversation", status="complete")
