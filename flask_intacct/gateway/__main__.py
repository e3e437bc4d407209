"""`python -m flask_intacct.gateway FILE`: explain a captured reply. Its last line is one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .classify import printable
from .explain import explain
from .transport import LARGEST_REPLY


def main(arguments: list[str] | None = None) -> int:
    """Explain the file; 0 whatever the reply says, 2 if there is nothing to read."""
    parser = argparse.ArgumentParser(
        "python -m flask_intacct.gateway", description="Explain a captured reply of the Sage Intacct gateway."
    )
    parser.add_argument("file", metavar="FILE", help="the body of the reply as it came, - for standard input")
    parser.add_argument("--http-status", type=int, default=200, metavar="N", help="its HTTP status (%(default)s)")
    given = parser.parse_args(arguments)
    try:
        if given.file == "-":
            content = sys.stdin.buffer.read(LARGEST_REPLY + 1)
        else:
            with Path(given.file).open("rb") as file:
                content = file.read(LARGEST_REPLY + 1)
    except OSError as error:
        parser.error(f"{given.file}: {error.strerror}")
    said, summary = explain(content, given.http_status)
    shown = "\n".join(map(printable, said.split("\n")))
    encoding = sys.stdout.encoding or "utf-8"  # of a terminal that may not know every letter
    sys.stdout.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
