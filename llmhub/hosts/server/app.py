"""`LLMHub`: the Jupyter server extension. It hangs a workspace into a running server and takes it down with it.

Loading costs next to nothing: the routes are imported when one is first asked for, the workspace is built when a route needs it.
Set `c.LLMHub.settings` in jupyter_server_config.py to what could also stand in llmhub.yaml.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
from typing import TYPE_CHECKING, Any

from jupyter_server._tz import utcnow
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import PeriodicCallback
from tornado.routing import PathMatches, Rule
from traitlets import Dict

from ...identity import LOCAL, Principal
from .kernel_access import KernelAccess, Person, is_mentioned
from .routes import Routes, imported

if TYPE_CHECKING:
    from ...workspace import Workspace


class LLMHub(ExtensionApp):
    """A workspace for large language models."""

    name = "llmhub"

    settings = Dict(
        help="""What could stand in llmhub.yaml, as a dictionary: {"default_model": "lab/qwen3", "providers": {...}}.

        It wins over the file and the environment; what the user sets in the panel wins over it, except what is locked.
        """
    ).tag(config=True)

    look_ms = 1000
    """Milliseconds between two looks at llmhub.yaml, for pages that ask nothing meanwhile; a request looks for itself."""
    pulse_ms = 30_000
    """Milliseconds between two looks at whether something is being answered."""
    door_answers = 0
    """How many answers are being given at the doors for other programs (`llmhub/v1`)."""
    _workspace: Workspace | None = None
    _pulse: PeriodicCallback | None = None
    _looking: PeriodicCallback | None = None

    def initialize(self) -> None:
        """Take our settings out of the trait before jupyter_server pours it into the web application's own."""
        self.host_settings: dict[str, Any] = dict(self.settings)
        self.settings = {}
        self._opening = asyncio.Lock()
        self.people: dict[str, Person] = {}
        super().initialize()
        assert self.serverapp is not None
        self.kernels = KernelAccess(self.serverapp, self._kernels_person, self.log)
        self.kernels.begin()

    def initialize_handlers(self) -> None:
        """Everything under our address goes to `Routes`."""
        assert self.serverapp is not None
        app = self.serverapp.web_app
        prefix = app.settings["base_url"] + "llmhub/"
        app.add_handlers(".*$", [Rule(PathMatches(re.escape(prefix) + ".*"), Routes(app, prefix))])

    async def workspace(self) -> Workspace:
        """The workspace, configured as llmhub.yaml says now; built on first use, its libraries load in a thread.

        Raises `ConfigError` for a configuration that is broken from the start.
        """
        if self._workspace is None:
            async with self._opening:
                if self._workspace is None:
                    self._workspace = await self._open()
        await self._workspace.refresh()
        return self._workspace

    async def _open(self) -> Workspace:
        module = await asyncio.to_thread(imported, "llmhub.workspace")
        workspace = module.Workspace.open(host_settings=self.host_settings, log=self.log)
        self._pulse = PeriodicCallback(self._beat, self.pulse_ms)
        self._pulse.start()
        self._looking = PeriodicCallback(workspace.refresh, self.look_ms)
        self._looking.start()
        _spare_the_garbage_collector()
        return workspace

    async def _kernels_person(self) -> Person | None:
        """Whose models a kernel that starts now may use; None: its owner has not agreed."""
        assert self.serverapp is not None
        if self._workspace is None and not await asyncio.to_thread(is_mentioned, self.host_settings, os.environ):
            return None
        person = self._owner(self.serverapp.identity_provider)
        if person is None:
            return None
        settings = (await self.workspace()).policy.of(person.principal).config.settings
        return person if settings.kernel_access and settings.features.doors else None

    def _owner(self, provider: IdentityProvider) -> Person | None:
        """Who starts kernels here: the one owner of a plain server or of a hub's, else the only one who was ever here."""
        if type(provider).__module__.partition(".")[0] == "jupyter_server":
            return Person(User(LOCAL.id), LOCAL)
        if name := os.environ.get("JUPYTERHUB_USER"):
            return self.people.get(name) or Person(User(name), Principal(name, name))
        return next(iter(self.people.values())) if len(self.people) == 1 else None

    def current_activity(self) -> int | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """How many answers are being given: jupyter_server does not shut down for idleness meanwhile."""
        return (self._workspace.runs.active_count + self.door_answers or None) if self._workspace is not None else None

    def meet(self, user: User, principal: Principal) -> None:
        """Remember who was here, with their groups: kernels are started without saying for whom."""
        if principal != LOCAL:
            self.people[principal.id] = Person(user, principal)

    def note_activity(self) -> None:
        """Move "last activity" forward, which JupyterHub's culler looks at."""
        assert self.serverapp is not None
        self.serverapp.web_app.settings["llmhub_last_activity"] = utcnow()

    async def stop_extension(self) -> None:
        """End running answers as interrupted, with what was said stored."""
        for callback in (self._pulse, self._looking):
            if callback is not None:
                callback.stop()
        if self._workspace is not None:
            await self._workspace.aclose()
            self._workspace = None

    def _beat(self) -> None:
        """Nobody may be watching an answer; the server is in use all the same."""
        if self.current_activity():
            self.note_activity()


def _spare_the_garbage_collector() -> None:
    """Have it leave alone what is there for life: Jupyter's and our modules, a quarter of a million objects.

    A full pass over them held every answer for 100 to 160 ms, so none is made before either: imports leave next to no garbage.
    Once per process: a test has many servers in one.
    """
    if not gc.get_freeze_count():
        gc.freeze()
