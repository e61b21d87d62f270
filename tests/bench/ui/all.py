"""Every measurement of the panel, on one stand, beside one bare JupyterLab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module

from ..figures import Figure
from .long_thread import fill
from .stand import stand

NAMES = ("weight", "first_token", "streaming", "long_thread", "picker", "map")
LIMIT = 400
"""Seconds for one of them: what hangs must not take the others along."""


async def measure(*names: str, known: Callable[[list[Figure]], None] | None = None) -> list[Figure]:
    """Those that are named, else all; each is told (`known`) when it is."""
    figures: list[Figure] = []
    async with stand(fill) as here:
        for name in names or NAMES:
            try:
                async with asyncio.timeout(LIMIT):
                    measured = await import_module(f"tests.bench.ui.{name}").measure(here)
            except TimeoutError:
                print(f"{name} was not measured: it took longer than {LIMIT} s.", flush=True)
                continue
            figures += measured
            if known:
                known(measured)
    return figures
