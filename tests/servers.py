"""Jupyter servers as processes of their own, for tests that kill, stop and restart them or open them in a browser."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

TOKEN = "test-token"
_QUICKLY = """
import runpy, sys
sys.modules["rfc3987_syntax"] = None
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""`python -m MODULE` in a third of its time: jsonschema has a grammar of IRIs compiled at import; nobody checks IRIs."""
STOPS_WITHIN = 60
"""Seconds that a server may take to stop before it is killed."""


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class JupyterProcess:
    """`async with JupyterProcess(settings) as server: await server.call("GET", "models")`.

    It inherits the test's environment, hence its own world of directories, unless it is given one. `app` is "server", "lab" or
    "notebook", `python` that of another environment.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        app: str = "server",
        root: Path | None = None,
        data_dir: Path | None = None,
        environment: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        self.settings = dict(settings)
        self.root = root
        self.data_dir = data_dir
        self.environment = environment
        self.python = python or Path(sys.executable)
        self.port = 0
        self.url = ""
        self.log: list[str] = []
        self._app = app
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> JupyterProcess:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def session(self) -> aiohttp.ClientSession:
        """A client with the server's token; its addresses are under `llmhub/api/`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                f"{self.url}llmhub/api/", headers={"Authorization": f"token {TOKEN}"}, timeout=aiohttp.ClientTimeout(total=60)
            )
        return self._session

    async def start(self) -> None:
        """Return when the server listens. A second start keeps the port, as a restarted server does."""
        self.port = self.port or free_port()
        module = {"server": "jupyter_server", "lab": "jupyterlab", "notebook": "notebook"}[self._app]
        arguments = [
            *("-c", _QUICKLY, module, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"),
            *("--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--ServerApp.open_browser=False"),
            "--ServerApp.jpserver_extensions=" + repr({"llmhub": True, **self._other_extensions()}),
            f"--LLMHub.settings={self.settings!r}",
        ]
        if self._app == "notebook":
            arguments += ["--JupyterNotebookApp.expose_app_in_browser=True"]
        if self._app == "lab":
            arguments += ["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=", "--LabApp.check_for_updates_class=" + _NEVER]
            # Else every page has it asked, by a Node of its own, whether JupyterLab should be built anew.
            arguments += [
                "--ServerApp.tornado_settings=" + repr({"page_config_data": {"buildAvailable": False, "buildCheck": False}})
            ]
        if self.root is not None:
            arguments.append(f"--ServerApp.root_dir={self.root}")
        self._process = await asyncio.create_subprocess_exec(
            self.python,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**(self.environment or os.environ), **({"LLMHUB_DATA_DIR": str(self.data_dir)} if self.data_dir else {})},
        )
        listening = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(listening))
        self.url = await listening
        await self._accepts()

    async def _accepts(self) -> None:
        """Jupyter says "is running at" a moment before it listens."""
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                assert self._process is not None and self._process.returncode is None, "".join(self.log)
                await asyncio.sleep(0.01)
            else:
                writer.close()
                await writer.wait_closed()
                return

    def _other_extensions(self) -> dict[str, bool]:
        return (
            {} if self._app != "server" else {"jupyterlab": False, "notebook": False, "notebook_shim": False, "jupyter_lsp": False}
        )

    async def _read(self, listening: asyncio.Future[str]) -> None:
        assert self._process is not None and self._process.stderr is not None
        async for line in self._process.stderr:
            self.log.append(line.decode(errors="replace"))
            found = re.search(r"(http://127\.0\.0\.1:\d+/)", self.log[-1])
            if found and not listening.done():
                listening.set_result(found[1])
        if not listening.done():
            listening.set_exception(RuntimeError("the server did not start:\n" + "".join(self.log)))

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a call that must succeed."""
        async with self.session.request(method, path, json=body) as answer:
            data = await answer.read()
            assert answer.status < 300, (method, path, answer.status, data)
            return json.loads(data) if data else None

    async def kill(self) -> None:
        """`kill -9`."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to stop, and wait until it has. Jupyter may hang at its very end, over a thread in which a file was being read."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, how)
            try:
                await asyncio.wait_for(self._process.wait(), STOPS_WITHIN)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._reader is not None:
            await self._reader
        if self._session is not None:
            await self._session.close()
            self._session = None


_NEVER = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
