"""Serve the application on loopback with threads: ``python -m example_app.serve PORT``."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from werkzeug.serving import make_server

from .tied import create_app


def main() -> None:
    """Serve until told to end; says the address once it answers."""
    try:
        server = make_server("127.0.0.1", int(sys.argv[1]), create_app(), threaded=True)
    except SystemExit:  # how Werkzeug says that the port can't be used, after it printed why
        sys.exit("Set DEMO_PORT to another port, or to 0 for any that is free.")

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    sys.stdout.write(f"serving at http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
