"""Bodies of presets."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from ...conversations.values import Preset, PresetDraft
from ...messages import Value
from ...params import Params
from .fields import Listed, Model, RequestId, given, stripped

PresetName = Annotated[str, Field(max_length=100), AfterValidator(stripped)]
ToolName = Annotated[str, Field(min_length=1, max_length=200)]


class PresetStart(Value):
    """A preset to be saved. `tools` are kept as they are."""

    client_request_id: RequestId
    name: PresetName
    model: Model | None = None
    params: Params | None = None
    tools: Annotated[tuple[ToolName, ...], Field(max_length=200)] = ()
    default: bool = False

    def draft(self) -> PresetDraft:
        """What is to be stored."""
        return PresetDraft(name=self.name, model=self.model, params=given(self.params), tools=self.tools, default=self.default)


class PresetChanges(Value):
    """What is to be different; what is absent stays."""

    name: PresetName = ""
    model: Model | None = None
    params: Params | None = None
    tools: Annotated[tuple[ToolName, ...], Field(max_length=200)] = ()
    default: bool = False

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        changed = self.model_dump(mode="json", exclude_unset=True)
        return {**changed, "params": given(self.params)} if "params" in changed else changed


class Presets(Listed[Preset]):
    """Presets: those of llmhub.yaml, then one's own by name."""
