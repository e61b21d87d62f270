"""A real IPython kernel with `%load_ext llmhub`, shared by all tests here, and the scripted models that it asks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer
from tests.world import environment

from .kernel import Kernel


@pytest.fixture(scope="package")
def models() -> Iterator[WireServer]:
    with WireServer.in_thread() as server:
        yield server


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory, models: WireServer) -> dict[str, str]:
    """The environment of the kernel: llmhub.yaml names the scripted models."""
    folder = tmp_path_factory.mktemp("notebook")
    file = folder / "llmhub.yaml"
    file.write_text(json.dumps(settings_for(models)))
    file.chmod(0o600)
    return environment(folder) | {"LLMHUB_CONFIG": str(file), "JPY_SESSION_NAME": str(folder / "analysis.ipynb")}


@pytest.fixture(scope="package")
def started(world: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with Kernel(world, tmp_path_factory.mktemp("cwd")) as kernel:
        kernel.run("%load_ext llmhub\nimport llmhub")
        yield kernel


@pytest.fixture
def kernel(started: Kernel, models: WireServer) -> Kernel:
    """As it is after `%load_ext llmhub` and `import llmhub`, but for what tests before left in it: no test needs that."""
    models.forget()
    return started


@pytest.fixture(autouse=True)
def own_world() -> None:
    """The kernel outlives a single test: its world is that of all of them."""
