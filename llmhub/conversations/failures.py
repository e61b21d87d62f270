"""What databases and disks complain about, in our words.

Every failure names the file and says what to do; none shows a password or a prompt.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import Conflict, Corrupt, Full, LLMHubError, Locked, ReadOnly, StoreError


@contextmanager
def in_words(place: str, backups: Path | None = None) -> Generator[None]:
    """Run a block of database or file work; its failures come out as ours. `place`: the file, or the server without credentials."""
    try:
        yield
    except LLMHubError:
        raise
    except IntegrityError as exc:
        raise Conflict(
            "This was stored already, or what it belongs to is gone.", hint="Reload the conversation and try again."
        ) from exc
    except DBAPIError as exc:
        raise _from_driver(exc.orig, place, backups) from exc
    except sqlite3.Error as exc:
        raise _from_sqlite(exc, place, backups) from exc
    except PoolTimeout as exc:
        raise _locked(place) from exc
    except SQLAlchemyError as exc:
        raise StoreError(f"The conversation store at {place} failed ({type(exc).__name__}).", hint=_LOG) from exc
    except OSError as exc:
        raise from_os(exc, place) from exc


_LOG = "The server's log has the details."
_ELSEWHERE = "Set LLMHUB_DATA_DIR to use another folder."


def _from_driver(error: BaseException | None, place: str, backups: Path | None) -> LLMHubError:
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error, place, backups)
    return _from_postgres(str(getattr(error, "sqlstate", None) or ""), place)


def _from_sqlite(error: sqlite3.Error, place: str, backups: Path | None) -> LLMHubError:
    # Primary result codes (sqlite.org/rescode.html); the low byte of an extended one.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _corrupt(place, backups)
        case sqlite3.SQLITE_FULL:
            return _full(place)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _locked(place)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return _read_only(place)
        case sqlite3.SQLITE_CANTOPEN:
            return ReadOnly(
                f"The database {place} can be neither opened nor created.",
                hint="Check that its folder exists and that this account may read and write both. " + _ELSEWHERE,
            )
        case _:
            return StoreError(
                f"The database {place} failed ({getattr(error, 'sqlite_errorname', type(error).__name__)}).",
                hint="Check the disk it is on. " + _LOG,
            )


def _from_postgres(sqlstate: str, place: str) -> LLMHubError:
    # postgresql.org/docs/current/errcodes-appendix.html
    if sqlstate in ("53100", "53200"):
        return _full(place)
    if sqlstate in ("40001", "40P01", "55P03", "57014"):
        return _locked(place)
    if sqlstate in ("25006", "42501"):
        return _read_only(place)
    if sqlstate in ("XX001", "XX002"):
        return Corrupt(f"PostgreSQL reports damaged data in {place}.", hint="Ask its administrator to restore a backup.")
    if sqlstate.startswith("28") or sqlstate == "3D000":
        return StoreError(f"PostgreSQL refused to let llmhub into {place}.", hint="Check user, password and name in database_url.")
    if not sqlstate or sqlstate.startswith(("08", "57", "53")):
        return StoreError(
            f"The PostgreSQL server of {place} cannot be reached.",
            hint="Check that it runs and that database_url is right, then try again: llmhub reconnects by itself.",
        )
    return StoreError(f"The database {place} failed (SQLSTATE {sqlstate}).", hint=_LOG)


def from_os(error: OSError, place: str) -> StoreError:
    """A failure of the file system itself."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(place)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _read_only(place)
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST):
        return ReadOnly(
            f"{place} can be neither opened nor created.",
            hint="Something on its path is missing or is not a folder. " + _ELSEWHERE,
        )
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return StoreError(f"The disk that holds {place} failed ({name}).", hint="Check the disk. " + _LOG)


def _corrupt(place: str, backups: Path | None) -> Corrupt:
    newest = max(backups.glob("*.db"), default=None, key=lambda path: path.stat().st_mtime) if backups else None
    return Corrupt(
        f"The database {place} is damaged, or is not a database. It was left untouched.",
        hint="Stop every server that uses it and keep a copy of the file. Then "
        + (f"put back the backup {newest}, or " if newest else "")
        + "rescue what is readable with `sqlite3 damaged.db .recover | sqlite3 llmhub.db`, or move it away to begin afresh.",
    )


def _full(place: str) -> Full:
    return Full(
        f"No space is left on the disk that holds {place}.",
        hint="What was stored is safe. Free some space (or raise the quota), then try again.",
    )


def _locked(place: str) -> Locked:
    return Locked(
        f"Another process keeps {place} busy.",
        hint="Try again in a moment. If it stays so, look for another server, a backup or a database tool that holds it open.",
    )


def _read_only(place: str) -> ReadOnly:
    return ReadOnly(
        f"{place} cannot be written.",
        hint="Give this account the right to write the file and its folder, or set LLMHUB_DATA_DIR to use another folder.",
    )
