"""A newcomer without any key: from opening JupyterLab to a first answer."""

from __future__ import annotations

import json

import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Response, WebSocket, expect

from tests.providers.clouds import AWS_KEY
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import last_answer
from .visitor import Visitor

KEY = "sk-a-good-secret-1234567890"


@pytest_asyncio.fixture(loop_scope="package")
async def panel(newcomer: Visitor) -> Panel:
    return await newcomer.tab()


async def test_the_panel_is_there_without_a_click_and_the_demo_answers_in_two_steps(panel: Panel, wire: WireServer):
    await expect(panel.root).to_be_visible()
    await expect(panel.get("welcome")).to_contain_text("Welcome")
    assert (await panel.root.bounding_box() or {})["width"] >= 300

    await panel.get("demo").click()
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.press("Enter")

    await expect(panel.answer).to_have_attribute("data-status", "running")
    await expect(panel.answer.locator("mjx-container").first).to_be_visible()
    await expect(panel.answer.locator("pre code span").first).to_be_visible()  # coloured code
    await expect(panel.answer.locator("table td").first).to_be_visible()
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    first = await panel.answer.inner_text()
    assert "script" in first

    await panel.get("regenerate").click()
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_have_attribute("data-status", "complete", timeout=60_000)
    assert await panel.answer.inner_text() != first
    assert not wire.requests


async def test_a_local_server_is_found_when_asked_for_and_answers_in_four_steps(
    panel: Panel, bare_lab: JupyterProcess, wire: WireServer
):
    await expect(panel.get("server")).to_have_count(0)
    assert not wire.requests  # nobody looked before being asked
    await panel.get("discover").click()
    await expect(panel.get("server")).to_have_count(2)
    await expect(panel.get("server").first).to_contain_text("Ollama")

    await panel.get("use-server").first.click()
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.type("Are you there?")
    await panel.page.keyboard.press("Enter")
    await panel.shows("Are you there?", status="complete")
    assert [(record.wire, record.model) for record in wire.requests if record.model] == [("ollama", "echo")]


async def test_an_openai_compatible_local_server_answers_too(panel: Panel, wire: WireServer):
    await panel.get("discover").click()
    await panel.get("server").filter(has_text="LM Studio").get_by_test_id("llmhub-use-server").click()
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.type("Hello")
    await panel.page.keyboard.press("Enter")
    await panel.shows("Hello", status="complete")
    assert [record.wire for record in wire.asked("echo")] == ["openai"]


async def fill_in(panel: Panel, wire: WireServer, key: str) -> None:
    """The form for an endpoint that speaks OpenAI's protocol."""
    form = panel.get("provider-form")
    await form.get_by_test_id("llmhub-provider-kind").select_option(label="Other (OpenAI-compatible)")
    await form.get_by_test_id("llmhub-provider-label").fill("My lab")
    await form.get_by_test_id("llmhub-base-url").fill(wire.base_url("openai"))
    await form.get_by_test_id("llmhub-key-input").fill(key)


async def test_a_test_says_of_each_thing_whether_it_works(panel: Panel, bare_lab: JupyterProcess, wire: WireServer):
    await fill_in(panel, wire, "sk-bad-key")
    await expect(panel.get("key-input")).to_have_attribute("type", "password")
    await panel.get("test-key").click()
    checks = panel.get("checks")
    await expect(checks).to_have_attribute("data-ok", "false")
    await expect(checks.get_by_role("listitem").filter(has_text="Reachable")).to_have_attribute("data-ok", "true")
    await expect(checks.get_by_role("listitem").filter(has_text="Key accepted")).to_have_attribute("data-ok", "false")
    await expect(checks).not_to_contain_text("sk-bad")

    await panel.get("key-input").fill(KEY)
    await expect(checks).to_have_count(0)  # what is said was of the other key
    await panel.get("test-key").click()
    await expect(checks).to_have_attribute("data-ok", "true")
    for name in ("Reachable", "Key accepted", "Models", "Streaming"):
        await expect(checks.get_by_role("listitem").filter(has_text=name)).to_have_attribute("data-ok", "true")
    providers = (await bare_lab.call("GET", "providers"))["items"]
    assert not any(provider["configured"] for provider in providers if provider["kind"] != "demo")  # it was only a test


async def test_a_saved_key_is_used_and_never_comes_back(newcomer: Visitor, bare_lab: JupyterProcess, wire: WireServer):
    heard = Hearing(newcomer.context)
    panel = await newcomer.tab()
    await fill_in(panel, wire, KEY)
    await panel.get("test-key").click()
    await expect(panel.get("checks")).to_have_attribute("data-ok", "true")
    await panel.get("save-key").click()
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.type("Hello")
    await panel.page.keyboard.press("Enter")
    await panel.shows("Hello", status="complete")
    assert wire.asked("echo")[-1].key == KEY
    assert await last_answer(bare_lab, panel) == "Hello"

    await panel.get("providers").click()
    await panel.get("provider").get_by_role("button", expanded=False).click()
    await expect(panel.get("provider").get_by_test_id("llmhub-key-input")).to_have_value("")
    await expect(panel.get("provider")).to_contain_text("Key from an encrypted file")
    assert await heard.nothing_of(KEY) > 10
    await panel.reload()
    for kept in ("document.documentElement.outerHTML", "JSON.stringify(localStorage)", "JSON.stringify(sessionStorage)"):
        assert KEY not in await panel.page.evaluate(kept)
    assert KEY not in json.dumps(await newcomer.context.storage_state(indexed_db=True))
    assert await heard.nothing_of(KEY) > 3
    assert KEY not in "".join(bare_lab.log)


class Hearing:
    """Everything that the server says to a browser."""

    def __init__(self, context: BrowserContext) -> None:
        self._responses: list[Response] = []
        self._frames: list[str] = []
        context.on("response", lambda response: self._responses.append(response))
        context.on("page", self._watch_sockets)

    def _watch_sockets(self, page: Page) -> None:
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._frames.append(str(frame)))

    async def nothing_of(self, secret: str) -> int:
        """No answer, header or frame since the last look has the secret in it. How many answers that were."""
        said = [response for response in self._responses if "/llmhub/api/" in response.url]
        for response in said:
            assert secret not in json.dumps(await response.all_headers())
            if response.status not in (101, 204):
                assert secret.encode() not in await response.body(), response.url
        assert self._frames
        assert not any(secret in frame for frame in self._frames)
        self._responses.clear()
        return len(said)


async def test_a_cloud_is_set_up_with_what_it_needs_and_answers(panel: Panel, bare_lab: JupyterProcess, wire: WireServer):
    form = panel.get("provider-form")
    await form.get_by_test_id("llmhub-provider-kind").select_option("bedrock")
    await expect(form.get_by_test_id("llmhub-save-key")).to_be_disabled()
    await form.get_by_test_id("llmhub-field-access_key_id").fill(AWS_KEY["access_key_id"])
    await expect(form.get_by_test_id("llmhub-form-missing")).to_contain_text("Region")
    await form.get_by_test_id("llmhub-field-region").fill("eu-central-1")
    await form.get_by_test_id("llmhub-field-secret_access_key").fill(AWS_KEY["secret_access_key"])
    await expect(form.get_by_test_id("llmhub-field-secret_access_key")).to_have_attribute("type", "password")
    await form.get_by_test_id("llmhub-save-key").click()
    await expect(panel.composer).to_be_focused()
    bedrock = next(item for item in (await bare_lab.call("GET", "providers"))["items"] if item["name"] == "bedrock")
    fields = {field["name"]: field for field in bedrock["fields"]}
    assert (fields["region"]["value"], fields["secret_access_key"]["source"]) == ("eu-central-1", "an encrypted file")
    assert AWS_KEY["secret_access_key"] not in json.dumps(bedrock)
