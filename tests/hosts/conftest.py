"""A real Jupyter server with llmhub in it, in the test's own loop, by pytest-jupyter's fixtures.

pytest-jupyter brings a loop and a way to run tests; pytest-asyncio has those already, so only the fixtures are taken.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from pytest_jupyter.jupyter_core import (  # noqa: F401
    echo_kernel_spec,
    jp_config_dir,
    jp_data_dir,
    jp_env_config_path,
    jp_env_jupyter_path,
    jp_environ,
    jp_home_dir,
    jp_kernel_dir,
    jp_runtime_dir,
    jp_system_config_path,
    jp_system_jupyter_path,
)
from pytest_jupyter.jupyter_server import (  # noqa: F401
    jp_argv,
    jp_auth_header,
    jp_base_url,
    jp_configurable_serverapp,
    jp_fetch,
    jp_http_port,
    jp_logging_stream,
    jp_nbconvert_templates,
    jp_root_dir,
    jp_server_cleanup,
    jp_serverapp,
    jp_template_dir,
    jp_web_app,
    jp_ws_fetch,
)
from pytest_jupyter.pytest_tornasync import http_server, http_server_client, http_server_port, io_loop  # noqa: F401

from .api import Api


@pytest.fixture
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    """The loop that pytest-asyncio runs the test in; between the steps of a test it stands still and can be run."""
    return asyncio.get_running_loop()


@pytest.fixture
def small_pipes(http_server_port: Any) -> None:  # noqa: F811
    """The kernel keeps little between server and reader, so that what a stopped reader does not take stays with the server."""
    http_server_port[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@pytest.fixture
def jp_server_config(host_settings: dict[str, Any]) -> dict[str, Any]:
    """The server's configuration: llmhub is on, its settings are the test's."""
    return {
        "ServerApp": {"jpserver_extensions": {"llmhub": True, "jupyter_server_terminals": False}},
        "LLMHub": {"settings": host_settings},
    }


@pytest.fixture
async def api(jp_serverapp: ServerApp, http_server: Any, jp_fetch: Any, jp_ws_fetch: Any) -> AsyncIterator[Api]:  # noqa: F811
    """llmhub's API on the running server, with the token."""
    api = Api(jp_serverapp, http_server, jp_fetch, jp_ws_fetch)
    yield api
    await api.aclose()
