"""What a list of 4,000 models costs: `GET models` of a server that has just started, and again. `python -m tests.bench.catalogue`

The first server hears the list from its provider and keeps it; the second has it from disk.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.providers.wire_server import WireServer

from .client import Client
from .figures import Figure, median, show
from .processes import folder, jupyter

MODELS, ROUNDS = 4_000, 20


async def measure() -> list[Figure]:
    """Names as providers have them, so that the catalogue knows some and not others."""
    with folder() as where:
        async with WireServer() as wire:
            families = ("llama-3.3-70b", "qwen3-32b", "claude-sonnet-4-5", "gpt-oss-120b")
            wire.models = [f"vendor-{at % 50}/{families[at % 4]}-{at}" for at in range(MODELS)]
            settings = {"providers": {"lab": {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": "sk-bench"}}}
            first, size, again = await _asked(where, settings)
            remembered, _, _ = await _asked(where, settings)
    return [
        Figure("`GET models` of a new server that never heard them", first, "ms", None, "catalogue read, list asked and kept"),
        Figure("`GET models` of a new server that heard them before", remembered, "ms"),
        Figure("`GET models` again", median(again), "ms", 100, f"worst of {ROUNDS}: {max(again):.0f} ms"),
        Figure(f"its size for {MODELS:,} models", size / 1000, "kB", None, "before the server compresses it"),
    ]


async def _asked(where: Path, settings: dict[str, Any]) -> tuple[float, int, list[float]]:
    with jupyter(where / "server", settings) as server:
        async with Client(server) as client:
            await client.call("GET", "config")  # the routes are loaded
            times: list[float] = []
            size = 0
            for _ in range(ROUNDS + 1):
                begun = time.perf_counter()
                size = len(await client.read("models"))
                times.append((time.perf_counter() - begun) * 1000)
            return times[0], size, times[1:]


if __name__ == "__main__":
    show(asyncio.run(measure()))
