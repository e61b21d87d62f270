"""Looking again until it is so: for what `expect` cannot look at, as where things stand or what the server has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

WITHIN = 30
"""Seconds, as `expect` has."""
PAUSE = 0.05


async def becomes(look: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Look until it is seen: `wanted` is a value, or says of a value whether it is the one."""
    is_it = wanted if callable(wanted) else lambda seen: seen == wanted
    end = asyncio.get_running_loop().time() + WITHIN
    while not is_it(seen := await look()):
        assert asyncio.get_running_loop().time() < end, f"it did not become {wanted}: {seen}"
        await asyncio.sleep(PAUSE)
