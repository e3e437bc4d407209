"""The command `flask-intacct-simulator`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from .faults import KINDS
from .simulator import Simulator

EPILOG = """It is a simulator, not Sage Intacct: it listens on 127.0.0.1 only, keeps everything in memory and
forgets it at the end. Point a client's gateway address at the printed URL; a browser at the same host
and port shows companies, documents, requests and waiting faults.

things to try:
  a small company on a free port    flask-intacct-simulator --port 0 --customers 30 --vendors 9
  a large one, there in a minute    flask-intacct-simulator --customers 1000000

and while it runs, in another shell:
  say "hello"     curl -s http://127.0.0.1:8090/simulator/state
  lose a reply    curl -s -H 'Content-Type: application/json' -d '{"kind": "drop", "when": "after"}' \\
                       http://127.0.0.1:8090/simulator/faults
  close a period  curl -s -H 'Content-Type: application/json' -d '{"closed_until": "12/31/2025"}' \\
                       http://127.0.0.1:8090/simulator/switches
  did it happen?  curl -s http://127.0.0.1:8090/simulator/executions/CONTROL-ID

faults:
%s

The switches are listed in docs/simulator.md."""


def main(arguments: list[str] | None = None) -> int:
    """Serve one made-up property company until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        "flask-intacct-simulator",
        description="A Sage Intacct gateway for demos and tests: one made-up property company.",
        epilog=EPILOG % "\n".join(f"  {kind:<9} {what}" for kind, what in KINDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8090, help="port on 127.0.0.1, 0 for a free one (%(default)s)")
    parser.add_argument("--company", default="demo", help="company id (%(default)s)")
    parser.add_argument("--user", default="ws_user", help="Web Services user (%(default)s)")
    parser.add_argument("--password", default="secret", help="the user's password (%(default)s)")
    parser.add_argument("--sender", default="sender", help="Web Services sender id (%(default)s)")
    parser.add_argument("--sender-password", default="x", help="the sender's password (%(default)s)")
    parser.add_argument("--customers", type=int, default=400, help="how many customers (%(default)s)")
    parser.add_argument("--vendors", type=int, default=150, help="how many vendors (%(default)s)")
    parser.add_argument("--entities", type=int, default=3, help="how many entities (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the made-up data (%(default)s)")
    given = parser.parse_args(arguments)

    from .books.seeder import patient_collector
    from .seed.property_company import property_company

    with patient_collector():
        dataset = property_company(given.seed, given.customers, given.vendors, given.entities)
    simulator = Simulator(
        dataset, given.company, given.user, given.password, given.sender, given.sender_password, given.port
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with simulator:
        sys.stdout.write(
            f"Sage Intacct SIMULATOR (not Sage Intacct) at {simulator.url}\n"
            f"see http://127.0.0.1:{simulator.url.split(':')[2].split('/')[0]}/ for what is going on;"
            f" company {given.company}, user {given.user}, sender {given.sender};"
            f" {len(dataset.customers)} customers, {len(dataset.vendors)} vendors\n"
        )
        sys.stdout.flush()
        while not ended.wait(1):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
