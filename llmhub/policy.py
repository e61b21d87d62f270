"""What people may do here: their role, the settings as they hold for them, and the checks that say no in words.

A role comes from `roles:` in llmhub.yaml. Who has none is bound by the settings as they stand, and may use every model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import Final

from .config import Config, Settings
from .errors import AccessDenied
from .identity import Principal

_WORDS: Final = {
    "compare": "Asking several models at once is",
    "attachments": "Files and pictures in messages are",
    "own_providers": "Providers and keys of one's own are",
    "doors": "The doors for other programs are",
    "completion": "Inline completion of code is",
}


def role_of(settings: Settings, principal: Principal) -> str | None:
    """The first role that names somebody or one of their groups, else the default role."""
    for name, role in settings.roles.items():
        if principal.id in role.users or not principal.groups.isdisjoint(role.groups):
            return name
    return settings.default_role


class Policy:
    """`policy.of(principal).check_model("lab/qwen3")`. `configure` takes another configuration while it runs."""

    def __init__(self, config: Config) -> None:
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take another configuration."""
        self._config = config
        self._rules: dict[str | None, Rules] = {}

    def of(self, principal: Principal) -> Rules:
        """What holds for somebody."""
        return self.of_role(role_of(self._config.settings, principal))

    def of_role(self, role: str | None) -> Rules:
        """What holds for a role; None: for whom no role names."""
        if (rules := self._rules.get(role)) is None:
            rules = self._rules[role] = Rules.of(self._config, role)
        return rules


@dataclass(frozen=True)
class Rules:
    """What holds for a role. `config` is the configuration with what is different for it."""

    role: str | None
    config: Config
    _models: tuple[re.Pattern[str], ...] | None = None

    @classmethod
    def of(cls, config: Config, role: str | None) -> Rules:
        """The rules of a role that the configuration has."""
        allowed = None if role is None else config.settings.roles[role].models
        patterns = None if allowed is None else tuple(re.compile(translate(_resolved(config.settings, name))) for name in allowed)
        return cls(role, config.as_role(role), patterns)

    def may_use(self, model: str) -> bool:
        """Whether a model may be asked, by its id or an alias."""
        model = _resolved(self.config.settings, model)
        if not self.has("own_providers") and self.config.source(f"providers.{model.partition('/')[0]}.kind") == "user":
            return False
        return self._models is None or any(pattern.match(model) for pattern in self._models)

    def check_model(self, model: str) -> None:
        """Raises `AccessDenied` for a model that may not be asked."""
        if not self.may_use(model):
            raise AccessDenied(
                f"You may not use the model '{model}' here{self._as_role()}.",
                hint="Choose another model from the list, or ask whoever runs this server.",
                details={"model": model, "role": self.role},
            )

    def has(self, feature: str) -> bool:
        """Whether one of `features` is on."""
        return bool(getattr(self.config.settings.features, feature))

    def check_feature(self, feature: str) -> None:
        """Raises `AccessDenied` where a feature is off."""
        if not self.has(feature):
            raise AccessDenied(
                f"{_WORDS[feature]} switched off here{self._as_role()}.",
                hint="Ask whoever runs this server.",
                details={"feature": feature, "role": self.role},
            )

    def _as_role(self) -> str:
        return "" if self.role is None else f" in the role '{self.role}'"


def _resolved(settings: Settings, model: str) -> str:
    """What an alias stands for; every other id as it is."""
    while (meant := settings.aliases.get(model)) is not None:
        model = meant
    return model
