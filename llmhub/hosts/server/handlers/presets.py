"""Presets, and which parameters a model takes."""

from __future__ import annotations

from ....conversations.values import Page, Preset
from ....providers.parameters import Parameter
from ...bodies.models import ParametersQuery, ParametersView
from ...bodies.presets import PresetChanges, Presets, PresetStart
from ...presets import add_preset, change_preset, delete_preset, presets_view
from ..handler import Handler
from ..operation import reads, writes


class ParametersHandler(Handler):
    """What one model takes."""

    @reads(
        "The parameters that a model takes, with ranges and defaults", query=ParametersQuery, answer=ParametersView, errors=(404,)
    )
    async def get(self, query: ParametersQuery) -> Page[Parameter]:
        """In the order in which a person wants to see them."""
        model = query.model or await self.workspace.router.default_model(self.rules)
        if model is None:
            return Page([])
        self.rules.check_model(model)
        return Page(list(await self.workspace.router.parameters(model)))


class PresetsHandler(Handler):
    """All of them."""

    @reads("Presets: those of llmhub.yaml, which are locked, then one's own by name", answer=Presets)
    async def get(self) -> Page[Preset]:
        """At most one is the default."""
        return Page(await presets_view(self.workspace, self.principal.id))

    @writes("Save a preset", body=PresetStart, answer=Preset, status=201, errors=(409,))
    async def post(self, body: PresetStart) -> Preset:
        """The same `client_request_id` again gives the same preset."""
        made = await add_preset(self.workspace, self.principal.id, body.draft(), body.client_request_id)
        self.publish("presets.changed")
        return made


class PresetHandler(Handler):
    """One of them."""

    @writes("Change a preset; what is absent stays", body=PresetChanges, answer=Preset, errors=(403, 404, 409))
    async def patch(self, preset_id: str, body: PresetChanges) -> Preset:
        """A new default takes the place of the old one."""
        changed = await change_preset(self.workspace, self.principal.id, preset_id, body.changes())
        self.publish("presets.changed")
        return changed

    @writes("Delete a preset; conversations that began with it stay as they are", errors=(403, 404))
    async def delete(self, preset_id: str) -> None:
        """Gone for good."""
        await delete_preset(self.workspace, self.principal.id, preset_id)
        self.publish("presets.changed")
