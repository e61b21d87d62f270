"""The operating system's own key ring (macOS Keychain, Secret Service, KWallet, Windows), where it needs nobody to answer.

A Jupyter server often has no screen, so a call may hang behind a dialog that nobody sees. Every call runs in a thread of its own
with a time limit; while one hangs, the key ring counts as absent. Backends that keep keys in plain text or ask on the terminal are
never used.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar, cast

SERVICE = "llmhub"
_REAL = tuple(f"keyring.backends.{name}" for name in ("macOS", "SecretService", "libsecret", "kwallet", "Windows"))

T = TypeVar("T")


class Backend(Protocol):
    """What `keyring`'s backends have in common."""

    def get_password(self, service: str, username: str) -> str | None:
        """The stored secret."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a secret."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret; raises when there is none."""
        ...


class Absent(Exception):
    """There is no key ring that could be used, or it did not answer."""


class OSKeyring:
    """One principal's secrets in the system's key ring. Every method raises `Absent` when it cannot be used.

    `find` gives the backend or None; it is called in a thread, at first use.
    """

    def __init__(
        self,
        principal_id: str,
        *,
        env: Mapping[str, str] | None = None,
        find: Callable[[], Backend | None] | None = None,
        seconds: float = 10,
        log: logging.Logger | None = None,
    ) -> None:
        self._principal = principal_id
        self._find = find or (lambda: find_real_backend(os.environ if env is None else env))
        self._seconds = seconds
        self._log = log or logging.getLogger(__name__)
        self._backend: Backend | None = None
        self._looked = False
        self._hanging: Future[Any] | None = None

    async def get(self, provider: str) -> str | None:
        """The stored key."""
        return await self._call(lambda backend: backend.get_password(SERVICE, self._user(provider)))

    async def set(self, provider: str, key: str) -> None:
        """Store a key, and read it again: some key rings accept what they do not keep."""

        def store(backend: Backend) -> bool:
            backend.set_password(SERVICE, self._user(provider), key)
            return backend.get_password(SERVICE, self._user(provider)) == key

        if not await self._call(store):
            raise Absent

    async def delete(self, provider: str) -> None:
        """Forget a key, if there is one."""

        def forget(backend: Backend) -> None:
            if backend.get_password(SERVICE, self._user(provider)) is not None:
                backend.delete_password(SERVICE, self._user(provider))

        await self._call(forget)

    def _user(self, provider: str) -> str:
        return f"{self._principal}/{provider}"

    async def _call(self, work: Callable[[Backend], T]) -> T:
        if self._hanging is not None and not self._hanging.done():
            raise Absent
        future = _in_thread(lambda: self._with_backend(work))
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self._seconds)
        except TimeoutError:
            self._hanging = future
            self._log.warning("The system's key ring did not answer within %g s; it is left alone until it does.", self._seconds)
            raise Absent from None
        except Absent:
            raise
        except Exception as exc:
            # The backend's own text may quote what it was given.
            self._log.warning("The system's key ring failed (%s).", type(exc).__name__)
            raise Absent from None

    def _with_backend(self, work: Callable[[Backend], T]) -> T:
        if not self._looked:
            self._backend = self._find()
            self._looked = True
        if self._backend is None:
            raise Absent
        return work(self._backend)


def _in_thread(work: Callable[[], T]) -> Future[T]:
    """Run in a daemon thread: one that hangs must not keep the server from ending, as a pool's would."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as exc:
            future.set_exception(exc)

    threading.Thread(target=run, name="llmhub-keyring", daemon=True).start()
    return future


def find_real_backend(env: Mapping[str, str]) -> Backend | None:
    """The system's key ring, unless it is one that keeps nothing, keeps it in plain text, or would have to ask somebody."""
    if sys.platform.startswith("linux") and not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        return None  # a locked key ring would ask on a screen that is not there
    import keyring

    chosen: Any = keyring.get_keyring()
    candidates = cast(list[Any], getattr(chosen, "backends", None) or [chosen])
    return next((cast(Backend, each) for each in candidates if type(each).__module__ in _REAL), None)
