"""Conversations are put in order in the list: folders, many at once, and chats that are kept nowhere."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.servers import JupyterProcess

from .again import becomes
from .panel import Panel
from .test_accessible import Inspector


@pytest_asyncio.fixture(loop_scope="package")
async def three(lab: JupyterProcess, panel: Panel) -> Panel:
    """The list of three conversations, the newest first: Gamma rays, beta decay, Alpha particles."""
    for title in ("Alpha particles", "beta decay", "Gamma rays"):
        await lab.call("POST", "conversations", {"title": title})
    await panel.get("list-toggle").click()
    await titles_are(panel, "Gamma rays", "beta decay", "Alpha particles")
    return panel


async def titles_are(panel: Panel, *titles: str) -> None:
    await expect(panel.get("conversation-item").locator(".jp-llmhub-item-title")).to_have_text(list(titles))


def line(panel: Panel, title: str) -> Locator:
    return panel.get("conversation-item").filter(has_text=title).locator(".jp-llmhub-item-open")


def folder(panel: Panel, name: str) -> Locator:
    return panel.get("folder").filter(has_text=name)


async def test_a_folder_is_made_and_conversations_are_moved_dragged_and_begun_in_it(three: Panel, lab: JupyterProcess):
    await three.get("new-folder").click()
    await expect(three.get("title-input")).to_be_focused()
    await three.page.keyboard.type("Physics")
    await three.page.keyboard.press("Enter")
    await expect(folder(three, "Physics")).to_be_visible()

    await line(three, "beta decay").focus()
    await three.run("llmhub:move-to-folder", conversation=(await of_title(lab, "beta decay"))["id"])
    await expect(three.page.get_by_test_id("llmhub-move")).to_be_in_viewport(ratio=1)
    await three.page.get_by_test_id("llmhub-chooser").fill("phy")
    await three.page.keyboard.press("Enter")
    await expect(three.get("undo")).to_contain_text("1 conversation moved to “Physics”")
    await line(three, "Gamma rays").drag_to(folder(three, "Physics"))
    await expect(folder(three, "Physics")).to_contain_text("2")
    await folder(three, "Physics").click()
    await titles_are(three, "Gamma rays", "beta decay")
    await three.get("undo").get_by_role("button", name="Undo").click()
    await titles_are(three, "beta decay")

    physics = (await lab.call("GET", "folders"))["items"][0]
    await lab.call("PATCH", f"folders/{physics['id']}", {"instructions": "Use SI units.", "model": "lab/letters"})
    await three.run("llmhub:new-in-folder", folder=physics["id"])
    await expect(three.get("place")).to_have_text("Physics")
    await three.send("What is a quark?")
    await three.shows("What is a quark?", status="complete")
    made = await of_title(lab, "What is a quark?")
    assert (made["folder_id"], made["model"]) == (physics["id"], "lab/letters")


async def test_many_are_chosen_and_changed_and_deleted_together_with_a_way_back(three: Panel, lab: JupyterProcess):
    await line(three, "Gamma rays").focus()
    await three.page.keyboard.press("Space")
    await line(three, "Alpha particles").click(modifiers=["Shift"])
    await expect(three.get("bulk")).to_contain_text("3 chosen")
    await line(three, "beta decay").click(modifiers=["ControlOrMeta"])
    await expect(three.get("bulk")).to_contain_text("2 chosen")
    await three.get("bulk").get_by_role("button", name="Archive").click()
    await titles_are(three, "beta decay")
    await three.get("undo").get_by_role("button", name="Undo").click()
    await titles_are(three, "Gamma rays", "beta decay", "Alpha particles")

    await line(three, "Gamma rays").focus()
    await three.page.keyboard.press("Shift+ArrowDown")
    await three.page.keyboard.press("Delete")
    await titles_are(three, "Alpha particles")
    await expect(three.get("undo")).to_contain_text("2 conversations deleted")
    await three.get("undo").get_by_role("button", name="Undo").click()
    await titles_are(three, "Gamma rays", "beta decay", "Alpha particles")
    await line(three, "Alpha particles").click(modifiers=["ControlOrMeta"])
    await three.get("bulk").get_by_role("button", name="Pin").click()
    await titles_are(three, "Alpha particles", "Gamma rays", "beta decay")
    await expect(three.get("day").first).to_have_text("Pinned")


async def test_several_conversations_and_folders_are_dragged_into_a_folder_and_one_is_duplicated(three: Panel, lab: JupyterProcess):
    physics, optics = [(await lab.call("POST", "folders", {"name": name}))["id"] for name in ("Physics", "Optics")]
    await line(three, "Gamma rays").click(modifiers=["ControlOrMeta"])
    await line(three, "Alpha particles").click(modifiers=["ControlOrMeta"])
    await expect(folder(three, "Optics")).to_be_visible()
    axe = Inspector(three)
    await axe.look("folders, and what is chosen")
    await lab.call("PATCH", f"conversations/{(await of_title(lab, 'beta decay'))['id']}", {"tags": ["nuclear"]})
    await three.get("bulk").get_by_role("button", name="Tags").click()
    await expect(three.page.get_by_role("option", name="nuclear")).to_be_visible()
    await axe.look("the card of tags")
    await three.page.keyboard.press("Escape")
    axe.is_content()
    await line(three, "Alpha particles").drag_to(folder(three, "Physics"))
    await expect(three.get("undo")).to_contain_text("2 conversations moved to “Physics”")
    held = {one["title"]: one["folder_id"] for one in (await lab.call("GET", "conversations"))["items"]}
    assert held == {"Gamma rays": physics, "Alpha particles": physics, "beta decay": None}

    await folder(three, "Optics").drag_to(folder(three, "Physics"))
    await expect(folder(three, "Optics")).to_have_count(0)
    await three.get("folder").first.focus()
    await three.page.keyboard.press("ArrowDown")
    await three.page.keyboard.press("ArrowRight")
    await expect(folder(three, "Optics")).to_have_attribute("aria-level", "2")

    async def parents() -> dict[str, str | None]:
        return {one["id"]: one["parent_id"] for one in (await lab.call("GET", "folders"))["items"]}

    await becomes(parents, {physics: None, optics: physics})

    await line(three, "beta decay").click(button="right")
    await three.page.locator(".lm-Menu").get_by_text("Duplicate", exact=True).click()
    await expect(three.get("title")).to_have_text("beta decay (copy)")


async def test_a_temporary_chat_says_so_and_is_gone_with_the_page(panel: Panel, lab: JupyterProcess):
    await panel.run("llmhub:new-temporary")
    await expect(panel.get("temporary")).to_contain_text("kept nowhere")
    await panel.write("A secret draft")
    assert "secret" not in await panel.page.evaluate("JSON.stringify(localStorage)")
    await panel.send("A secret question", "lab/letters")
    await panel.shows("A secret question", status="complete")
    await expect(panel.get("temporary")).to_be_visible()
    assert (await lab.call("GET", "conversations"))["items"] == []
    assert "secret" not in await panel.page.evaluate("JSON.stringify(localStorage)")
    await panel.get("new-chat").click()
    await expect(panel.get("temporary")).to_have_count(0)
    await expect(panel.questions).to_have_count(0)
    await expect(panel.composer).to_be_focused()

    await panel.run("llmhub:new-temporary")
    await panel.send("Another secret", "lab/letters")
    await panel.shows("Another secret", status="complete")
    await panel.reload()
    await expect(panel.get("temporary")).to_have_count(0)
    await expect(panel.questions).to_have_count(0)


async def of_title(lab: JupyterProcess, title: str) -> dict[str, object]:
    return next(one for one in (await lab.call("GET", "conversations"))["items"] if one["title"] == title)
