"""Conversations from elsewhere in the panel: seen first, brought in once, what went wrong readable."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

from playwright.async_api import expect

from tests.servers import JupyterProcess

from .panel import Panel

FIXTURES = Path(__file__).parents[1] / "conversations" / "transfer" / "fixtures"
EXPORT = FIXTURES / "chatgpt.json"
DROPPED = """files => {
  const all = new DataTransfer();
  files.forEach(([name, text]) => all.items.add(new File([text], name)));
  return all;
}"""


async def test_a_dropped_export_is_seen_then_comes_in_and_its_faults_can_be_read(panel: Panel, lab: JupyterProcess):
    page = panel.page
    await panel.get("list-toggle").click()
    data = await page.evaluate_handle(DROPPED, [["export.json", EXPORT.read_text()]])
    await panel.get("conversation-list").dispatch_event("drop", {"dataTransfer": data})
    view = page.get_by_test_id("llmhub-import")
    await expect(view).to_have_attribute("data-stage", "seen")
    await expect(view).to_contain_text("ChatGPT")
    await expect(view.locator(".jp-llmhub-import-count")).to_contain_text(["new", "cannot be read"])
    await expect(view.locator(".jp-llmhub-import-title")).to_contain_text(["Branches", "Thoughts and tools"])
    await page.get_by_role("button", name="Import", exact=True).click()
    said = page.locator(".Toastify__toast").filter(has_text="conversations came in")
    await expect(said).to_contain_text("“export.json”: 5 conversations came in, 4 could not be read.")
    await expect(panel.get("conversation-item")).to_have_count(4)  # one was archived there
    await said.get_by_role("button", name="Details").click()
    await expect(page.get_by_test_id("llmhub-import-end")).to_contain_text("There is no message in it.")
    await page.locator(".jp-Dialog-footer .jp-mod-accept").click()

    await panel.run("llmhub:import")
    await page.get_by_test_id("llmhub-import-file").set_input_files(
        {"name": "again.json", "mimeType": "application/json", "buffer": EXPORT.read_bytes()}
    )
    await expect(view).to_contain_text("here already")
    await expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    await page.locator(".jp-Dialog-footer .jp-mod-reject").click()


async def test_what_is_no_export_is_refused_in_words_and_another_file_can_be_chosen(panel: Panel):
    page = panel.page
    await panel.run("llmhub:import")
    choose = page.get_by_test_id("llmhub-import-file")
    await choose.set_input_files({"name": "x.txt", "mimeType": "text/plain", "buffer": b"hello"})
    view = page.get_by_test_id("llmhub-import")
    await expect(view.get_by_role("alert")).to_contain_text("There are no conversations in x.txt that llmhub can read.")
    talks = [{"id": "1", "name": "Old", "messages": [{"role": "user", "content": "Q"}]}]
    await choose.set_input_files({"name": "y.json", "mimeType": "application/json", "buffer": json.dumps(talks).encode()})
    await expect(view).to_contain_text("Chatbot UI")
    await page.locator(".jp-Dialog-footer .jp-mod-reject").click()


async def test_archives_are_shown_one_after_the_other(panel: Panel):
    page = panel.page
    await panel.run("llmhub:import")
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.write(EXPORT, "conversations.json")
    zips = [{"name": f"{name}.zip", "mimeType": "application/zip", "buffer": held.getvalue()} for name in ("one", "two")]
    await page.get_by_test_id("llmhub-import-file").set_input_files(zips)
    view = page.get_by_test_id("llmhub-import")
    await expect(view).to_contain_text("one.zip")
    await expect(view).to_contain_text("“two.zip” is shown after this.")
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(view).to_contain_text("two.zip")
    await expect(page.locator(".Toastify__toast")).to_contain_text("“one.zip”: 5 conversations came in")
    await expect(view).not_to_contain_text("is shown after this")
    await page.locator(".jp-Dialog-footer .jp-mod-reject").click()


async def test_files_are_taken_together_where_they_are_dropped_and_an_export_is_known_on_the_chat_too(panel: Panel):
    page = panel.page
    await panel.resize(720)
    await panel.get("list-toggle").click()
    await expect(panel.composer).to_be_visible()  # the list stands beside it
    texts = [(name, (FIXTURES / name).read_text()) for name in ("claude.json", "librechat.json")]
    both = await page.evaluate_handle(DROPPED, texts)
    await panel.get("conversation-list").dispatch_event("dragover", {"dataTransfer": both})
    await expect(panel.get("conversation-list")).to_have_attribute("data-drop", "Import conversations")
    await expect(panel.get("drop")).to_have_count(0)
    await panel.get("conversation-list").dispatch_event("drop", {"dataTransfer": both})
    view = page.get_by_test_id("llmhub-import")
    await expect(view).to_contain_text("Claude, LibreChat")
    await expect(view).to_contain_text("claude.json + 1")
    await page.locator(".jp-Dialog-footer .jp-mod-reject").click()
    await expect(panel.get("chip")).to_have_count(0)

    mixed = await page.evaluate_handle(DROPPED, [["notes.md", "Tides"], texts[0]])
    await panel.composer.dispatch_event("drop", {"dataTransfer": mixed})
    await expect(view).to_contain_text("Claude")
    await page.locator(".jp-Dialog-footer .jp-mod-reject").click()
    await expect(panel.get("chip")).to_have_count(1)
    await expect(panel.get("chip")).to_contain_text("notes.md")
