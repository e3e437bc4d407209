"""The command: it says what it is, answers, and ends cleanly."""

import signal
import subprocess
import sys

import pytest

from flask_intacct.simulator.faults import KINDS

from .client import Caller, select


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_and_ends(ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "flask_intacct.simulator", "--port", "0", "--customers", "30", "--vendors", "9"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    banner = process.stdout.readline()
    assert "SIMULATOR" in banner
    url = banner.split()[-1]
    assert url.startswith("http://127.0.0.1:")
    caller = Caller(url)
    data = caller.ok(select("CUSTOMER", "RECORDNO", "<options><showprivate>true</showprivate></options>")).find("data")
    assert data is not None
    assert data.get("totalcount") == "30"
    caller.close()
    process.send_signal(ending)
    assert process.wait(10) == 0
    process.stdout.close()


def test_its_help_teaches() -> None:
    command = [sys.executable, "-m", "flask_intacct.simulator", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "not Sage Intacct" in told
    assert "/simulator/faults" in told
    assert all(f"\n  {kind}" in told for kind in KINDS)
