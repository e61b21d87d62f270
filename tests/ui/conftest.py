"""A real JupyterLab, a real Chromium, and a model server of our own.

Server and browser are shared by the tests of this folder; every test has a browser profile and conversations of its own, and a
model server that remembers nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess
from tests.world import environment

from .panel import Panel
from .visitor import Arrive, Visitor, launch

HERE = Path(__file__).parent
MODELS = (
    *(
        "echo",
        "drip",
        "letters",
        "thinks",
        "echo-key",
        "replay",
        "markdown",
        "reasoner",
        "vision",
        "gated",
        "gated-a",
        "gated-b",
        "length",
        "dear",
        "tokens-3-at-0",
        "tokens-2000-at-0",
    ),
    *("cut-midstream", "empty", "missing-model", "filtered", "too-long", "malformed-json", "rate-limited-1s", "rate-limited-1h"),
)

expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of them, in which the browser, the server and the model server live."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="package"), append=False)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await launch(playwright)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def models() -> AsyncIterator[WireServer]:
    async with WireServer() as server:
        yield server


@pytest.fixture
def wire(models: WireServer) -> WireServer:
    """The model server as if it had just started."""
    models.forget()
    return models


def ui_settings(models: WireServer, **more: Any) -> dict[str, Any]:
    """Host settings whose provider `lab` offers every model by name; `bad` has a key that is refused, `gone` does not answer."""
    settings = settings_for(models, **more)
    lab = settings["providers"]["lab"]
    lab["models"] = list(MODELS)
    settings["models"] = {
        "lab/dear": {"price": {"input": 20_000, "output": 20_000}},  # an answer for 36 cents
        "lab/gated-b": {"fill_in": True},
    }
    settings["completion_model"] = "lab/gated-b"
    settings["providers"] = {
        "lab": lab,
        "bad": {**lab, "api_key": "sk-bad-key", "models": ["echo"]},
        "gone": {**lab, "base_url": "http://127.0.0.1:1/v1", "models": ["echo"]},
        "html": {**lab, "base_url": f"{models.url}/html", "models": ["echo"]},
    }
    return settings


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared_lab(models: WireServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterProcess]:
    async with lab_in(tmp_path_factory.mktemp("lab"), ui_settings(models)) as server:
        yield server


def lab_in(
    folder: Path, settings: dict[str, Any], *, app: str = "lab", user: dict[str, dict[str, Any]] | None = None
) -> JupyterProcess:
    """A JupyterLab whose world is `folder`, and whose owner has already said whether to be told of Jupyter's news.

    It shows no moons while it loads: drawn without a GPU they are a sixth of what a page costs, and every test loads one.
    `user` are further settings of theirs, by plugin: `{"@jupyterlab/translation-extension:plugin": {"locale": "de_DE"}}`.
    """
    home = folder / "home"
    home.mkdir()
    page = folder / "jupyter/config/labconfig/page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:splash": True}}))
    news = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    for plugin, values in {**news, **(user or {})}.items():
        file = folder / f"jupyter/config/lab/user-settings/{plugin.replace(':', '/')}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    return JupyterProcess(settings, app=app, root=home, environment=environment(folder))


@pytest_asyncio.fixture(loop_scope="package")
async def lab(shared_lab: JupyterProcess, wire: WireServer) -> AsyncIterator[JupyterProcess]:
    """JupyterLab with no conversations and nothing being answered. What a test makes in its home goes with the test."""
    home = Path(shared_lab.root or "")
    before = set(home.iterdir())
    yield shared_lab
    await clear(shared_lab)
    for made in set(home.iterdir()) - before:
        # A kernel, or a page's last saving, may take something away just now.
        shutil.rmtree(made, ignore_errors=True) if made.is_dir() else made.unlink(missing_ok=True)


async def clear(server: JupyterProcess) -> None:
    """End what is being answered and delete every conversation; a page that leaves may be quicker with one that it had deleted."""
    for run in (await server.call("GET", "runs?active=true"))["items"]:
        await server.call("POST", f"runs/{run['id']}/stop")
    for conversation in (await server.call("GET", "conversations?limit=100"))["items"]:
        async with server.session.delete(f"conversations/{conversation['id']}") as answer:
            assert answer.status in (204, 404), await answer.text()
    for folder in (await server.call("GET", "folders"))["items"]:
        await server.call("DELETE", f"folders/{folder['id']}")


@pytest_asyncio.fixture(loop_scope="package")
async def arrive(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Arrive]:
    """`await arrive(url)`: a person with a browser of their own. What they saw when a test failed is in its `tmp_path`."""
    visitors: list[Visitor] = []

    async def new(url: str, **options: Any) -> Visitor:
        visitors.append(await Visitor.arrive(browser, url, **options))
        return visitors[-1]

    yield new
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(page for visitor in visitors for page in visitor.context.pages):
            with contextlib.suppress(PlaywrightError, TimeoutError):  # a page that hangs hides no failure
                await page.screenshot(path=tmp_path / f"tab-{number}.png")
                focused = await asyncio.wait_for(page.evaluate(FOCUSED), 10)
                print(f"tab {number}, {page.url}: the focus is on {focused}")
    for visitor in visitors:
        await visitor.leave()


@pytest_asyncio.fixture(loop_scope="package")
async def visitor(lab: JupyterProcess, arrive: Arrive) -> Visitor:
    """A person before JupyterLab."""
    return await arrive(lab.url)


@pytest_asyncio.fixture(loop_scope="package")
async def panel(visitor: Visitor) -> Panel:
    """The panel, in their first tab."""
    return await visitor.tab()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def bare_lab(models: WireServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterProcess]:
    """No provider is set up. Two local servers would be found: Ollama, and LM Studio at the same place."""
    servers = [
        {"name": "ollama", "kind": "ollama", "label": "Ollama", "base_url": models.base_url("ollama")},
        {"name": "lmstudio", "kind": "openai", "label": "LM Studio", "base_url": models.base_url("openai")},
        {"name": "jan", "kind": "openai", "label": "Jan", "base_url": "http://127.0.0.1:1/v1"},
    ]
    async with lab_in(tmp_path_factory.mktemp("bare"), {"local_servers": servers}) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="package")
async def newcomer(bare_lab: JupyterProcess, wire: WireServer, arrive: Arrive) -> AsyncIterator[Visitor]:
    """A person before a JupyterLab in which no provider is set up."""
    yield await arrive(bare_lab.url)
    await clear(bare_lab)
    for provider in (await bare_lab.call("GET", "providers"))["items"]:
        if provider["configured"] and provider["kind"] != "demo":
            await bare_lab.call("DELETE", f"providers/{provider['name']}")
    await bare_lab.call("PATCH", "settings", {"default_model": None})


FAILED = pytest.StashKey[bool]()
FOCUSED = "document.activeElement?.outerHTML.slice(0, 300)"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    outcome = yield
    if call.when == "call":
        item.stash[FAILED] = outcome.get_result().failed
