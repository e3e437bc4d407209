"""Run a command beside a throwaway PostgreSQL: ``python tests/postgres.py COMMAND ...``.

The command finds its address in ``INTACCT_TEST_POSTGRES``. PostgreSQL refuses to run as root, so root starts it as the
user that Debian's package made.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from servers import folder_for, make, run_beside, running

SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster on a socket of its own; gives its SQLAlchemy address."""
    with folder_for("pg-") as folder:
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = f"{folder}/data"
        make([program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
             cwd=folder, **owner)  # fmt: skip
        command = [program("postgres"), "-D", data, "-k", folder, *(f"--{setting}" for setting in SETTINGS)]
        ping = [program("pg_isready"), "-q", "-h", folder]
        with running(command, ping, signal.SIGINT, folder, **owner):  # SIGINT is "fast": open sessions are cut
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"


def program(name: str) -> str:
    """A program of PostgreSQL; Debian keeps them outside the path, by version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: float(path.split("/")[4]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        sys.exit(f"{name} is missing: install PostgreSQL (on Debian: apt-get install postgresql).")
    return path


if __name__ == "__main__":
    sys.exit(run_beside(cluster, "INTACCT_TEST_POSTGRES", __doc__))
