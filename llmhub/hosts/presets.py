"""Presets as a person sees and changes them: those that llmhub.yaml gives everybody, which nobody can change, and their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from ..conversations.presets import taken
from ..conversations.values import Preset, PresetDraft
from ..errors import AccessDenied

if TYPE_CHECKING:
    from ..workspace import Workspace

_GIVEN = UUID("5f0b6f6c-8d0c-4c43-9a6e-0d5a3f1f2a11")


async def presets_view(workspace: Workspace, owner: str) -> list[Preset]:
    """Those of llmhub.yaml in its order, then the owner's by name. At most one is the default, the owner's before the file's."""
    own = await workspace.presets.list(owner)
    has_default = any(preset.default for preset in own)
    return [*_given(workspace, can_be_default=not has_default), *own]


async def add_preset(workspace: Workspace, owner: str, draft: PresetDraft, client_request_id: str) -> Preset:
    """Save one. Raises `Conflict` for a name that is taken."""
    _refuse_given_name(workspace, draft.name)
    return await workspace.presets.add(owner, draft, client_request_id=client_request_id)


async def change_preset(workspace: Workspace, owner: str, preset_id: str, changes: dict[str, Any]) -> Preset:
    """Change one of the owner's. Raises `NotFound`, `Conflict`, and `AccessDenied` for one of llmhub.yaml's."""
    _refuse_given(workspace, preset_id)
    if "name" in changes:
        _refuse_given_name(workspace, changes["name"])
    return await workspace.presets.change(owner, preset_id, changes)


async def delete_preset(workspace: Workspace, owner: str, preset_id: str) -> None:
    """Delete one of the owner's. Raises as `change_preset`."""
    _refuse_given(workspace, preset_id)
    await workspace.presets.delete(owner, preset_id)


def _given(workspace: Workspace, *, can_be_default: bool) -> list[Preset]:
    configured = workspace.config.settings.presets
    default = next((name for name, preset in configured.items() if preset.default), None)
    return [
        Preset(
            id=str(uuid5(_GIVEN, name)),
            name=name,
            model=preset.model,
            params=preset.params,
            tools=preset.tools,
            default=can_be_default and name == default,
            locked=True,
        )
        for name, preset in configured.items()
    ]


def _refuse_given(workspace: Workspace, preset_id: str) -> None:
    for preset in _given(workspace, can_be_default=True):
        if preset.id == preset_id:
            raise AccessDenied(
                f"The preset “{preset.name}” stands in llmhub.yaml and is the same for everybody.",
                hint="Save a preset of your own under another name.",
            )


def _refuse_given_name(workspace: Workspace, name: str) -> None:
    if any(name.casefold() == given.casefold() for given in workspace.config.settings.presets):
        raise taken(name)
