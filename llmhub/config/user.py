"""The user's own settings: what the panel's settings page writes. A small JSON file of theirs, without keys.

What is in it is checked before it is written. A file that cannot be used is moved aside, with words, and the
settings start empty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ..errors import AccessDenied, ConfigError, Invalid
from ..identity import LOCAL, Principal
from ..private_file import only_one, principals_file, set_aside, write_private
from .layers import dotted
from .load import locked_by, user_layer


class UserSettings:
    """`UserSettings.of(data_dir, principal).patch({"default_model": "lab/qwen3"})`.

    `locked` are the settings that the file keeps from users. `check` is given the whole of the settings before they are written and
    raises `ConfigError` for what does not fit the other layers. Reading and writing block: call them in a thread.
    """

    def __init__(
        self, path: Path, *, locked: Sequence[str] = (), check: Callable[[Mapping[str, Any]], object] | None = None
    ) -> None:
        self.path = path
        self._locked = tuple(locked)
        self._check = check

    @classmethod
    def of(cls, data_dir: Path, principal: Principal = LOCAL, **kwargs: Any) -> UserSettings:
        """The settings of one principal."""
        return cls(principals_file(data_dir, "settings", principal), **kwargs)

    def load(self) -> dict[str, Any]:
        """What the user has set; `{}` at first. A `ConfigError` says that the file was no good and where it is now."""
        data = self._data()
        try:
            return {} if data is None else self._understood(data)
        except ConfigError as exc:
            aside = set_aside(self.path)
            raise ConfigError(
                f"Your settings in {self.path} could not be used and were moved to {aside.name}. {exc.message}",
                hint="They start empty now. To get them back, correct that file and rename it.",
                details={**exc.details, "source": str(self.path), "moved_to": str(aside)},
            ) from exc

    def peek(self) -> dict[str, Any]:
        """The same, for who only looks: a file that is no good stays where it is."""
        data = self._data()
        try:
            return {} if data is None else self._understood(data)
        except ConfigError as exc:
            details = {**exc.details, "source": str(self.path)}
            raise ConfigError(
                f"Your settings in {self.path} cannot be used. {exc.message}", hint="Correct or remove the file.", details=details
            ) from exc

    def patch(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change some settings and give all of them: mappings are joined, null removes (JSON merge patch, RFC 7396).

        Raises `Invalid` for what is no setting or does not fit, `AccessDenied` for what is locked; nothing is written then.
        """
        try:
            changed = user_layer(changes)
        except ConfigError as exc:
            raise Invalid(exc.message, hint=exc.hint, details=exc.details) from exc
        for key, _ in changed.leaves():
            if key and (lock := locked_by(dotted(key), self._locked)) is not None:
                raise AccessDenied(
                    f"`{dotted(key)}` cannot be changed: the administrator has locked `{lock}`.",
                    hint="Ask whoever runs this server.",
                    details={"key": dotted(key)},
                )
        with only_one(self.path):
            values = _patched(self.load(), changed.values)
            try:
                user_layer(values)
                if self._check is not None:
                    self._check(values)
            except ConfigError as exc:
                raise Invalid(exc.message, hint=exc.hint, details=exc.details) from exc
            write_private(self.path, json.dumps(values, ensure_ascii=False, indent=1).encode())
        return values

    def _data(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise ConfigError(
                f"Your settings in {self.path} cannot be read: {exc.strerror or type(exc).__name__}.",
                hint="Check who owns the file.",
                details={"source": str(self.path)},
            ) from exc

    def _understood(self, data: bytes) -> dict[str, Any]:
        try:
            values = json.loads(data)
        except (ValueError, RecursionError):
            raise ConfigError("It is not JSON.") from None
        if not isinstance(values, dict):
            raise ConfigError("It is not a JSON object.")
        user_layer(cast(dict[str, Any], values))
        return cast(dict[str, Any], values)


def _patched(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for name, change in changes.items():
        if change is None:
            result.pop(name, None)
        elif isinstance(change, Mapping):
            below = result.get(name)
            base = cast(dict[str, Any], below if isinstance(below, dict) else {})
            joined = _patched(base, cast(Mapping[str, Any], change))
            if joined:
                result[name] = joined
            else:
                result.pop(name, None)  # of an empty section nothing is the user's
        else:
            result[name] = change
    return result
