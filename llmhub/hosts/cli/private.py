"""`PrivateServer`: a Jupyter server with nothing but llmhub, for one command where no server runs.

It is the same code on the same data, so that nothing is written twice; it listens on this machine only, its token is nobody
else's, other commands do not find it, and it ends with the command, also when that is killed.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Final, Self, cast

from ...errors import Unreachable

_STARTS_WITHIN: Final = 60.0
_STOPS_WITHIN: Final = 15.0


class PrivateServer:
    """`with PrivateServer() as server: Client(server.url, server.token)`."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.url = ""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="llmhub-")
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self._log = (Path(self._folder.name) / "log").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "JUPYTER_RUNTIME_DIR": self._folder.name},
            start_new_session=True,  # Ctrl-C is the command's, which stops the run first
        )
        told = {"port": port, "token": self.token, "root": self._folder.name}
        stdin = cast("IO[bytes]", self._process.stdin)
        stdin.write(json.dumps(told).encode() + b"\n")
        stdin.flush()
        try:
            self._wait(port)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        cast("IO[bytes]", self._process.stdin).close()
        try:
            self._process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def _wait(self, port: int) -> None:
        until = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < until and self._process.poll() is None:
            if _is_listened_to(port):
                return
            time.sleep(0.02)
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip().splitlines()
        raise Unreachable(
            "llmhub did not start." + (f" The last it said: {said[-1][:300]}" if said else ""),
            hint="`llmhub config check` says whether its settings are in order.",
        )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _is_listened_to(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        # Who is given this very port to call from reaches nobody but itself.
        return caller.connect_ex(("127.0.0.1", port)) == 0 and caller.getsockname() != caller.getpeername()


def _serve() -> None:
    """The process itself: what it needs to know comes over stdin, which no other user of the machine can read."""
    told = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    from jupyter_server.serverapp import ServerApp

    ServerApp.launch_instance(  # pyright: ignore[reportUnknownMemberType]
        [
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={told['port']}", "--ServerApp.port_retries=0"),
            *("--ServerApp.sock=", "--ServerApp.certfile=", "--ServerApp.keyfile=", "--ServerApp.base_url=/"),
            *("--ServerApp.open_browser=False", "--ServerApp.allow_root=True", f"--ServerApp.root_dir={told['root']}"),
            "--ServerApp.identity_provider_class=jupyter_server.auth.identity.PasswordIdentityProvider",
            f"--IdentityProvider.token={told['token']}",
            "--ServerApp.jpserver_extensions=" + repr({"llmhub": True, **dict.fromkeys(_OTHERS, False)}),
            "--ServerApp.reraise_server_extension_failures=True",
        ]
    )


_OTHERS: Final = ("jupyterlab", "notebook", "notebook_shim", "nbclassic", "jupyter_lsp", "jupyter_server_terminals", "voila")
"""What it does not need: it starts in half the time without them."""


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    _serve()
