"""A worker that is frozen right before a write leaves, while another one takes over and sends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from world import MakeWorld, World

from flask_intacct.models import Run

from .test_outbox import LATE, sent
from .test_workers import TESTS, lapse

PATIENCE = 5.0

FROZEN = """
import signal, sys, threading
sys.path.insert(0, sys.argv[1])
from urllib3.connection import HTTPConnection
from world import host
from flask_intacct import jobs
from flask_intacct.sync.outbox import claim

claim.PATIENCE = float(sys.argv[6])
place, whole = sys.argv[5], HTTPConnection.request
stopped = []

def stop():
    if not stopped:
        stopped.append(True)
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)  # by the process, this thread would run on a little

def request(self, method, url, body=None, **more):
    text = body._stream.getvalue()
    if b"<create_invoice>" in text:
        if place == "before the headers":
            stop()
        elif place == "behind the headers":
            end = self.endheaders
            def endheaders(*given, **named):
                end(*given, **named)
                stop()
            self.endheaders = endheaders
    return whole(self, method, url, body=body, **more)

HTTPConnection.request = request
with host.make_app(*sys.argv[2:4]).app_context():
    jobs.work(int(sys.argv[4]))
"""
"""A worker that freezes where the request is made, and nothing of its body has left."""


def frozen(world: World, run: Run, place: str) -> subprocess.Popen[bytes]:
    given = [world.database, world.sim.url, str(run.id), place, str(PATIENCE)]
    worker = subprocess.Popen([sys.executable, "-c", FROZEN, str(TESTS), *given])
    _, status = os.waitpid(worker.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), "it did not come so far"
    return worker


@pytest.mark.parametrize("place", ["before the headers", "behind the headers"])
def test_a_worker_frozen_before_the_wire_sends_nothing_once_another_one_sent_it(
    make_world: MakeWorld, on: str, place: str
) -> None:
    world = make_world(on=on, stage="decided")
    world.sim.switches.forget_ids = True
    world.sim.switches.unique_invoice_numbers = False
    run = world.confirm()
    worker = frozen(world, run, place)
    began = time.monotonic()
    try:
        assert (sent(world, "INV-1"), world.operations()["SENT"]) == ([], 1)
        lapse(world)
        assert world.drain(run).state == "done"
        world.age(LATE)
        world.sync()
        assert (world.numbers("ARINVOICE").count("INV-1"), len(sent(world, "INV-1"))) == (1, 1)
        time.sleep(max(0.0, began + PATIENCE + 0.1 - time.monotonic()))
        os.kill(worker.pid, signal.SIGCONT)
        worker.wait(60)
    finally:
        worker.kill()
        worker.wait()
    assert (world.numbers("ARINVOICE").count("INV-1"), world.issues()) == (1, [])
    assert (set(world.executions()), set(world.operations())) == ({1}, {"DONE"})
    world.sync()
    assert len(sent(world, "INV-1")) == 1
