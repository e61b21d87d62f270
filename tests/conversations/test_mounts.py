from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from llmhub.conversations.database import Database
from llmhub.conversations.engine import WAL, journal_for
from llmhub.conversations.mounts import Mount, file_system, is_network, mount_table, parse_mount, parse_mountinfo

LINUX = r"""
22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
28 1 252:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
93 28 0:45 / /home rw,relatime shared:52 - autofs systemd-1 rw,fd=43
97 93 0:51 / /home/ada rw,relatime shared:54 - nfs4 server:/export/ada rw,vers=4.2
99 97 252:3 / /home/ada/scratch rw,relatime - xfs /dev/vdb1 rw
101 28 0:60 / /mnt/my\040share rw,relatime - cifs //nas/share rw
102 28 0:61 / /mnt/over rw - nfs server:/old rw
103 28 252:4 / /mnt/over rw - ext4 /dev/vdc1 rw
104 28 0:62 / /mnt/remote rw - fuse.sshfs ada@host: rw
a line that is no mount
"""
MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//ada@nas._smb._tcp.local/home on /Volumes/home (smbfs, nodev, nosuid, mounted by ada)
server:/export on /Volumes/on (tape) (nfs, nodev)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/llmhub.db", "ext4"),
        ("/home/ada/.local/share/llmhub.db", "nfs4"),
        ("/home/ada", "nfs4"),
        ("/home/adam/llmhub.db", "autofs"),
        ("/home/ada/scratch/llmhub.db", "xfs"),
        ("/mnt/my share/llmhub.db", "cifs"),
        ("/mnt/over/llmhub.db", "ext4"),
        ("/mnt/remote/llmhub.db", "fuse.sshfs"),
    ],
)
def test_the_longest_and_last_mount_on_linux_holds_a_path(path: str, kind: str) -> None:
    assert file_system(Path(path), parse_mountinfo(LINUX)) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/Users/ada/llmhub.db", "apfs"), ("/Volumes/home/llmhub.db", "smbfs"), ("/Volumes/on (tape)/llmhub.db", "nfs")],
)
def test_the_mount_table_of_a_mac_is_read_too(path: str, kind: str) -> None:
    assert file_system(Path(path), parse_mount(MAC)) == kind


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "fuse.sshfs",
        "9p",
        "lustre",
        "gpfs",
        "beegfs",
        "ceph",
        "afs",
        "smbfs",
        "fuse.s3fs",
        "virtiofs",
        "NFS4",
    ],
)
def test_file_systems_that_other_machines_see(kind: str) -> None:
    assert is_network(kind)


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "apfs", "hfs", "fuseblk", "fuse.fuse-overlayfs"]
)
def test_file_systems_that_are_this_machines_own(kind: str) -> None:
    assert not is_network(kind)


def test_an_unknown_place_counts_as_local() -> None:
    assert journal_for(Path("/anywhere/llmhub.db"), []) == WAL


def test_this_machine_says_what_holds_its_folders(tmp_path: Path) -> None:
    assert file_system(tmp_path.resolve(), mount_table())


def test_a_link_to_a_network_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    mounts = [Mount("/", "ext4"), Mount(str((tmp_path / "far").resolve()), "nfs4")]
    assert journal_for(tmp_path / "near" / "llmhub.db", mounts).mode == "truncate"


async def pragmas(folder: Path, kind: str) -> tuple[str, int]:
    database = Database(f"sqlite:///{folder / 'llmhub.db'}", mounts=lambda: [Mount("/", kind)])
    try:
        return await database.write(
            lambda c: (
                c.execute(text("PRAGMA journal_mode")).scalar_one(),
                c.execute(text("PRAGMA synchronous")).scalar_one(),
            )
        )
    finally:
        await database.aclose()


async def test_a_local_disk_gets_the_write_ahead_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert await pragmas(tmp_path, "ext4") == ("wal", 1)
    assert caplog.text == ""


async def test_a_network_file_system_gets_a_journal_that_is_safe_there_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert await pragmas(tmp_path, "nfs4") == ("truncate", 2)
    assert "network file system (nfs4)" in caplog.text and str(tmp_path / "llmhub.db") in caplog.text


async def test_a_database_that_moved_to_a_network_file_system_gives_up_its_write_ahead_log(tmp_path: Path) -> None:
    await pragmas(tmp_path, "ext4")
    await pragmas(tmp_path, "nfs4")
    with closing(sqlite3.connect(tmp_path / "llmhub.db")) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("delete",), "WAL would stand in the file"
    assert await pragmas(tmp_path, "ext4") == ("wal", 1)
