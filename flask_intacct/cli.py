"""``flask intacct``: status, metrics, sync, scheduler, upgrade, rotate-keys."""

from __future__ import annotations

import sys
from time import sleep
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import undefer

from . import health, reconnecting, sessions
from . import metrics as measured
from . import upgrade as data
from .errors import ConfigError, Refused, SchemaError, SecretLost
from .models import Connection, Run, Session
from .onboarding import connect
from .scheduler import Scheduler
from .state import application, current
from .sync import run as runs

LOOK = 1.0
"""Seconds between two looks whether a run has ended."""


def make_cli(app: Flask) -> None:
    """Add the commands to an application."""
    group = AppGroup("intacct", help="Sage Intacct: state of the connections, syncs, keys.")
    group.command("status")(status)
    group.command("metrics")(metrics)
    group.command("sync")(sync)
    group.command("scheduler")(scheduler)
    group.command("upgrade")(upgrade)
    group.command("rotate-keys")(rotate_keys)
    app.cli.add_command(group)


def status() -> None:
    """Show every company with its state, last sync and open issues.

    Ends with 1 if the scheduler or the workers are silent, or Redis is, and says how to cure it.
    """
    for view in connect.companies():
        synced = view.connection.synced_at if view.connection else None
        when = f", last sync {synced:%Y-%m-%d %H:%M} UTC" if synced else ""
        paused = "".join(f", {side} paused" for side in view.connection.resting) if view.connection else ""
        click.echo(f"{view.name or '(the company)'}: {view.state_label}{when}, {view.issues} open issues{paused}")
    troubles = health.troubles(current())
    for trouble in troubles:
        click.echo(trouble, err=True)
    if troubles:
        sys.exit(1)


def metrics() -> None:
    """Print metrics of all companies and of the queue, in the text format of Prometheus."""
    try:
        click.echo(measured.text(current()), nl=False)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def scheduler() -> None:
    """Run the schedule in this process: the tick, the nightly sync, and the application's own jobs. Run one of it.

    In place of `flask rq cron`; ends with SIGTERM or Ctrl-C.
    """
    Scheduler(application(), current()).run()


@click.argument("company_id", default="")
@click.option("--scan", is_flag=True, help="Read all rows of the application, also where INTACCT_SCAN is off.")
@click.option("--wait", is_flag=True, help="Wait for the workers, and end with 1 if a sync failed or none could begin.")
def sync(company_id: str, scan: bool, wait: bool) -> None:
    """Ask for a sync of one company, or of all that are connected."""
    with current().reading() as session:
        query = select(Connection).where(Connection.state == "connected")
        rows = session.scalars(query.where(Connection.company_id == company_id) if company_id else query).all()
    if not rows:
        raise click.ClickException("No such company is connected.")
    asked: dict[int, str] = {}
    refused = False
    for row in rows:
        try:
            run = runs.start(row.id, runs.SYNC, "command line", pressed=True, scan=scan)
        except Refused as refusal:
            click.echo(f"{row.company_name}: {refusal.message}")
            refused = True
        else:
            click.echo(f"{row.company_name}: run {run.id} is queued.")
            asked[run.id] = row.company_name
    if wait:
        ended = [_waited(run_id, name) for run_id, name in asked.items()]
        if refused or not all(ended):
            sys.exit(1)


def _waited(run_id: int, company: str) -> bool:
    """Wait for the end of a run; whether it went well."""
    while True:
        with current().reading() as session:
            run = session.get_one(Run, run_id)
        if run.live is None or run.state == runs.PAUSED:
            click.echo(f"{company}: run {run_id} is {run.state}. {run.problem}".strip(), err=run.state != runs.DONE)
            return bool(run.state == runs.DONE)
        sleep(LOOK)


@click.option("--back", is_flag=True, help="Hand the data over to the release before this one instead.")
def upgrade(back: bool) -> None:
    """Check our tables, and bring the data in them to this release's form. May be run again at any time.

    Stop workers and scheduler and run the application's migrations first.
    """
    state = current()
    try:
        if back:
            data.back(state, click.echo)
            click.echo("The data are those of the release before this one: now the migrations may go back.")
            return
        installation = data.upgrade(state, click.echo)
    except (SchemaError, data.Busy) as error:
        raise click.ClickException(str(error)) from error
    with state.transaction() as session:
        for row in session.scalars(_with_password().where(Connection.state == "disconnected")):
            sessions.forget(session, row)  # earlier releases kept the password
    click.echo(f"The tables are those of this release (installation {installation}).")


def rotate_keys() -> None:
    """Seal all stored passwords anew with the first of INTACCT_SECRET_KEYS; run it before an old key is dropped.

    Stored sessions are dropped: the next sync signs in again. A company whose password no key opens is named and needs
    reconnecting; the command then ends with 1, and the others are sealed anew all the same.
    """
    state = current()
    sealed, lost, opened = 0, dict[int, str](), list[int]()
    with state.transaction() as session:
        session.execute(delete(Session))
        for row in session.scalars(_with_password().where(Connection.state != "disconnected")):
            try:
                row.password_sealed = state.vault.rotate(row.password_sealed)
            except SecretLost:
                lost[row.id] = row.company_name or "(the company)"
            else:
                sealed += 1
                opened.append(row.id)
        reconnecting.found_again(session, opened)
        stopped = reconnecting.stop(session, lost, reconnecting.LOST)
    reconnecting.tell(stopped)
    click.echo(f"Sealed anew: {sealed} password{'' if sealed == 1 else 's'}. Stored sessions are dropped.")
    for name in lost.values():
        click.echo(f"{name}: {reconnecting.LOST.message} {reconnecting.LOST.cure}", err=True)
    if lost:
        sys.exit(1)


def _with_password() -> Select[Any]:
    return (
        select(Connection)
        .where(Connection.password_sealed != "")
        .options(undefer(Connection.password_sealed))
        .order_by(Connection.id)
        .with_for_update()
    )
