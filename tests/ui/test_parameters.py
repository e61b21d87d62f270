"""Parameters and presets beside the message field, by keyboard alone."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .visitor import Visitor


async def test_parameters_are_set_by_keyboard_and_reach_the_model(panel: Panel, wire: WireServer):
    await panel.composer.fill("/params")
    await panel.composer.press("Enter")
    await expect(panel.get("parameters")).to_be_visible()
    await panel.get("parameter-temperature").fill("0.3")
    schema, keyboard = panel.get("parameter-json_schema").get_by_role("textbox"), panel.page.keyboard
    await schema.focus()
    await keyboard.type('{\n"type": ')
    await expect(panel.root.locator('[data-parameter="json_schema"]')).to_contain_text("a value is missing here")
    await expect(schema).to_have_attribute("aria-invalid", "true")
    await keyboard.press("Tab")
    await expect(schema).not_to_be_focused()  # it traps nobody
    await schema.focus()
    await keyboard.press("Control+A")
    await keyboard.type('{"type": "object", "properties": {"a": {"type": "string"}}}')
    await keyboard.press("Control+Enter")
    await expect(panel.composer).to_be_focused()
    await panel.send("hello", "lab/echo")
    await panel.shows("hello", status="complete")
    assert wire.asked("echo")[-1].body["temperature"] == 0.3
    assert wire.asked("echo")[-1].body["response_format"]["json_schema"]["schema"]["properties"] == {"a": {"type": "string"}}
    await panel.reload()
    await expect(panel.get("parameters-button")).to_have_attribute(
        "aria-label", re.compile(r"^Parameters \(Temperature: 0\.3, JSON schema: ")
    )


async def test_a_preset_is_saved_and_a_new_conversation_begins_with_it(
    panel: Panel, visitor: Visitor, lab: JupyterProcess, wire: WireServer
):
    await panel.choose("lab/letters")
    await panel.get("parameters-button").click()
    await panel.get("instructions-text").fill("Be brief.")
    await panel.get("preset-new").click()
    await panel.get("preset-name").fill("Brief")
    await panel.get("preset-name").press("Enter")
    await panel.get("preset-default").click()
    await expect(panel.get("preset-default")).to_have_attribute("aria-pressed", "true")
    await panel.page.keyboard.press("Escape")
    await panel.choose("lab/echo")
    await panel.run("llmhub:new-chat")
    await expect(panel.get("model-picker")).to_have_attribute("data-model", "lab/letters")
    await panel.send("hello")
    await panel.shows("hello", status="complete")
    assert wire.asked("letters")[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}
    for preset in (await lab.call("GET", "presets"))["items"]:
        await lab.call("DELETE", f"presets/{preset['id']}")
