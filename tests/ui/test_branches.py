"""Other answers, other questions, and the way between them."""

from __future__ import annotations

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import last_answer, said


async def test_answering_again_makes_a_branch_and_the_picker_goes_between_them(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await expect(panel.answer).to_contain_text("A heading")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.says_branch(panel.answer, "2/2")

    await panel.get("branch-prev").click()
    await panel.says_branch(panel.answer, "1/2")
    await panel.shows("one", status="complete")
    await panel.reload()
    await panel.says_branch(panel.answer, "1/2")
    await panel.shows("one", status="complete")
    await panel.get("branch-next").click()
    await panel.says_branch(panel.answer, "2/2")
    assert (await last_answer(lab, panel)).startswith("# A heading")
    assert len(wire.asked("echo")) == len(wire.asked("markdown")) == 1


async def test_a_question_in_other_words_makes_a_branch_with_all_that_followed(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.send("two")
    await panel.shows("two", status="complete")
    first = panel.questions.first
    await first.hover()
    await first.get_by_test_id("llmhub-edit").click()
    await expect(panel.get("edit-input")).to_have_value("one")
    await expect(panel.get("edit-input")).to_be_focused()
    await panel.get("edit-input").fill("another one")
    await panel.get("edit-save").click()

    await expect(panel.answers).to_have_count(1)
    await panel.shows("another one", status="complete")
    await panel.says_branch(panel.questions.first, "2/2")
    await panel.questions.first.get_by_test_id("llmhub-branch-prev").click()
    await expect(panel.answers).to_have_count(2)
    await panel.shows("two", status="complete")
    await panel.shows("one", at=0)
    assert [len(record.body["messages"]) for record in wire.asked("echo")] == [1, 3, 1]


async def test_escape_leaves_a_question_as_it_was(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.questions.first.hover()
    await panel.questions.first.get_by_test_id("llmhub-edit").click()
    await panel.get("edit-input").fill("something else")
    await panel.get("edit-input").press("Escape")
    await expect(panel.get("edit-input")).to_have_count(0)
    await expect(panel.questions.first).to_contain_text("one")
    assert len(wire.asked("echo")) == 1


async def test_other_branches_can_be_read_while_one_is_being_answered(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.choose("lab/gated")
    await panel.get("regenerate").click()
    wire.gate().release(2)
    await panel.shows(said(2), status="running")

    await panel.get("branch-prev").click()
    await panel.shows("one", status="complete")
    await expect(panel.get("send")).to_be_visible()  # nothing is being answered here
    wire.gate().release(2)
    await panel.get("branch-next").click()
    await panel.shows(said(4), status="running")
    await panel.get("branch-prev").click()
    await panel.shows("one", status="complete")
    wire.gate().release(1, finish=True)
    await panel.get("branch-next").click()
    await panel.shows(said(5), status="complete")
    assert await last_answer(lab, panel) == said(5)
    assert len(wire.asked("gated")) == 1


async def test_two_branches_are_answered_at_the_same_time(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/gated-a")
    wire.gate("gated-a").release(1)
    await panel.shows(said(1), status="running")
    await panel.get("stop").click()
    await panel.shows(said(1), status="stopped")
    await panel.choose("lab/gated-b")
    await panel.get("regenerate").click()
    wire.gate("gated-b").release(2)
    await panel.shows(said(2), status="running")
    await panel.get("branch-prev").click()
    await panel.choose("lab/gated-a")
    await panel.get("continue").click()
    await panel.shows(said(1, 1), status="running")

    wire.gate("gated-b").release(1, finish=True)
    wire.gate("gated-a").release(1)
    await panel.shows(said(1, 2), status="running")
    await panel.get("branch-next").click()
    await panel.shows(said(3), status="complete")
    await panel.get("branch-prev").click()
    wire.gate("gated-a").release(1, finish=True)
    await panel.shows(said(1, 3), status="complete")
