"""`awaited`: what comes in the client's thread, awaited in the loop of whoever asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

T = TypeVar("T")
_PULSE: Final = 0.2
"""Seconds after which the loop looks up: a kernel's interrupt cancels what a cell awaits, but wakes no loop that sleeps."""


async def awaited(coming: Future[T], meanwhile: Callable[[], object] = lambda: None) -> T:
    """Its result; until then `meanwhile` is called now and then. Cancelled, it cancels what is on its way."""
    here = asyncio.wrap_future(coming)
    try:
        while not here.done():
            await asyncio.wait((here,), timeout=_PULSE)
            meanwhile()
        return here.result()
    finally:
        here.cancel()
