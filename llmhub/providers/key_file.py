"""Keys in a file: encrypted, and readable for their owner only. It also notes which keys are in the system's key ring instead.

The secret they are encrypted with lives elsewhere, beside Jupyter's own. Whoever can read both can read the keys: this protects
backups and shared copies of the data, not an account that has been taken over.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ConfigError
from ..private_file import only_one, set_aside, write_private

SECRET_NAME = "llmhub_keys_secret"


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(default=1, ge=1, le=1)
    keys: dict[str, str] = Field(default_factory=dict[str, str])
    in_keyring: list[str] = Field(default_factory=list[str])


class KeyFile:
    """All methods block: call them in a thread. What cannot be read is moved aside, and a `ConfigError` says so once."""

    def __init__(self, path: Path, secret_dir: Path | None = None) -> None:
        self.path = path
        self._secret_dir = secret_dir
        self._seen: tuple[tuple[int, int, int], _Content] | None = None

    def get(self, provider: str) -> str | None:
        """The provider's key."""
        token = self._read().keys.get(provider)
        return None if token is None else self._decrypted(token)

    def is_in_keyring(self, provider: str) -> bool:
        """Whether the key is in the system's key ring."""
        return provider in self._read().in_keyring

    def providers(self) -> list[str]:
        """Every provider with a key here or in the system's key ring."""
        content = self._read()
        return [*content.keys, *content.in_keyring]

    def put(self, provider: str, key: str) -> None:
        """Keep a key here."""
        with only_one(self.path):
            content = self._without(provider)
            content.keys[provider] = self._cipher(make=True).encrypt(key.encode()).decode()
            self._write(content)

    def note_in_keyring(self, provider: str) -> None:
        """The key is in the system's key ring, and nowhere else."""
        with only_one(self.path):
            content = self._without(provider)
            content.in_keyring.append(provider)
            self._write(content)

    def remove(self, provider: str) -> None:
        """Forget the provider's key."""
        with only_one(self.path):
            content = self._without(provider)
            if content != self._read():
                self._write(content)

    def _without(self, provider: str) -> _Content:
        content = self._read().model_copy(deep=True)
        content.keys.pop(provider, None)
        content.in_keyring = [each for each in content.in_keyring if each != provider]
        return content

    # ---- the file

    def _read(self) -> _Content:
        try:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_ino, state.st_size)
            if self._seen is None or self._seen[0] != stamp:
                self._seen = (stamp, _Content.model_validate_json(self.path.read_bytes()))
            return self._seen[1]
        except FileNotFoundError:
            return _Content()
        except ValidationError:
            raise self._set_aside("is damaged") from None
        except OSError as exc:
            raise self._unusable(self.path, exc) from exc

    def _write(self, content: _Content) -> None:
        try:
            write_private(self.path, content.model_dump_json(indent=1).encode())
        except OSError as exc:
            raise ConfigError(
                f"The key could not be kept: {self.path} cannot be written ({exc.strerror or type(exc).__name__}).",
                hint="Check who owns the data directory and whether the disk is full.",
                details={"source": str(self.path)},
            ) from exc

    # ---- the cipher

    def _decrypted(self, token: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher(make=False).decrypt(token.encode()).decode()
        except (InvalidToken, FileNotFoundError, ValueError):
            raise self._set_aside("was encrypted with a secret that is not here (was it copied from another machine?)") from None

    def _cipher(self, *, make: bool) -> Any:
        from cryptography.fernet import Fernet

        path = self._secret_path()
        try:
            if make and not path.exists():
                with only_one(path):
                    if not path.exists():
                        write_private(path, Fernet.generate_key())
            return Fernet(path.read_bytes().strip())
        except FileNotFoundError:
            raise
        except OSError as exc:
            raise self._unusable(path, exc) from exc

    def _secret_path(self) -> Path:
        if self._secret_dir is not None:
            return self._secret_dir / SECRET_NAME
        from jupyter_core.paths import jupyter_data_dir

        return Path(jupyter_data_dir()) / SECRET_NAME

    # ---- words

    def _set_aside(self, what: str) -> ConfigError:
        aside = set_aside(self.path)
        return ConfigError(
            f"The file of your keys, {self.path}, {what}. It was moved to {aside.name}.",
            hint="Enter the keys again.",
            details={"source": str(self.path), "moved_to": str(aside)},
        )

    def _unusable(self, path: Path, exc: OSError) -> ConfigError:
        return ConfigError(
            f"Your keys cannot be read: {path}: {exc.strerror or type(exc).__name__}.",
            hint="Check who owns the file; it must be yours.",
            details={"source": str(path)},
        )
