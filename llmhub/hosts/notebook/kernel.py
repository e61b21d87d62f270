"""`Kernel`: this process as llmhub's guest: the one client that its magics and functions share, found on first use.

Where a Jupyter server with llmhub runs, it is asked, so that everything is in the shared store, its limits and the panel; else a
workspace is opened here (`Embedded`).
"""

from __future__ import annotations

import atexit
import os
import threading
from contextlib import suppress
from typing import Any, Final

from ...client import AsyncClient, Client
from ...client.find import is_named
from ...errors import Unreachable

_LAST_WORDS: Final = 5.0
"""Seconds that the process waits at its end for what runs to be stored."""


class Kernel:
    """A process in which somebody asks. Use `here`."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._connecting = threading.Lock()

    @property
    def client(self) -> Client:
        """The way to llmhub. Raises `Unreachable` where a certain server is meant and does not answer."""
        with self._connecting:
            if self._client is None:
                self._client = _connect()
                _at_exit(self._client)
            return self._client

    @property
    def is_served(self) -> bool:
        """Whether a server answers."""
        return bool(self.client.server_url())

    def forget(self) -> None:
        """The server is gone: look again with the next question."""
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            _let_go(client)


def _connect() -> Client:
    client = Client.over(AsyncClient(env=os.environ, many=True))
    try:
        client.server_url()
        return client
    except Unreachable:
        client.close()
        if is_named(os.environ):  # nothing else takes its place
            raise
    from .embedded import Embedded  # with it come the workspace and all that it is made of

    return Client.over(AsyncClient.over(Embedded()))


def _at_exit(client: Client) -> None:
    """Before the pools of threads are shut down, which a workspace needs to end in order; atexit's own turn comes after that."""
    register: Any = getattr(threading, "_register_atexit", atexit.register)
    register(_let_go, client)


def _let_go(client: Client) -> None:
    with suppress(Exception):
        client.submit(client.aio.aclose()).result(_LAST_WORDS)


here: Final = Kernel()
"""This process."""
