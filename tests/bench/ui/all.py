"""Every measurement of the panel, on one stand, beside one bare JupyterLab."""

from __future__ import annotations

from importlib import import_module

from ..figures import Figure
from .long_thread import fill
from .stand import stand

NAMES = ("weight", "first_token", "streaming", "long_thread")


async def measure(*names: str) -> list[Figure]:
    """Those that are named, else all."""
    figures: list[Figure] = []
    async with stand(fill) as here:
        for name in names or NAMES:
            measured = await import_module(f"tests.bench.ui.{name}").measure(here)
            figures += measured
    return figures
