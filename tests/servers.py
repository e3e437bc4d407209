"""Throwaway database servers for a command to run beside; nothing of them is left when the command ends."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any


def run_beside(server: Callable[[], AbstractContextManager[str]], variable: str, usage: str | None) -> int:
    """Run the command of the command line while the server runs, with its address in a variable; gives its code."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, variable: url}, check=False).returncode


@contextmanager
def folder_for(prefix: str) -> Iterator[str]:
    """A folder that goes at the end."""
    folder = tempfile.mkdtemp(prefix=prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make(command: Sequence[str], **options: Any) -> None:
    """Run a program that makes what the server needs; its failure ends all."""
    made = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if made.returncode:
        sys.exit(f"{Path(command[0]).name} failed:\n{made.stdout}{made.stderr}")


@contextmanager
def running(
    command: Sequence[str], ping: Sequence[str], stop: signal.Signals, folder: str, **options: Any
) -> Iterator[None]:
    """A server that takes connections, which is when `ping` succeeds; ended with the signal `stop`."""
    log = Path(folder, "log")
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, preexec_fn=end_with_parent, **options)
    try:
        deadline = time.monotonic() + 60
        while subprocess.run(ping, capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{Path(command[0]).name} did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_with_parent() -> None:
    """Let the kernel end the server should this process be killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
