"""A real IPython kernel: cells are run, and what a notebook would show of them is given."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

WITHIN = 60.0


@dataclass
class Ran:
    """What came of a cell: its outputs as a notebook has them, how often they changed, and the reply."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    updates: int = 0
    times: list[float] = field(default_factory=list)
    """When each output or change of one came."""
    comms: list[dict[str, Any]] = field(default_factory=list)
    """The widgets that it made, as a page hears of them."""
    payload: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    streams: dict[str, str] = field(default_factory=lambda: {"stdout": "", "stderr": ""})
    error: str = ""
    ename: str = ""
    traceback: str = ""

    @property
    def markdown(self) -> str:
        """The last Markdown shown."""
        shown = [output["data"]["text/markdown"] for output in self.outputs if "text/markdown" in output["data"]]
        return shown[-1] if shown else ""

    @property
    def text(self) -> str:
        """Everything that a person would see, for looking for what must not be there."""
        return f"{self.outputs} {self.streams} {self.error} {self.traceback}"


class Kernel:
    """`with Kernel(environment, folder) as kernel: kernel.run("1 + 1")`."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._env = env
        self._folder = folder

    def __enter__(self) -> Kernel:
        self._manager.start_kernel(env=self._env, cwd=str(self._folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def run(
        self, code: str, *, cell: str | None = None, seen: Callable[[Ran], object] = lambda ran: None, says: str | None = None
    ) -> Ran:
        """Run a cell. `cell` is its id, as JupyterLab tells it; `seen` is called with each change of what is shown.

        `says`: what the person at the keyboard answers when they are asked; None: there is nobody.
        """
        message = self._client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": says is not None},
            metadata={"cellId": cell} if cell else {},
        )
        self._client.shell_channel.send(message)
        asked = message["header"]["msg_id"]
        if says is not None:
            self._client.get_stdin_msg(timeout=WITHIN)
            self._client.input(says)
        ran, displays = Ran(), {}
        until = time.monotonic() + WITHIN
        while True:
            try:
                said = self._client.get_iopub_msg(timeout=until - time.monotonic())
            except queue.Empty:
                raise AssertionError(f"the cell did not end: {ran}") from None
            if said["parent_header"].get("msg_id") != asked:
                continue
            content = said["content"]
            match said["msg_type"]:
                case "stream":
                    ran.streams[content["name"]] += content["text"]
                case "display_data" | "execute_result":
                    ran.outputs.append(content)
                    displays[content.get("transient", {}).get("display_id")] = content
                case "update_display_data":
                    ran.updates += 1
                    displays[content["transient"]["display_id"]].update(content)
                case "comm_open":
                    ran.comms.append(content)
                case "error":
                    ran.ename, ran.error = content["ename"], content["evalue"]
                    ran.traceback = "\n".join(content["traceback"])
                case "status" if content["execution_state"] == "idle":
                    break
                case _:
                    continue
            if said["msg_type"] not in ("status",):
                ran.times.append(time.monotonic())
                seen(ran)
        while True:
            reply = self._client.get_shell_msg(timeout=WITHIN)
            if reply["parent_header"].get("msg_id") == asked:
                ran.status = reply["content"]["status"]
                ran.payload = reply["content"].get("payload", [])
                return ran

    def start(self, code: str) -> None:
        """Have a cell run, and do not wait."""
        self._client.execute(code)

    def tell(self, comm: str, content: dict[str, Any]) -> None:
        """Say something to a widget, as its view in a page does."""
        data = {"method": "custom", "content": content}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", {"comm_id": comm, "data": data}))

    def told(self, comm: str, done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """What a widget says to its views from here on, until that is enough; outputs that changed meanwhile among it."""
        heard: list[dict[str, Any]] = []
        until = time.monotonic() + WITHIN
        while not done(heard):
            try:
                said = self._client.get_iopub_msg(timeout=until - time.monotonic())
            except queue.Empty:
                raise AssertionError(f"the widget said no more: {heard}") from None
            if said["msg_type"] == "comm_msg" and said["content"]["comm_id"] == comm:
                heard.append(said["content"]["data"].get("content") or {})
            elif said["msg_type"] == "update_display_data":
                heard.append({"type": "output", **said["content"]})
        return heard

    def wait_until_dead(self) -> None:
        """Return when the process has ended."""
        self._process.wait(WITHIN)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self.wait_until_dead()

    @property
    def _process(self) -> Any:
        return self._manager.provisioner.process  # type: ignore[union-attr]

    def value(self, expression: str) -> Any:
        """What an expression is in the kernel, by way of JSON."""
        import json

        ran = self.run(f"import json as _json; print(_json.dumps({expression}))")
        assert ran.status == "ok", ran
        return json.loads(ran.streams["stdout"])
