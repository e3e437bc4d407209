"""Run a command beside a throwaway PostgreSQL: ``python tests/postgres.py COMMAND ...``.

The command finds its address in ``INTACCT_TEST_POSTGRES``. PostgreSQL refuses to run as root, so root starts it as the
user that Debian's package made. Nothing of it is left when the command ends.
"""

from __future__ import annotations

import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


def main() -> int:
    """Exit with the code of the command."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with cluster() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "INTACCT_TEST_POSTGRES": url}, check=False).returncode


@contextmanager
def cluster():
    """A running cluster on a socket of its own; gives its SQLAlchemy address."""
    folder = tempfile.mkdtemp(prefix="pg-")
    owner = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    try:
        data = str(Path(folder, "data"))
        initdb = [program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=folder, check=False, **owner)
        if made.returncode:
            sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(
                [program("postgres"), "-D", data, "-k", folder, *(f"--{setting}" for setting in SETTINGS)],
                stdout=log, stderr=log, cwd=folder, preexec_fn=end_with_parent, **owner,
            )  # fmt: skip
        try:
            wait_for(server, folder)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": open sessions are cut
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(server, folder):
    """Until the cluster takes connections."""
    deadline = time.monotonic() + 60
    while subprocess.run([program("pg_isready"), "-q", "-h", folder], check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"PostgreSQL did not start:\n{Path(folder, 'log').read_text()}")
        time.sleep(0.1)


def program(name):
    """A program of PostgreSQL; Debian keeps them outside the path, by version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: float(path.split("/")[4]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        sys.exit(f"{name} is missing: install PostgreSQL (on Debian: apt-get install postgresql).")
    return path


def end_with_parent():
    """Let the kernel end PostgreSQL should this process be killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


if __name__ == "__main__":
    sys.exit(main())
