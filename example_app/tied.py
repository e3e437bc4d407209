"""The application as the demo's processes load it. A worker's job process dies with its worker, too."""

from __future__ import annotations

import os
import sys

from flask import Flask

from . import create_app as _create_app
from .children import tie_to_parent


def create_app() -> Flask:
    """Make the application of a process that shall not outlive the demo."""
    tie_to_parent()
    if os.getsid(0) not in (os.getpid(), os.getppid()):
        sys.exit("The worker that started this process is gone.")
    return _create_app()
