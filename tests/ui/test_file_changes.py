"""A model proposes changes to a text file, open or not; what others did to it meanwhile is kept."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel

TEXT = "import math\n\n\ndef area(r):\n    return 3.14 * r * r\n\n\nprint(area(2))\n"
ANSWER = """So:

````file-edits
<<<<<<< SEARCH
    return 3.14 * r * r
=======
    return math.pi * r * r
>>>>>>> REPLACE
<<<<<<< SEARCH
print(area(2))
=======
print(round(area(2), 2))
>>>>>>> REPLACE
````
"""


async def test_a_file_is_changed_in_part_open_or_not_and_nothing_of_others_is_lost(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    stored = Path(lab.root or "") / "area.py"
    stored.write_text(TEXT)
    wire.lines["Use math"] = ANSWER
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="area.py", factory="Editor")
    editor = panel.page.locator(".jp-FileEditor .cm-content")
    await expect(editor).to_contain_text("3.14")
    await expect(editor).to_be_focused()  # it takes the keys when it opens
    await panel.composer.press_sequentially("/change Use math")
    await expect(panel.composer).to_have_value("/change Use math")
    await panel.composer.press("Enter")
    card = panel.get("proposal").first
    await expect(card.get_by_test_id("llmhub-proposal-hunk")).to_have_count(2)
    sent = wire.asked("echo")[-1].body["messages"][-1]["content"]
    assert "def area(r):" in sent and "file-edits" in sent

    await card.get_by_label("Part 2 of 2").uncheck()
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(editor).to_contain_text("math.pi")
    await expect(editor).to_contain_text("print(area(2))")
    await card.get_by_test_id("llmhub-proposal-undo").click()
    await expect(editor).to_contain_text("3.14")
    assert stored.read_text() == TEXT, "nothing was saved"

    # One that is not open, and is changed by somebody else behind our back.
    other = stored.with_name("circle.py")
    other.write_text(TEXT)
    await panel.run("llmhub:change-notebook", request="Use math", path="circle.py")
    card = panel.get("proposal").nth(1)
    await expect(card.get_by_test_id("llmhub-proposal-apply")).to_be_enabled()
    other.write_text(TEXT.replace("import math", "import math  # mine").replace("print(area(2))", "print(area(3))"))
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(card.get_by_role("alert")).to_contain_text("The file was changed meanwhile")
    await expect(card).to_contain_text("these lines were edited meanwhile")
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(card.get_by_test_id("llmhub-proposal-undo")).to_be_visible()
    assert other.read_text() == ("import math  # mine\n\n\ndef area(r):\n    return math.pi * r * r\n\n\nprint(area(3))\n")
