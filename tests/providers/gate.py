"""What holds the tokens of a `gated` model back, so that tests wait for events and not for time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class Gate:
    """Lets the tokens of a `gated` model through."""

    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    released: int = 0
    finished: bool = False
    loop: asyncio.AbstractEventLoop | None = None

    def release(self, tokens: int = 1, *, finish: bool = False) -> None:
        """Let `tokens` more through, in any thread; `finish` lets the answer end after them."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.let_through(tokens, finish), self.loop)

    async def let_through(self, tokens: int, finish: bool) -> None:
        """The same, in the server's own loop."""
        async with self.changed:
            self.released += tokens
            self.finished = self.finished or finish
            self.changed.notify_all()

    async def tokens(self) -> AsyncIterator[str]:
        """The released tokens, from the first, as they come."""
        said = 0
        while True:
            async with self.changed:
                while self.released <= said and not self.finished:
                    await self.changed.wait()
                upto, finished = self.released, self.finished
            for index in range(said, upto):
                yield f"t{index} "
            said = upto
            if finished:
                return
