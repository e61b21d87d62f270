"""Which file system holds a path: SQLite's write-ahead log corrupts on network file systems (its index is shared memory).

The mount table is given as text, so that a Mac's can be read on Linux and both in tests.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

NETWORK = frozenset(
    """
    9p acfs afpfs afs autofs beegfs ceph cifs coda davfs drvfs fakeowner ftp gfs gfs2 glusterfs gpfs grpcfuse lustre lustre_lite
    mfs ncpfs nfs nfs3 nfs4 ocfs2 orangefs osxfs panfs prl_fs pvfs2 smb smb2 smb3 smbfs vboxsf virtiofs vmhgfs webdav wekafs
    """.split()  # noqa: SIM905  forty quotation marks hide the words
)
"""File systems that other machines (or a virtual machine's host) may see. FUSE is judged in `is_network`."""

LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.ntfs-3g", "fuse.exfat"})


class Mount(NamedTuple):
    """One line of the mount table."""

    point: str
    kind: str


def file_system(path: Path, mounts: Iterable[Mount]) -> str | None:
    """The kind of file system that holds `path`; None when the table does not say."""
    where = str(path)
    best: Mount | None = None
    for mount in mounts:
        point = mount.point.rstrip("/")
        # >=: a later mount on the same point hides the earlier one
        if (where == point or where.startswith(point + "/")) and (best is None or len(point) >= len(best.point.rstrip("/"))):
            best = mount
    return best.kind if best else None


def is_network(kind: str) -> bool:
    """Whether another machine may see such a file system. FUSE counts, unless known to be local: most of it is remote storage."""
    kind = kind.lower()
    return kind in NETWORK or (kind.startswith(("fuse.", "macfuse", "osxfuse")) and kind not in LOCAL_FUSE)


def mount_table() -> list[Mount]:
    """This machine's mounts; empty where they cannot be read."""
    try:
        if sys.platform == "darwin":
            listing = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True).stdout
            return parse_mount(listing)
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, subprocess.SubprocessError):
        return []


def parse_mountinfo(text: str) -> list[Mount]:
    """Linux, proc(5): `36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw`."""
    found: list[Mount] = []
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if dash and len(fields) > 4 and kinds[0]:
            found.append(Mount(_unescape(fields[4]), kinds[0]))
    return found


def parse_mount(text: str) -> list[Mount]:
    """A Mac's `mount`: `server:/home on /Users/home (nfs, nodev, automounted)`."""
    return [
        Mount(m["point"], m["kind"]) for m in re.finditer(r"^.* on (?P<point>/.*) \((?P<kind>[^,)]+)[^)]*\)$", text, re.MULTILINE)
    ]


def _unescape(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), point)
