"""CPU per streamed request at 50 at once: our OpenAI door, and the LiteLLM proxy in front of the same model server.

    python -m tests.bench.doors [--proxy .../bin/litellm] [--model tokens-100-at-50] [--requests 300]

The proxy is no dependency and must not become one: `litellm[proxy]` asks for a package that is not free. For this measurement it
goes by hand into an environment of its own, with what the extra names but without `litellm-enterprise`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp
import psutil

from tests.providers.wire_server import WireServer
from tests.servers import TOKEN, JupyterProcess, free_port
from tests.world import environment

AT_ONCE = 50


async def ask(session: aiohttp.ClientSession, url: str, key: str, model: str) -> tuple[float, float]:
    """Seconds to the first piece and to the end."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    began, first, is_done = time.monotonic(), 0.0, False
    async with session.post(f"{url}/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"}) as answer:
        assert answer.status == 200, await answer.text()
        async for line in answer.content:
            if line.startswith(b"data:"):
                first = first or time.monotonic() - began
                is_done = is_done or b"[DONE]" in line
    assert is_done
    return first, time.monotonic() - began


async def load(url: str, key: str, model: str, requests: int) -> list[tuple[float, float]]:
    """So many requests, 50 at once."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one() -> tuple[float, float]:
            async with turn:
                return await ask(session, url, key, model)

        return await asyncio.gather(*(one() for _ in range(requests)))


def seconds_of(process: psutil.Process) -> float:
    """CPU of a process and its children."""
    return sum(each.cpu_times().user + each.cpu_times().system for each in (process, *process.children(recursive=True)))


async def measure(name: str, pid: int, url: str, key: str, model: str, requests: int) -> None:
    """Print one line."""
    process = psutil.Process(pid)
    await load(url, key, model, 20)
    before = seconds_of(process)
    times = await load(url, key, model, requests)
    used = (seconds_of(process) - before) / requests * 1000
    first, whole = (statistics.median(column) * 1000 for column in zip(*times, strict=True))
    memory = process.memory_info().rss / 2**20
    print(f"{name}: {used:.1f} ms CPU per request, first piece p50 {first:.0f} ms, whole p50 {whole:.0f} ms, {memory:.0f} MB")


async def measure_proxy(program: str, folder: Path, base_url: str, model: str, requests: int) -> None:
    """Start the proxy, measure it, end it."""
    config, port = folder / "proxy.yaml", free_port()
    params = {"model": f"openai/{model}", "api_base": base_url, "api_key": "sk-x"}
    config.write_text(
        json.dumps({"model_list": [{"model_name": "m", "litellm_params": params}], "general_settings": {"master_key": "sk-m"}})
    )
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR"}
    arguments = ("--config", str(config), "--port", str(port), "--host", "127.0.0.1", "--num_workers", "1")
    quiet = asyncio.subprocess.DEVNULL
    proxy = await asyncio.create_subprocess_exec(program, *arguments, env=env, stdout=quiet, stderr=quiet)
    try:
        async with aiohttp.ClientSession() as session:
            while proxy.returncode is None:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/health/liveliness") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        await measure("the LiteLLM proxy", proxy.pid, f"http://127.0.0.1:{port}/v1", "sk-m", "m", requests)
    finally:
        if proxy.returncode is None:
            proxy.terminate()
            await proxy.wait()


async def main() -> None:
    """One after the other, never both at once. The model server is a thread here, beside the client: its CPU counts for nobody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proxy", help="the program `litellm` of the environment that the proxy is in")
    parser.add_argument("--model", default="tokens-100-at-50", help="what the model server says, and how quickly")
    parser.add_argument("--requests", type=int, default=300)
    told = parser.parse_args()
    with WireServer.in_thread() as wire, tempfile.TemporaryDirectory() as name:
        provider = {"kind": "openai", "base_url": wire.base_url("openai"), "api_key": "sk-x", "models": [told.model]}
        server = JupyterProcess({"providers": {"lab": provider}, "local_servers": []}, environment=environment(Path(name)))
        async with server:
            await measure("llmhub", server.pid, f"{server.url}llmhub/v1", TOKEN, f"lab/{told.model}", told.requests)
        if told.proxy:
            await measure_proxy(told.proxy, Path(name), wire.base_url("openai"), told.model, told.requests)


if __name__ == "__main__":
    asyncio.run(main())
