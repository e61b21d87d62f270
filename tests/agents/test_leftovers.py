"""Turns with faults of every kind leave nothing behind: no task, no socket, no heap of objects."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from ..bench.faults import FAULTS, Left, suffer, turn, workspace
from ..providers.wire_server import WireServer

WARM, TURNS = 100, 100


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every turn is answered: on a slow machine enough of them could time out in a row for the provider to be left alone."""
    monkeypatch.setattr("llmhub.providers.circuit.AFTER", 10**6)


async def test_turns_with_faults_leave_no_task_socket_or_memory_behind(tmp_path: Path) -> None:
    async with WireServer() as wire:
        bare = Left.now()
        hub = workspace(tmp_path, wire.url)
        rng = random.Random(11)
        await suffer(hub, WARM, rng, at_once=12)
        wire.forget()
        before = Left.now()
        ended = await suffer(hub, TURNS, rng, at_once=12)
        wire.forget()
        after = Left.now()
        await hub.aclose()
        async with asyncio.timeout(60):  # a connection that was closed is gone a moment later
            while (closed := Left.now()).tasks > bare.tasks or closed.sockets > bare.sockets:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert sum(ended.values()) == TURNS
    assert set(ended) == {"complete", "failed", "interrupted", "stopped"}
    assert after.objects - before.objects < 10 * TURNS


async def test_every_fault_ends_its_turn(tmp_path: Path) -> None:
    async with WireServer() as wire:
        hub = workspace(tmp_path, wire.url)
        ended = {fault: await turn(hub, fault) for fault in FAULTS}
        await hub.aclose()
    assert ended["echo"] == "complete"
    assert ended["cut-midstream"] == ended["silent-midstream"] == "interrupted"
    assert ended["slow, stopped"] == ended["hang-before-first-byte, stopped"] == "stopped"
    assert ended["e500"] == ended["html"] == "failed"
