"""What an operator's monitoring asks, in the text format of Prometheus. Needs the extra ``[prometheus]``.

All of it is computed from the database and Redis when it is asked for: the work is done by many processes on many
machines, so that no process can count for the others. It costs the same number of statements whatever the number of
companies. Series are named by the id of a connection; what the company is called says ``intacct_connection_info``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from . import exchanges, heartbeat, issues, queued, restored, signals
from .clock import now
from .errors import ConfigError
from .models import Connection, Issue, Operation, Run
from .models.states import OPERATION
from .state import State
from .sync import run as runs

if TYPE_CHECKING:
    from prometheus_client.core import Metric

RESTING = "resting"
"""The state of a run that waits for Intacct, or the database, to answer again."""

AT_WORK = (runs.QUEUED, runs.RUNNING, RESTING, runs.PAUSED)
"""The states of a run that has not ended."""

OPEN = sorted(OPERATION.moves.keys() - OPERATION.ends)
"""The states of operations that are not over; those that are become ever more, and nobody has to do anything."""

Sample = tuple[Sequence[str], float]
"""The values of the labels, and the number."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One metric, with all its series."""

    name: str
    help: str
    samples: Iterable[Sample]
    labels: Sequence[str] = ()


def text(state: State) -> str:
    """All metrics, in the text format.

    :raises ConfigError: the extra is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.core import GaugeMetricFamily
        from prometheus_client.registry import Collector
    except ImportError as error:
        raise ConfigError(
            "Metrics need prometheus-client, which is not installed: pip install 'Flask-Intacct[prometheus]'"
        ) from error

    class Installation(Collector):
        def collect(self) -> Iterator[Metric]:
            for gauge in gauges(state):
                family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
                for labels, number in gauge.samples:
                    family.add_metric(labels, number)
                yield family

    registry = CollectorRegistry()
    registry.register(Installation())
    return generate_latest(registry).decode()


def gauges(state: State) -> Iterator[Gauge]:
    """All that is measured, as it is now."""
    with state.reading() as session:
        yield from _of_connections(state, session)
        yield from _of_installation(session)
    yield from _of_queue()


def _of_connections(state: State, session: Session) -> Iterator[Gauge]:
    rests = and_(Run.rests_until > now(), Run.state != runs.PAUSED)
    query = (
        select(
            Connection.id, Connection.company_name, Connection.state, Connection.synced_at, Connection.intacct_company,
            Connection.facts,
            case((rests, RESTING), else_=Run.state).label("doing"), now().label("at"),
        )
        .outerjoin(Run, Run.live == Connection.id)
        .where(Connection.live_company.is_not(None))
        .order_by(Connection.id)
    )  # fmt: skip
    rows = [(str(row.id), row) for row in session.execute(query)]
    yield Gauge(
        "intacct_connection_info",
        "What a connection's company is called, and the state of the connection.",
        [((id_, row.company_name, row.state), 1) for id_, row in rows],
        ("connection", "company", "state"),
    )
    yield Gauge(
        "intacct_sync_age_seconds",
        "Seconds since the last complete sync; none before the first.",
        [((id_,), (row.at - row.synced_at).total_seconds()) for id_, row in rows if row.synced_at is not None],
        ("connection",),
    )
    yield Gauge(
        "intacct_runs",
        "Runs that have not ended, by what they do; a resting one waits until Sage Intacct answers.",
        [((id_, one), float(one == row.doing)) for id_, row in rows for one in AT_WORK],
        ("connection", "state"),
    )
    found = _counted(session, Issue, Issue.severity, Issue.live == issues.LIVE)
    yield Gauge(
        "intacct_issues",
        "Open issues, by severity; a notice needs nobody.",
        [((id_, one), found.get((row.id, one), 0)) for id_, row in rows for one in issues.SEVERITIES],
        ("connection", "severity"),
    )
    found = _counted(session, Operation, Operation.state, Operation.state.in_(OPEN))
    yield Gauge(
        "intacct_operations",
        "Writes to Sage Intacct that are not over, by state.",
        [((id_, one), found.get((row.id, one), 0)) for id_, row in rows for one in OPEN],
        ("connection", "state"),
    )
    uses = exchanges.uses(session, state.config, {row.intacct_company for _, row in rows})
    used = [((id_,), uses[row.intacct_company]) for id_, row in rows if row.intacct_company]
    yield Gauge(
        "intacct_api_transactions",
        "API transactions of this month of a connection's Intacct company, which connections may share.",
        [(labels, use.this) for labels, use in used],
        ("connection",),
    )
    yield Gauge(
        "intacct_api_limit",
        "After so many of them what can wait does wait; none without a limit.",
        [
            ((id_,), most)
            for id_, row in rows
            if row.intacct_company and (most := exchanges.limit(row.facts, state.config))
        ],
        ("connection",),
    )


def _of_installation(session: Session) -> Iterator[Gauge]:
    age, held = heartbeat.age(session), bool(restored.reason(session))
    yield Gauge("intacct_tick_age_seconds", "Seconds since the last tick; none before the first.", _one(age))
    yield Gauge("intacct_held", "1 while nothing is sent or read, for the database was restored or moved.", _one(held))
    stuck = signals.stuck(session)
    yield Gauge("intacct_signals_stuck", "Signals that have not been delivered for an hour.", _one(stuck))


def _of_queue() -> Iterator[Gauge]:
    """What Redis says; if it is away, that alone."""
    try:
        jobs, oldest, workers = queued.length(), queued.oldest(), len(queued.workers())
    except RedisError:
        yield Gauge("intacct_redis_up", "Whether Redis can be reached.", _one(0))
        return
    yield Gauge("intacct_redis_up", "Whether Redis can be reached.", _one(1))
    yield Gauge("intacct_queue_jobs", "Jobs that wait for a worker.", _one(jobs))
    yield Gauge("intacct_queue_age_seconds", "For how long the job has waited whose turn is next.", _one(oldest or 0.0))
    yield Gauge("intacct_workers", "Workers that listen to the queue.", _one(workers))


def _counted(
    session: Session, model: type[Any], column: Any, condition: ColumnElement[bool]
) -> dict[tuple[int, str], int]:
    """How many rows of each connection that has not ended, by a column."""
    query = select(model.connection_id, column, func.count()).join(Connection, Connection.id == model.connection_id)
    query = query.where(Connection.live_company.is_not(None), condition)
    rows = session.execute(query.group_by(model.connection_id, column))
    return {(connection_id, value): number for connection_id, value, number in rows}


def _one(number: float | None) -> Sequence[Sample]:
    """The one series of a metric without labels; none where there is nothing to tell."""
    return [] if number is None else [((), number)]
