"""The configuration as a person sees it, and what they may change of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ...messages import Value
from .fields import stripped
from .usage import CeilingChanges


class LimitChanges(CeilingChanges):
    """The ceilings, and the time zone in which their days begin."""

    time_zone: Annotated[str, Field(max_length=100)] | None = None


class SettingsChanges(Value):
    """The user's own settings: null takes one away, so that it is inherited; what is absent stays."""

    default_model: Annotated[str, Field(max_length=500), AfterValidator(stripped)] | None = None
    completion_model: Annotated[str, Field(max_length=500), AfterValidator(stripped)] | None = None
    kernel_access: bool | None = None
    limits: LimitChanges | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        return self.model_dump(exclude_unset=True)


class SettingView(Value):
    """A setting's value, null where it is secret, and where it came from."""

    value: Any
    source: str


class LockView(Value):
    """What keeps a setting from being changed: an entry of `locked`, and where it was written."""

    name: str
    source: str


class OwnSetting(Value):
    """A setting that users may have of their own. `own`: theirs counts; `inherited` is what holds without it."""

    key: str
    kind: Literal["model", "switch", "number", "text"]
    description: str
    value: Any
    source: str
    own: bool
    inherited: SettingView
    lock: LockView | None = None


class ConfigNotice(Value):
    """Something about the configuration that a person should know; the panel says it in its language where it knows the code."""

    code: Literal["file_broken", "restart_needed", "warning"]
    message: str
    hint: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class ConfigView(Value):
    """What the panel needs to know of the configuration; never a secret."""

    features: dict[str, bool]
    limits: dict[str, int]
    settings: dict[str, SettingView]
    default_model: str | None
    version: str
    data_dir: str
    role: str | None = None
    """Which of `roles:` whoever asks has."""
    own: tuple[OwnSetting, ...] = ()
    """What the settings page can change."""
    locked: tuple[str, ...] = ()
    notices: tuple[ConfigNotice, ...] = ()
    """`file_broken`: llmhub.yaml cannot be used as it stands, what held before goes on; its details name key, source and line."""
