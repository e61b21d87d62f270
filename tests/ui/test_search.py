"""Searching in the list of conversations: messages as one types, and the way to one of them on its own branch."""

from __future__ import annotations

from playwright.async_api import expect

from llmhub.ids import new_id
from tests.servers import JupyterProcess

from .panel import Panel


async def said(lab: JupyterProcess, conversation: str, text: str, parent: str | None = None, role: str = "user") -> str:
    body = {"client_request_id": new_id(), "parent_id": parent, "role": role, "parts": [{"type": "text", "text": text}]}
    if role == "assistant":
        body["model"] = "lab/echo"
    return (await lab.call("POST", f"conversations/{conversation}/messages", body))["id"]


async def test_a_message_is_found_as_one_types_and_opened_on_its_branch(lab: JupyterProcess, panel: Panel):
    tides = (await lab.call("POST", "conversations", {"title": "Tides"}))["id"]
    question = await said(lab, tides, "Which <b>bays</b> have the highest tides? Use pd.read_csv.")
    hidden = await said(lab, tides, "The *Bay of Fundy*, with sixteen metres.\n\n" + "Water. " * 900, question, "assistant")
    await said(lab, tides, "Ungava Bay.", question, "assistant")
    moon = (await lab.call("POST", "conversations", {"title": "Moon"}))["id"]
    await said(lab, moon, "How far is the moon?")
    await panel.get("list-toggle").click()
    search, hits = panel.get("conversation-search"), panel.get("search-hit")

    await search.fill("read_c")
    await expect(hits).to_have_count(1)
    await expect(hits.locator("mark")).to_have_text("read_csv")
    await expect(hits).to_contain_text("<b>bays</b>")

    await search.fill("fundy ro")
    await expect(panel.get("search-suggestion")).to_have_text(["role:"])
    await search.press("ArrowDown")
    await search.press("Enter")
    await expect(search).to_have_value("fundy role:")
    await search.press_sequentially("as")
    await expect(panel.get("search-suggestion")).to_have_text(["role:assistant"])
    await search.press("ArrowDown")
    await search.press("Enter")
    await expect(search).to_have_value("fundy role:assistant ")
    await expect(hits).to_have_count(1)
    await expect(hits).to_contain_text("echo")
    await search.press("ArrowDown")
    await expect(hits).to_be_focused()
    await panel.page.keyboard.press("Enter")
    message = panel.root.locator(f'[data-message-id="{hidden}"]')
    await expect(message).to_be_in_viewport()
    await expect(message).to_have_attribute("data-found", "")
    await panel.page.wait_for_function("[...(CSS.highlights.get('jp-llmhub-found') ?? [])].map(String).join() === 'Fundy'")


async def test_what_can_be_typed_is_explained_and_what_makes_no_sense_is_said(panel: Panel):
    await panel.get("list-toggle").click()
    await panel.get("search-help").click()
    await panel.page.get_by_test_id("llmhub-search-help-card").get_by_text("has:code").click()
    await expect(panel.get("conversation-search")).to_have_value("has:code")
    await panel.get("conversation-search").fill("has:music")
    await expect(panel.get("search-hits")).to_contain_text("“has:” takes image, code, file, tool, and not “music”.")


async def test_words_are_found_in_the_open_conversation_far_above_what_is_drawn(lab: JupyterProcess, panel: Panel):
    talk = (await lab.call("POST", "conversations", {"title": "Long"}))["id"]
    parent = first = await said(lab, talk, "Which **bay** has a tide of sixteen metres?")
    for number in range(40):
        parent = await said(lab, talk, f"Water {number}. " * 60, parent, "user" if number % 2 else "assistant")
    last = await said(lab, talk, "A **tide**, and another tide.", parent, "assistant")
    await panel.run("llmhub:open-conversation", conversation=talk)
    await panel.root.locator(f'[data-message-id="{last}"]').wait_for()

    await panel.get("composer").press("ControlOrMeta+f")
    field, count = panel.get("find-field"), panel.get("find-count")
    await expect(field).to_be_focused()
    await field.fill("tide")
    await expect(count).to_have_text("2 of 3")
    await field.press("Enter")
    await expect(count).to_have_text("3 of 3")
    await field.press("Enter")
    await expect(count).to_have_text("1 of 3")
    await expect(panel.root.locator(f'[data-message-id="{first}"]')).to_be_in_viewport()
    marked = "() => [...(CSS.highlights.get('jp-llmhub-mention') ?? [])].map(String).join()"
    await panel.page.wait_for_function(f"() => ({marked})() === 'tide'")
    await expect(field).to_be_focused()
    await field.fill("a tide, and")
    await expect(count).to_have_text("1 of 1")
    await panel.page.wait_for_function(f"() => ({marked})() === 'A tide, and'")  # across what is bold
    await field.fill("moon")
    await expect(count).to_have_text("Not found")
    await field.press("Escape")
    await expect(panel.get("find-bar")).to_have_count(0)
    await expect(panel.get("composer")).to_be_focused()
