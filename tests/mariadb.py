"""Run a command beside a throwaway MariaDB: ``python tests/mariadb.py COMMAND ...``.

The command finds its address in ``INTACCT_TEST_MARIADB``. Nothing of it is left when the command ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from postgres import end_with_parent

SETTINGS = (
    "skip-networking",
    "skip-name-resolve",
    "innodb-flush-log-at-trx-commit=0",
    "skip-innodb-doublewrite",
    "innodb-buffer-pool-size=64M",
    "character-set-server=utf8mb4",
    "skip-log-bin",
)


def main() -> int:
    """Exit with the code of the command."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "INTACCT_TEST_MARIADB": url}, check=False).returncode


@contextmanager
def server():
    """A running server on a socket of its own; gives its SQLAlchemy address."""
    folder = tempfile.mkdtemp(prefix="mariadb-")
    owner = ["--user=root"] if os.geteuid() == 0 else []
    common = ["--no-defaults", f"--datadir={folder}/data", *owner]
    try:
        made = subprocess.run(
            [program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            sys.exit(f"mariadb-install-db failed:\n{made.stdout}{made.stderr}")
        socket = f"{folder}/socket"
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                [program("mariadbd"), *common, f"--socket={socket}", f"--pid-file={folder}/pid",
                 *(f"--{setting}" for setting in SETTINGS)],
                stdout=log, stderr=log, preexec_fn=end_with_parent,
            )  # fmt: skip
        try:
            wait_for(process, folder, socket)
            yield f"mysql+pymysql://root@localhost/mysql?unix_socket={socket}&charset=utf8mb4"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(process, folder, socket):
    """Until the server takes connections."""
    deadline = time.monotonic() + 60
    ping = [program("mariadb-admin"), "--no-defaults", f"--socket={socket}", "--user=root", "--silent", "ping"]
    while subprocess.run(ping, capture_output=True, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"MariaDB did not start:\n{Path(folder, 'log').read_text()}")
        time.sleep(0.1)


def program(name):
    """A program of MariaDB; Debian keeps the server outside of a user's path."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        sys.exit(f"{name} is missing: install MariaDB (on Debian: apt-get install mariadb-server).")
    return path


if __name__ == "__main__":
    sys.exit(main())
