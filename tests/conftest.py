"""What every test stands on: a world of its own (no keys, folders or settings of whoever runs it), and real parts to build with."""

from __future__ import annotations

import gc
import os
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.providers.wire_server import WireServer
from tests.world import is_of_whoever_runs_the_tests, places

hypothesis.settings.register_profile("llmhub", deadline=None)  # a deadline would be a test of the machine
hypothesis.settings.load_profile("llmhub")


FIRST = ("setup/test_wheel.py", "hosts/test_killed_server.py", "hosts/test_fuzz.py", "hosts/test_canaries.py", "ui")
"""What takes longest, in this order: begun first, so that both workers of a run end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, and of the rest the files with most tests. A file stays as it is."""
    sizes = Counter(item.path for item in items)
    first = [Path(__file__).parent / name for name in FIRST]

    def place(item: pytest.Item) -> tuple[int, int, str]:
        among = (number for number, path in enumerate(first) if item.path.is_relative_to(path))
        return next(among, len(first)), -sizes[item.path], str(item.path)

    items.sort(key=place)


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Environment variables that keep a test, and every process it starts, inside `tmp_path`. Gives llmhub's data directory."""
    for name in filter(is_of_whoever_runs_the_tests, list(os.environ)):
        monkeypatch.delenv(name)
    for name, value in places(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "llmhub"


@pytest.fixture
def litellms_garbage() -> Iterator[None]:
    """Sessions that litellm drops without closing are collected with the test that made them, not in a later one that fails."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    """A model server that speaks the four wires, in the test's own loop; the model's name says what it does."""
    async with WireServer() as server:
        yield server


def settings_for(wire: WireServer, **more: Any) -> dict[str, Any]:
    """Host settings with one provider per wire, named after it ("openai" is called "lab"): `lab/echo`, `anthropic/slow`, ..."""
    names = {"openai": "lab", "anthropic": "anthropic", "gemini": "gemini", "ollama": "ollama"}
    providers = {name: {"kind": kind, "base_url": wire.base_url(kind), "api_key": "sk-test-key"} for kind, name in names.items()}
    return {"default_model": "lab/echo", "providers": providers, "local_servers": [], **more}


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    """What `c.LLMHub.settings` holds in a test; override the fixture for other settings."""
    return settings_for(wire)


@pytest.fixture
async def workspace(host_settings: dict[str, Any]) -> AsyncIterator[Any]:
    """A workspace whose models live at `wire`."""
    from llmhub.workspace import Workspace

    opened = Workspace.open(host_settings=host_settings)
    yield opened
    await opened.aclose()
