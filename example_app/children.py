"""Processes that the demo starts: each in a session of its own, none left behind however the demo ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def tie_to_parent(number: int = signal.SIGKILL) -> None:
    """Ask the kernel to signal this process when the one that started it dies; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)


class Child:
    """A process with a log file. Its name is the log's.

    :param arguments: The command line.
    :param environment: All its environment variables.
    :param log: Where its output goes; begun anew.
    """

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        parent = os.getpid()

        def tie() -> None:
            tie_to_parent()
            if os.getppid() != parent:
                os._exit(1)  # the parent died before the kernel was asked

        with log.open("wb") as output:
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=tie,
            )

    @property
    def code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def text(self) -> str:
        """All that it has said."""
        return self.log.read_text(errors="replace")

    def tail(self, lines: int = 15) -> str:
        """The last lines that it said."""
        return "\n".join(self.text().splitlines()[-lines:])

    def signal(self, number: int) -> None:
        """Signal it and whatever it started in its process group."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is true; False if the process ended or the time was up first."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready():
                return True
            if self.code is not None:
                return ready()
            time.sleep(0.1)
        return False


def stop(children: Sequence[Child], patience: float = 4.0) -> None:
    """End them in this order: asked, asked again (a worker with a job waits for it when asked once), killed."""
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        running = [child for child in children if child.code is None]
        for child in running:
            child.signal(number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and any(child.code is None for child in running):
            time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
