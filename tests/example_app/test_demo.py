"""The demo command, with all its processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from urllib.request import urlopen

import pytest

Start = Callable[..., subprocess.Popen[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Start]:
    """Start the demo in an empty folder; ended by force if the test did not end it."""
    started = []

    def start(**environment: str) -> subprocess.Popen[str]:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL", "MAKELEVEL")
        }
        path = os.pathsep.join(entry for entry in sys.path if entry)
        process = subprocess.Popen(
            [sys.executable, "-m", "example_app.demo"],
            cwd=tmp_path,
            env={**kept, "DEMO_PORT": "0", "PYTHONPATH": f"{ROOT}{os.pathsep}{path}", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        said_by(process).close()


def said_by(process: subprocess.Popen[str]) -> IO[str]:
    """What it writes."""
    assert process.stdout
    return process.stdout


def address(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in said_by(process):
        said += line
        found = re.search(r"open at\s+(http://\S+)", line)
        if found:
            return found[1]
    raise AssertionError(said)


def processes_of(folder: Path) -> set[int]:
    """The ids of processes whose logs are in the folder: what the demo started."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in os.readlink(entry / "fd" / "1"):
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def gone(folder: Path, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not processes_of(folder):
            return True
        time.sleep(0.1)
    return False


def test_demo_serves_the_sign_in_page_and_ends_without_leaving_anything(demo: Start, tmp_path: Path) -> None:
    process = demo()
    with urlopen(f"{address(process)}/login", timeout=10) as answer:
        assert "Sign in" in answer.read().decode()
    assert len(processes_of(tmp_path)) >= 6
    process.send_signal(signal.SIGINT)
    assert process.wait(40) == 0
    assert gone(tmp_path, 1)


def test_a_killed_demo_leaves_nothing(demo: Start, tmp_path: Path) -> None:
    process = demo()
    address(process)
    process.kill()
    process.wait()
    assert gone(tmp_path)


def test_a_part_that_dies_ends_the_demo_with_its_last_words(demo: Start, tmp_path: Path) -> None:
    process = demo()
    address(process)
    log = str(tmp_path / ".demo" / "simulator.log")
    (simulator,) = [pid for pid in processes_of(tmp_path) if os.readlink(f"/proc/{pid}/fd/1") == log]
    os.kill(simulator, signal.SIGKILL)
    assert process.wait(40) == 1
    said = said_by(process).read()
    assert "simulator ended with code -9" in said
    assert "SIMULATOR" in said
    assert gone(tmp_path, 1)


def test_a_port_that_is_none_is_refused(demo: Start) -> None:
    process = demo(DEMO_PORT="many")
    assert process.wait(20) == 1
    assert "DEMO_PORT=many is not a port" in said_by(process).read()
