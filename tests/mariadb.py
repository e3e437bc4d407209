"""Run a command beside a throwaway MariaDB: ``python tests/mariadb.py COMMAND ...``.

The command finds its address in ``INTACCT_TEST_MARIADB``.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from servers import folder_for, make, run_beside, running

SETTINGS = (
    "skip-networking",
    "skip-name-resolve",
    "innodb-flush-log-at-trx-commit=0",
    "skip-innodb-doublewrite",
    "innodb-buffer-pool-size=64M",
    "character-set-server=utf8mb4",
    "skip-log-bin",
)


@contextmanager
def server() -> Iterator[str]:
    """A running server on a socket of its own; gives its SQLAlchemy address."""
    with folder_for("mariadb-") as folder:
        owner = ["--user=root"] if os.geteuid() == 0 else []
        common = ["--no-defaults", f"--datadir={folder}/data", *owner]
        make([program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal", "--skip-test-db"])
        socket = f"{folder}/socket"
        command = [program("mariadbd"), *common, f"--socket={socket}", f"--pid-file={folder}/pid",
                   *(f"--{setting}" for setting in SETTINGS)]  # fmt: skip
        ping = [program("mariadb-admin"), "--no-defaults", f"--socket={socket}", "--user=root", "--silent", "ping"]
        with running(command, ping, signal.SIGTERM, folder):
            yield f"mysql+pymysql://root@localhost/mysql?unix_socket={socket}&charset=utf8mb4"


def program(name: str) -> str:
    """A program of MariaDB; Debian keeps the server outside of a user's path."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        sys.exit(f"{name} is missing: install MariaDB (on Debian: apt-get install mariadb-server).")
    return path


if __name__ == "__main__":
    sys.exit(run_beside(server, "INTACCT_TEST_MARIADB", __doc__))
