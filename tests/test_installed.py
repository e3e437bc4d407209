"""What is tested is what is shipped."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path

import flask_intacct

PACKAGE = Path(flask_intacct.__file__).parent


def test_package_comes_from_the_installed_wheel_where_one_was_installed() -> None:
    where = os.environ.get("INTACCT_TEST_INSTALLED", str(PACKAGE))
    assert PACKAGE.is_relative_to(where)


def test_templates_static_files_and_types_are_shipped() -> None:
    shipped = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*")}
    assert {"py.typed", "templates/intacct/base.html", "static/intacct.css", "static/intacct.js"} <= shipped


def test_simulator_is_a_command() -> None:
    (command,) = entry_points(group="console_scripts", name="flask-intacct-simulator")
    assert callable(command.load())
