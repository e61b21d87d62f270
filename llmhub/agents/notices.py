"""Word that something changed, for every page of the same person: a second tab learns what the first one did.

A notice says what to look at again, never what it became; nothing is stored and nothing is replayed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import Final, Literal, TypedDict

Change = Literal[
    "run.started",
    "run.finished",
    "conversation.changed",
    "conversation.deleted",
    "conversations.changed",
    "folders.changed",
    "settings.changed",
    "presets.changed",
    "models.changed",
    "missed",
]


class Notice(TypedDict, total=False):
    """What changed. `missed` stands for notices that a slow page did not take in time: look at everything again."""

    what: Change
    conversation_id: str
    run_id: str


_MOST: Final = 200


class Notices:
    """Pages subscribe, whoever changes something publishes."""

    def __init__(self) -> None:
        self._mailboxes: dict[str, set[_Mailbox]] = {}

    def publish(self, principal_id: str, notice: Notice) -> None:
        """Put `notice` into the mailbox of each of this person's pages; never waits."""
        for mailbox in self._mailboxes.get(principal_id, ()):
            mailbox.put(notice)

    def publish_to_all(self, notice: Notice) -> None:
        """The same to the pages of everybody."""
        for principal_id in list(self._mailboxes):
            self.publish(principal_id, notice)

    async def subscribe(self, principal_id: str) -> AsyncIterator[Notice]:
        """Notices from now on, until the iterator is closed."""
        with self._mailbox(principal_id) as mailbox:
            while True:
                yield await mailbox.take()

    @contextmanager
    def _mailbox(self, principal_id: str):
        mailbox = _Mailbox()
        mailboxes = self._mailboxes.setdefault(principal_id, set())
        mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            mailboxes.discard(mailbox)
            if not mailboxes:
                self._mailboxes.pop(principal_id, None)


class _Mailbox:
    def __init__(self) -> None:
        self._notices: deque[Notice] = deque()
        self._filled = asyncio.Event()

    def put(self, notice: Notice) -> None:
        if len(self._notices) >= _MOST:
            self._notices.clear()
            notice = {"what": "missed"}
        self._notices.append(notice)
        self._filled.set()

    async def take(self) -> Notice:
        while not self._notices:
            self._filled.clear()
            await self._filled.wait()
        return self._notices.popleft()
