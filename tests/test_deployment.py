"""The units of docs/deployment: they can be read, and what they start is there."""

from __future__ import annotations

import re
import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest
from world import World

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "deployment"
UNITS = sorted(FOLDER.glob("*.service"))


def started(world: World, command: str) -> str:
    """What `--help` says of the flask command of a line that starts something."""
    words = shlex.split(command)
    assert words[0].rpartition("/")[2] == "flask"
    result = world.app.test_cli_runner().invoke(args=[*words[1:], "--help"])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_there_is_and_leaves_it_time_to_end(world: World, path: Path) -> None:
    unit = RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    service = unit["Service"]
    assert "Usage:" in started(world, service["ExecStart"])
    assert service["Restart"] == "always"
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) >= 30
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_compose_starts_commands_that_there_are(world: World) -> None:
    text = (FOLDER / "compose.yaml").read_text()
    commands = re.findall(r"^    command: (flask .+)$", text, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert "Usage:" in started(world, command)


def test_a_worker_has_as_long_to_end_as_a_request_and_its_slice_may_take(world: World) -> None:
    (worker,) = [path for path in UNITS if "worker" in path.name]
    config = world.app.extensions["intacct"].config
    seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", worker.read_text(), re.MULTILINE)[1])  # type: ignore[index]
    assert seconds >= config.connect_timeout + config.read_timeout + 15
