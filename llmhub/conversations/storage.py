"""Where bytes of files lie, by their SHA-256 (`ab/abcdef…`): a folder of this machine, or whatever fsspec knows (S3 and its like).

Everything here blocks: call it in a thread. fsspec and what speaks S3 are loaded with the first file that goes there.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from ..config import StorageConfig
from ..errors import LLMHubError, StoreError
from .failures import in_words

PIECE: Final = 2**20
"""Bytes that are read at a time: what a reader costs in memory, and one request to a server."""


_REFUSALS: Final = ("PermissionDeniedError", "UnauthenticatedError")
"""obstore's errors for what a bucket does not allow; they are no `PermissionError`."""

_PATIENCE: Final = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
"""How long a bucket is tried for before somebody is told. A person waits for the answer."""


class Storage(Protocol):
    """A place for bytes."""

    name: str
    """The place as it may be shown: without credentials."""

    def has(self, sha256: str, size: int) -> bool:
        """Whether `size` bytes of that name are there."""
        ...

    def write(self, sha256: str, data: bytes) -> None:
        """Keep bytes; they get their name when they are whole and durable. Raises `StoreError`."""
        ...

    def open(self, sha256: str) -> BinaryIO | None:
        """To read from; None: there is nothing of that name. Raises `StoreError`."""
        ...


def storage_at(config: StorageConfig, default: Path) -> Storage:
    """The place that a configuration means; `default` is where no address is given."""
    if config.url is None:
        return Folder(default)
    scheme, separator, path = config.url.partition("://")
    if not separator:
        return Folder(Path(config.url).expanduser())
    if scheme == "file":
        return Folder(Path(path))
    return Remote(config, config.url.rstrip("/"))


class Folder:
    """A directory. What is made in it only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    def has(self, sha256: str, size: int) -> bool:
        """See `Storage`."""
        path = self._path(sha256)
        with in_words(str(path.parent)):
            return path.is_file() and path.stat().st_size == size

    def write(self, sha256: str, data: bytes) -> None:
        """See `Storage`."""
        path = self._path(sha256)
        with in_words(str(path.parent)):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Made with mode 0600. Whole and on the disk before it gets its name.
            handle, half = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(half, path)
            except BaseException:
                Path(half).unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)

    def open(self, sha256: str) -> BinaryIO | None:
        """See `Storage`."""
        path = self._path(sha256)
        with in_words(str(path)):
            return path.open("rb") if path.exists() else None

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


class Remote:
    """A bucket, or any other place that fsspec can read and write. An object appears whole or not at all."""

    def __init__(self, config: StorageConfig, url: str) -> None:
        self.name = url
        self._config = config
        self._made: Any = None

    def has(self, sha256: str, size: int) -> bool:
        """See `Storage`."""
        with self._in_words():
            try:
                return self._system().info(self._path(sha256))["size"] == size
            except FileNotFoundError:
                return False

    def write(self, sha256: str, data: bytes) -> None:
        """See `Storage`."""
        with self._in_words():
            self._system().pipe_file(self._path(sha256), data)

    def open(self, sha256: str) -> BinaryIO | None:
        """See `Storage`."""
        path = self._path(sha256)
        with self._in_words():
            try:
                size = self._system().info(path)["size"]
            except FileNotFoundError:
                return None
        return cast(BinaryIO, _Ranges(lambda start, end: self._range(path, start, end), size))

    def _range(self, path: str, start: int, end: int) -> bytes:
        with self._in_words():
            return self._system().cat_file(path, start=start, end=end)

    def _path(self, sha256: str) -> str:
        return f"{self.name}/{sha256[:2]}/{sha256}"

    def _system(self) -> Any:
        if self._made is None:
            self._made = _file_system(self._config, self.name)
        return self._made

    @contextlib.contextmanager
    def _in_words(self) -> Generator[None]:
        """Foreign failures as ours. Their own words may quote a signature or a key: only their class is told."""
        try:
            yield
        except LLMHubError:
            raise
        except Exception as exc:
            if isinstance(exc, FileNotFoundError) and isinstance(exc.__context__, LLMHubError):
                raise
            what, hint = self._words_for(exc)
            raise StoreError(what, hint=hint, details={"place": self.name}) from exc

    def _words_for(self, exc: Exception) -> tuple[str, str]:
        if isinstance(exc, FileNotFoundError) or "NoSuchBucket" in str(exc):
            return (
                f"Files cannot be kept at {self.name}: there is no such bucket or folder.",
                "Make it, or correct `storage` in llmhub.yaml.",
            )
        if isinstance(exc, PermissionError) or type(exc).__name__ in _REFUSALS:
            return (
                f"{self.name} refuses llmhub.",
                "Check access_key and secret_key under `storage` in llmhub.yaml, and what they may do there.",
            )
        return (
            f"{self.name} cannot be reached or does not answer as it should ({type(exc).__name__}).",
            "Check that it runs, and `storage` in llmhub.yaml, then try again.",
        )


class _Ranges:
    """A file that is read by ranges, in order, without a cache: what is read once is passed on. Only what a reader needs."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._at = 0

    def read(self, size: int) -> bytes:
        if (end := min(self._at + size, self._size)) <= self._at:
            return b""
        piece = self._fetch(self._at, end)
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Nothing is open between two pieces."""


def _file_system(config: StorageConfig, url: str) -> Any:
    scheme = url.partition("://")[0]
    try:
        if scheme in ("s3", "s3a"):
            return _s3(config, scheme)
        return import_module("fsspec").filesystem(scheme, skip_instance_cache=True, **config.options)
    except ImportError as exc:
        extra = "llmhub[s3]" if scheme in ("s3", "s3a") else "fsspec"
        raise StoreError(
            f"Files cannot be kept at {url}: what speaks to such places is not installed.",
            hint=f"pip install '{extra}'" + ("" if extra != "fsspec" else f", and what fsspec needs for {scheme}://"),
            details={"place": url},
        ) from exc
    except ValueError as exc:
        raise StoreError(
            f"Files cannot be kept at {url}: nobody knows what {scheme}:// is.",
            hint="Correct `storage` in llmhub.yaml: a folder, or an address such as s3://bucket/folder.",
            details={"place": url},
        ) from exc


def _s3(config: StorageConfig, scheme: str) -> Any:
    """What obstore gives to fsspec. s3fs would bind botocore to a few versions, among which pip searches for minutes."""
    options: dict[str, Any] = {"retry_config": _PATIENCE, "skip_instance_cache": True, **config.options}
    given = {"region": config.region, "endpoint": config.endpoint_url}
    if config.access_key is not None and config.secret_key is not None:
        given["access_key_id"] = config.access_key.get_secret_value()
        given["secret_access_key"] = config.secret_key.get_secret_value()
    else:
        options.setdefault("credential_provider", _found_credentials(config))
    if (config.endpoint_url or "").startswith("http://"):
        options["client_options"] = {"allow_http": True, **options.get("client_options", {})}
    options["config"] = {name: value for name, value in given.items() if value is not None} | options.get("config", {})
    return import_module("obstore.fsspec").FsspecStore(scheme, **options)


def _found_credentials(config: StorageConfig) -> Any:
    """Credentials as AWS's own tools find them, in the environment, in files or from the machine. Raises `StoreError`."""
    provider = import_module("obstore.auth.boto3").Boto3CredentialProvider
    try:
        return provider()
    except ValueError as exc:
        raise StoreError(
            f"There is no key for {config.url}.",
            hint="Set access_key and secret_key under `storage` in llmhub.yaml, or credentials as AWS's own tools find them.",
            details={"place": config.url},
        ) from exc


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too. Not every file system can, and none needs it to be right."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
