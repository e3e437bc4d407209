"""Carries runs out, one slice at a time: whatever is the same for all stages is done here, and only here.

A slice takes the lease and goes on where the last one stopped, step by step. After each step its cursor is committed,
and the slice ends if its time is up or the worker is to stop. What fails is tried again at the same place; see
:mod:`.failing` for how often, and for what becomes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import issues, logs, notices, queueing, reconnecting, restored, signals
from ..clock import boot, now, read
from ..errors import ConfigError, Refused
from ..exchanges import Gathered
from ..failures import passing
from ..gates import CompanyGate, for_work
from ..gateway.errors import Crowded, ExchangeError
from ..installation import installation_id
from ..issues import Finding
from ..messages import quoted
from ..models import Connection, Phase, Run, folded, transition
from ..phases import Cursor, Stage
from ..reconnecting import NeedsReconnecting
from ..shutdown import Shutdown, watched
from ..state import State
from . import failing, lease, run
from .course import Course, Place, named
from .early import Early
from .job_context import JobContext, OutOfTime, Stopped, crashed
from .keeper import keeping
from .successor import Held

log = logs.logger(__name__)

MOMENT = 1.0
"""Seconds for which a worker passes over steps that write nothing before it commits its place."""

BEAT = 5.0
"""Seconds between two signs of life of a run; without one it is woken (:data:`~flask_intacct.jobs.IDLE_SECONDS`)."""


def work(state: State, run_id: int) -> None:
    """Do one slice of a run, then wake the next. Harmless for a run that has ended or that another worker does."""
    installation_id(state)  # before any transaction, and with it a word about outdated tables
    with state.reading() as session:
        row = session.get(Run, run_id)
        if row is None or not run.ready(row, read(session)):
            return
    with logs.about(connection=row.connection_id, run=run_id):
        _work(state, row)


def _work(state: State, row: Run) -> None:
    hold = lease.take(state, row.connection_id)
    if hold is None:
        return
    again = False
    try:
        with watched() as shutdown, keeping(hold):
            executor = Executor(state, row.id, hold, shutdown)
            try:
                again = executor.slice()
            finally:
                executor.close()
    except lease.LeaseLost as error:
        log.warning("%s", error)
        return
    finally:
        lease.release(state, hold)
    if again:
        queueing.enqueue(row.id)


class Executor:
    """One slice of one run, by the worker that holds the lease."""

    def __init__(self, state: State, run_id: int, hold: lease.Hold, shutdown: Shutdown) -> None:
        self.state, self.hold, self.shutdown = state, hold, shutdown
        self._run_id = run_id
        self._deadline = boot() + state.config.slice_seconds
        self._slice: JobContext | None = None
        self._shared: dict[str, tuple[CompanyGate, Gathered, Early]] = {}
        self._foreseen = 0
        self.stage = Stage(step=lambda work, cursor: None)
        self._place = Place()
        self._committed = self._beaten = boot()
        self._troubled = self._careful = False
        self._missed: set[str] | None = None
        self._course = Course(state)
        self._events: Sequence[signals.Event] = ()

    def slice(self) -> bool:
        """Work until the run ends or rests, or the time is up; True if a next slice is to be woken."""
        seen = restored.kept(self.state)
        with self.state.transaction() as session:
            row, at = self._fenced(session), read(session)
            if not restored.judge(self.state, session, seen) or not run.ready(row, at):
                return False  # or it ended while this worker waited for the lease
            self._careful = self.hold.inherited and row.state == run.RUNNING
            transition(row, run.RUNNING, "a worker took it")
            row.beat_at, row.slices = at, row.slices + 1
            row.started_at = row.started_at or at
            self._troubled = row.failures > 0
            going = self._find(session, row)
            if going and self._careful:
                self._place.deaths += 1
                self.at.phase.place = self._place.row()
        if not going:
            self._tell()
        while going:
            going, again = self._step()
            if again or (going and self._over()):
                self._save()
                return self._hand_over()
        return False

    @property
    def cursor(self) -> Cursor:
        """Where the stage at hand is."""
        return self._place.cursor

    @property
    def at(self) -> JobContext:
        """What the stage at hand works with."""
        assert self._slice is not None  # found before any step
        return self._slice

    def _step(self) -> tuple[bool, bool]:
        """One step: whether this slice may go on, and whether it has to end in favour of a next one."""
        try:
            return self._try()
        except (OutOfTime, Crowded):
            return False, True
        finally:
            self.state.db.session.remove()

    def _try(self) -> tuple[bool, bool]:
        self.at.begin()
        if self._place.deaths >= failing.DEATHS:
            return self._answer(failing.of_death(self))
        try:
            self._foresee()
            cursor = self.stage.step(self.at, self._place.cursor)
        except (OutOfTime, Crowded, lease.LeaseLost):
            raise
        except Stopped:
            self._stop()
            return False, False
        except ExchangeError as problem:
            self._save()  # failures are counted at one place
            return self._answer(failing.of_gateway(self, problem))
        except (NeedsReconnecting, Held) as problem:
            self.fail(problem.finding, known=True)
            return False, False
        except (ConfigError, Refused) as problem:
            self.fail(Finding("stopped", problem.said if isinstance(problem, Refused) else quoted(str(problem))))
            return False, False
        except Exception as problem:
            # The last line of defence of a background job: the run must not vanish, and its place is committed.
            if passing(problem):
                return self._answer(failing.of_database(self, problem))
            return self._answer(
                failing.of_ours(self, crashed(problem, f"Run {self._run_id} in phase {self.at.phase.name}"))
            )
        return self._advance(cursor), False

    def _foresee(self) -> None:
        """As a phase begins, have asked early what its stages and those behind it ask first.

        Not after a worker died, or what was asked last failed: it is to be known what came of which question.
        """
        phase, foreseen = self.at.phase, self._foreseen
        self._foreseen = phase.id
        if foreseen != phase.id and not self._careful and not self._troubled:
            for asks in self._course.questions(self.at.run.kind, phase.name, self._place):
                asks(self.at)

    def _answer(self, verdict: failing.Verdict) -> tuple[bool, bool]:
        self._troubled = True
        if verdict is failing.Verdict.SKIP:
            behind = self.stage.past(self.cursor)
            return self._advance(behind[1] if behind else None, give_up=True), False
        return verdict is failing.Verdict.AGAIN, False

    def _advance(self, cursor: Cursor | None, *, give_up: bool = False) -> bool:
        """Go behind a step, with a commit unless it wrote nothing, and look what is next; False if nothing is."""
        if not give_up and self._passed(cursor):
            return True
        with self.state.transaction() as session:
            row, phase, _connection, at = self._placed(session)  # held: a next phase finds it read
            if row.live is None:
                return False  # a person or the host ended it
            ends = cursor is None and self._last()
            phases = run.phases(session, self._run_id) if ends else ()
            place = self._place
            if give_up:
                if cursor is None:
                    place.given_up = [*place.given_up, named(self.stage)]
                row.failures = 0  # of this object; the next one has all its tries
            self.at.settle(phase)
            self._move(cursor)
            phase.place = place.row()
            self._committed, self._troubled = boot(), False
            if not give_up:
                run.goes_on(session, row)
            if boot() - self._beaten > BEAT:
                row.beat_at = now()  # the database's clock, without asking it first
                self._beaten = boot()
            if not row.wish and self._in_stage():
                self.at.run, self.at.phase, going = row, phase, True
            else:
                going = self._find(session, row, at, phases)
        self.at.saved()
        if not going:
            self._tell()
        return going

    def _passed(self, cursor: Cursor | None) -> bool:
        """Go on within the phase without a commit, if the step at hand wrote nothing.

        Only for a moment: a person's wish is to be heard, and a worker that dies leaves as little behind as may be. Not
        at all after one that died: where the next one dies is to be known.
        """
        if self._careful or self.at.wrote or self._troubled or self._over() or boot() - self._committed > MOMENT:
            return False
        if cursor is None and self._last():
            return False
        self._move(cursor)
        found = self._in_stage()
        self.at.passed(self._place.row())
        return found

    def _move(self, cursor: Cursor | None) -> None:
        """Take the place behind a step."""
        self.at.begun = True
        self._place.steps, self._place.deaths = self._place.steps + 1, 0
        if cursor is None:
            self.at.forget()
            self._place.stage, self._place.cursor = self._place.stage + 1, {}
        else:
            self._place.cursor = cursor

    def _in_stage(self) -> bool:
        """Be at the stage that the place is at, or the next one that is wanted; False if the phase has none."""
        stages = self._course.stages(self.at.run.kind, self.at.phase.name)
        found = self._course.first(stages, self._place, self._place.stage)
        if found is None:
            return False
        self._place.stage, self.stage = found, stages[found]
        return True

    def _last(self) -> bool:
        """Whether no stage of the phase behind the one at hand is wanted."""
        stages = self._course.stages(self.at.run.kind, self.at.phase.name)
        return self._course.first(stages, self._place, self._place.stage + 1) is None

    def _save(self) -> None:
        """Commit the place if steps were passed over: the next slice is to begin behind them."""
        if self._slice is not None and self._slice.unsaved:
            with self.state.transaction() as session:
                self.at.catch_up(self._placed(session)[1])
            self.at.saved()

    def _find(self, session: Session, row: Run, at: datetime | None = None, phases: Sequence[Phase] = ()) -> bool:
        """Find the next stage, within the caller's transaction; False if there is none, and then the run is at rest.

        :param at: The present instant, if it was asked for already; likewise the run's phases.
        """
        if row.wish:
            run.heed(session, row)
        if row.live is None or row.state == run.PAUSED:
            return False
        at = at or read(session)
        if not self.state.runs[row.kind].all_or_nothing:  # those neither send nor bring in
            self._course.resting = session.get_one(Connection, row.connection_id).resting
        for phase in phases or run.phases(session, self._run_id):
            if phase.state not in ("waiting", "running"):
                continue
            stages, place = self._course.stages(row.kind, phase.name), Place.of(phase)
            while place.stage < len(stages) and not self._course.wanted(stages[place.stage], place):
                place.stage, place.cursor = place.stage + 1, {}
            transition(phase, "running", "it is the next")
            phase.started_at = phase.started_at or at
            if place.stage < len(stages):
                self.stage, self._place = stages[place.stage], place
                self._begin(session, row, phase)
                return True
            self._had(session, row, stages, place)
            transition(phase, "done", "all of it is done")
            phase.finished_at = at
            if phase.total < 0:
                phase.total = phase.done + phase.failed
        self._complete(session, row)
        return False

    def _had(self, session: Session, row: Run, stages: Sequence[Stage], place: Place) -> None:
        """Close what earlier runs said of objects that they could not have; what this one said stands."""
        if self._missed is None:
            with session.no_autoflush:
                self._missed = failing.missed(session, row)
        open_ = self._missed
        for stage in stages:
            if open_ and stage.kind and failing.subject(stage) in open_ and self._course.wanted(stage, place):
                issues.close(session, row.connection_id, failing.subject(stage))

    def _begin(self, session: Session, row: Run, phase: Phase) -> None:
        before = self._slice
        if before is not None and before.phase.id == phase.id:
            before.run, before.phase = row, phase
            return
        deadline = self._deadline if before is None else before.deadline
        connection = session.get_one(Connection, row.connection_id)
        begun = before is not None
        shared = self._shared_by(connection)
        self._slice = JobContext(self.state, connection, row, phase, self.hold, *shared, deadline, self.shutdown, begun)

    def _shared_by(self, connection: Connection) -> tuple[CompanyGate, Gathered, Early]:
        """What all phases of the slice share; anew for another company, which somebody signed in to meanwhile."""
        company = folded(connection.intacct_company)
        if company not in self._shared:
            gate = for_work(self.hold.engine, company, self.state.config, self.hold.owner)
            gathered, early = Gathered(connection.id, self._run_id, company), Early(self.state.config.max_in_flight)
            self._shared[company] = gate, gathered, early
        return self._shared[company]

    def close(self) -> None:
        """Give back what the slice kept, and write down what it asked."""
        for gate, exchanges, early in self._shared.values():
            early.close()
            gate.close()
            exchanges.write(self.state)

    def _over(self) -> bool:
        return self.at.over()

    def _hand_over(self) -> bool:
        if self.shutdown.asked:
            with self.state.transaction() as session:
                row = self._fenced(session)
                if row.live is None:
                    return False
                transition(row, run.QUEUED, "its worker is about to stop")
        return True

    def _fenced(self, session: Session) -> Run:
        self.hold.fence(session)
        return session.get_one(Run, self._run_id)

    def _placed(self, session: Session) -> tuple[Run, Phase, Connection, datetime]:
        """The same with the phase at hand, the connection and the present instant."""
        self.hold.fence(session)
        query = select(Run, Phase, Connection, now()).join(Phase, Phase.run_id == Run.id)
        query = query.join(Connection, Connection.id == Run.connection_id)
        row, phase, connection, at = session.execute(
            query.where(Run.id == self._run_id, Phase.id == self.at.phase.id)
        ).one()
        return row, phase, connection, at

    def _stop(self) -> None:
        with self.state.transaction() as session:
            run.heed(session, self._fenced(session))

    def fail(self, finding: Finding, *, known: bool = False) -> None:
        """End the run.

        :param known: The connection has its issue already.
        """
        with self.state.transaction() as session:
            row = self._fenced(session)
            if row.live is None:
                return  # a person or the host ended it, and that is to stand
            if not known:
                self.at.issue(session, f"connection:{row.connection_id}", finding, "", "")
            run.end(session, row, run.FAILED, finding.whole)
            notices.write(session, row, session.get_one(Connection, row.connection_id))
            self._keep(session, row)
        self._tell()

    def _complete(self, session: Session, row: Run) -> None:
        connection = session.get_one(Connection, row.connection_id)
        if connection.state != reconnecting.RESTS and not self.state.runs[row.kind].apart:
            issues.close(session, connection.id, f"connection:{connection.id}")
        run.end(session, row, run.DONE)
        if row.kind in (run.INITIAL, run.SYNC):
            connection.synced_at = now()
            connection.step = "done"
        notices.write(session, row, connection)
        self._keep(session, row)

    def _keep(self, session: Session, row: Run) -> None:
        """Write down that a sync came to its end."""
        if row.kind in (run.INITIAL, run.SYNC) and row.state in (run.DONE, run.FAILED):
            told = {"run_id": row.id, "level": notices.level_of(session, row)}
            self._events = signals.keep(session, row.connection_id, {signals.run_finished: [told]})

    def _tell(self) -> None:
        """Send the signal."""
        signals.tell(self._events)
        self._events = ()
