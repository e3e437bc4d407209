"""The demo, started from outside in a folder of its own, as a person at a terminal starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120
HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Started:
    """A running demo: its process, the address of the application and that of the simulator."""

    process: subprocess.Popen[bytes]
    folder: Path
    url: str
    gateway: str

    @property
    def database(self) -> Path:
        return self.folder / ".demo" / "demo.sqlite"

    @property
    def logs(self) -> Path:
        return self.folder / ".demo"

    def stop(self, seconds: float = 30) -> int:
        """Press Ctrl-C; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)


@contextmanager
def started(folder: Path) -> Iterator[Started]:
    """Run the demo on a free port while this lasts.

    :param folder: Where it puts its database and its logs.
    :raises RuntimeError: it did not start; the text is what it said.
    """
    environment = {**os.environ, "DEMO_PORT": "0", "PYTHONPATH": os.pathsep.join([str(HOME), *_paths()])}
    for name in ("REDIS_URL", "DATABASE_URL", "MAKELEVEL"):
        environment.pop(name, None)
    output = folder / "demo.out"
    with output.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "example_app.demo"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while "Ctrl-C ends everything" not in output.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The demo did not start. It said: {output.read_text()}")
            time.sleep(0.1)
        text = output.read_text()
        url, gateway = re.search(r"open at +(\S+)", text), re.search(r"(\S+) plays Sage Intacct", text)
        assert url is not None
        assert gateway is not None
        yield Started(process, folder, url[1], gateway[1])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _paths() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
