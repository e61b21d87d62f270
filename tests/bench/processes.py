"""The processes that a measurement stands on: a model server and a real Jupyter server, and what the system says of them.

Everything lives in one temporary folder and is ended by its id.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

TOKEN = "bench"
ROOT = Path(__file__).parents[2]


class Process:
    """A running process, as the system sees it."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        self._seen = psutil.Process(popen.pid)

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU so far, all threads, dead ones too. The process's own clock: psutil's ticks are 10 ms long."""
        return time.clock_gettime(~self.popen.pid << 3 | 2) * 1000

    @property
    def waited_ms(self) -> float:
        """Milliseconds that its main thread could have run and waited for a core: how busy others keep the machine."""
        return int(Path(f"/proc/{self.popen.pid}/schedstat").read_text().split()[1]) / 1e6

    @property
    def rss_mb(self) -> float:
        """Resident memory."""
        return self._seen.memory_info().rss / 2**20

    @property
    def written(self) -> int:
        """Bytes that the process has caused to be written to a disk."""
        return self._seen.io_counters().write_bytes

    @property
    def children(self) -> int:
        """Processes below it."""
        return len(self._seen.children(recursive=True))

    @property
    def connections(self) -> int:
        """Internet sockets, the listening one and those of its clients left out."""
        sockets = self._seen.net_connections(kind="inet")
        listening = {sock.laddr.port for sock in sockets if sock.status == psutil.CONN_LISTEN}
        return sum(sock.status != psutil.CONN_LISTEN and sock.laddr.port not in listening for sock in sockets)


@dataclass
class Jupyter(Process):
    """A Jupyter server with llmhub in it."""

    popen: subprocess.Popen[bytes]
    port: int
    folder: Path

    def __post_init__(self) -> None:
        super().__init__(self.popen)

    @property
    def url(self) -> str:
        """llmhub's API."""
        return f"http://127.0.0.1:{self.port}/llmhub/api/"

    @property
    def data(self) -> Path:
        """llmhub's data directory."""
        return self.folder / "llmhub"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="llmhub-bench-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextlib.contextmanager
def model_server(where: Path) -> Iterator[str]:
    """The address of a running `tests.bench.tokens`."""
    file = where / "model-port"
    with _running([sys.executable, "-m", "tests.bench.tokens", "--port-file", str(file)], _environment(where), where / "model.log"):
        while not file.exists():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{file.read_text()}"


@contextlib.contextmanager
def wire_server(where: Path) -> Iterator[str]:
    """The address of a running `tests.providers.wire_server`, whose models do whatever models do."""
    file = where / "wire-port"
    command = [sys.executable, "-m", "tests.providers.wire_server", "--port-file", str(file)]
    with _running(command, _environment(where), where / "wire.log"):
        while not (file.exists() and file.read_text()):
            time.sleep(0.01)
        yield f"http://127.0.0.1:{file.read_text()}"


@contextlib.contextmanager
def jupyter(where: Path, settings: dict[str, Any] | None = None, *, extension: bool = True, lab: bool = False) -> Iterator[Jupyter]:
    """A running server that has answered `/api/status` once."""
    port = _free_port()
    where.mkdir(exist_ok=True)
    enabled = {"llmhub": extension, "jupyterlab": lab, "notebook_shim": lab, "jupyter_server_terminals": lab}
    # Not jupyter_lsp: it starts a process of its own to look for language servers.
    config = {
        "ServerApp": {
            "jpserver_extensions": {**enabled, "notebook": False, "jupyter_lsp": False},
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(where),
        },
        "IdentityProvider": {"token": TOKEN},
        "LLMHub": {"settings": settings or {}},
    }
    file = where / "jupyter_server_config.json"
    file.write_text(json.dumps(config))
    with _running([sys.executable, "-m", "jupyter_server", f"--config={file}"], _environment(where), where / "server.log") as popen:
        _until_it_answers(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", popen)
        yield Jupyter(popen, port, where)


def _environment(where: Path) -> dict[str, str]:
    """None of the keys, settings or folders of whoever runs this."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LLMHUB_", "JUPYTER_", "JPY_")) and not name.upper().endswith(("_API_KEY", "_TOKEN", "_PROXY"))
    }
    folders = {f"JUPYTER_{name}_DIR": str(where / "jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    return {
        **kept,
        **folders,
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LLMHUB_DATA_DIR": str(where / "llmhub"),
        "PYTHONPATH": str(ROOT),
        "HOME": str(where),
    }


@contextlib.contextmanager
def _running(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        popen = subprocess.Popen(command, env=env, cwd=log.parent, stdout=out, stderr=out)
    try:
        yield popen
    finally:
        popen.terminate()
        try:
            popen.wait(15)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _until_it_answers(url: str, popen: subprocess.Popen[bytes]) -> None:
    while True:
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=10) as answer:
            if answer.status == 200:
                return
        if popen.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        time.sleep(0.02)
