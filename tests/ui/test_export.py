"""A conversation goes out of the panel as a notebook, is changed there by somebody, and comes back as a branch."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect

from llmhub.ids import new_id
from tests.servers import JupyterProcess

from .panel import Panel


async def test_a_conversation_is_shared_as_a_notebook_and_comes_back_with_what_was_changed(panel: Panel, lab: JupyterProcess):
    page = panel.page
    id = (await lab.call("POST", "conversations", {"title": "Sums"}))["id"]
    question = {"parts": [{"type": "text", "text": "Add\n\n```python\n1 + 1\n```"}]}
    body = {"client_request_id": new_id(), "message": question, "model": "lab/echo"}
    run = await lab.call("POST", f"conversations/{id}/runs", body)
    async with lab.session.get(f"runs/{run['run_id']}/events") as events:
        await events.read()
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").first.click(button="right")
    await page.locator(".lm-Menu-itemLabel", has_text="Share as notebook…").click()
    dialog = page.locator(".jp-Dialog")
    await expect(dialog.get_by_label("Format")).to_have_value("ipynb")
    await dialog.get_by_role("button", name="Export").click()
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    await expect(cell).to_have_text("1 + 1")

    (path,) = Path(lab.root or "").glob("*.ipynb")
    book = json.loads(path.read_text())
    code = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    code["source"] = "1 + 2"
    path.write_text(json.dumps(book))
    await panel.run("llmhub:open-as-conversation", path=path.name)
    await expect(panel.messages("user").last).to_contain_text("The notebook of this conversation was changed. Cells: 1 changed.")
    await panel.says_branch(panel.answer, "2/2")
    assert len((await lab.call("GET", "conversations"))["items"]) == 1
