"""``flask intacct``: status, sync, upgrade, rotate-keys."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import undefer

from .errors import Refused
from .installation import installation_id
from .models import Connection, Session
from .onboarding import connect
from .state import current
from .sync import run as runs


def make_cli(app: Flask) -> None:
    """Add the commands to an application."""
    group = AppGroup("intacct", help="Sage Intacct: state of the connections, syncs, keys.")
    group.command("status")(status)
    group.command("sync")(sync)
    group.command("upgrade")(upgrade)
    group.command("rotate-keys")(rotate_keys)
    app.cli.add_command(group)


def status() -> None:
    """Show every company with its state, last sync and open issues."""
    for view in connect.companies():
        synced = view.connection.synced_at if view.connection else None
        when = f", last sync {synced:%Y-%m-%d %H:%M} UTC" if synced else ""
        click.echo(f"{view.name or '(the company)'}: {view.state_label}{when}, {view.issues} open issues")


@click.argument("company_id", default="")
def sync(company_id: str) -> None:
    """Ask for a sync of one company, or of all that are connected."""
    with current().transaction() as session:
        query = select(Connection).where(Connection.state == "connected")
        rows = session.scalars(query.where(Connection.company_id == company_id) if company_id else query).all()
    if not rows:
        raise click.ClickException("No such company is connected.")
    for row in rows:
        try:
            run = runs.start(row.id, runs.SYNC, "command line")
        except Refused as refusal:
            click.echo(f"{row.company_name}: {refusal.message}")
        else:
            click.echo(f"{row.company_name}: run {run.id} is queued.")


def upgrade() -> None:
    """Check our tables, and bring the data in them to this release's form. May be run again at any time."""
    click.echo(f"The tables are those of this release (installation {installation_id(current())}).")


def rotate_keys() -> None:
    """Seal all stored secrets anew with the first of INTACCT_SECRET_KEYS; run it before an old key is dropped."""
    state = current()
    with state.transaction() as session:
        connections = session.scalars(select(Connection).options(undefer(Connection.password_sealed))).all()
        for row in connections:
            if row.password_sealed:
                row.password_sealed = state.vault.rotate(row.password_sealed)
        sessions = session.scalars(select(Session).options(undefer(Session.sealed))).all()
        for stored in sessions:
            stored.sealed = state.vault.rotate(stored.sealed)
    click.echo(f"Sealed anew: {len(connections)} passwords, {len(sessions)} sessions.")
