"""How runs, connections and the flag of a company stand."""

from __future__ import annotations

from .marks import Literals, Plural, literal

RUNS: Literals = {
    "run.initial": literal("initial sync"),
    "run.sync": literal("sync"),
    "run.Initial": literal("Initial sync"),
    "run.Sync": literal("Sync"),
    "run.Read": literal("Reading Sage Intacct"),
    "run.Plan": literal("Making the plan"),
    "run.Push": literal("Sending what changed"),
    "run.limit": literal(
        "It waits: %(used)s API transactions of the %(limit)s of this month are used. Press Sync now where it can't"
        " wait."
    ),
    "run.Decide": literal("Deciding many records"),
    "notice.stopped": literal("The %(sync)s stopped."),
    "notice.complete": literal("The %(sync)s is complete."),
    "notice.complete_but": Plural(
        "open",
        "The %(sync)s is complete, with %(open)s record to look at.",
        "The %(sync)s is complete, with %(open)s records to look at.",
    ),
    "notice.in_step": literal("Everything is in step with Sage Intacct."),
    "notice.else_in_step": literal("Everything else is in step with Sage Intacct."),
    "notice.waiting": Plural(
        "waiting",
        "%(waiting)s record waits, with its reason. Everything else is in step with Sage Intacct.",
        "%(waiting)s records wait, each with its reason. Everything else is in step with Sage Intacct.",
    ),
    "notice.paused_receivables": literal("Receivables are paused."),
    "notice.paused_payables": literal("Payables are paused."),
    "notice.rests": literal("The %(sync)s rests."),
    "notice.by_itself": literal("It goes on by itself."),
    "notice.goes_on": literal("The %(sync)s goes on."),
    "notice.rested": literal("It rested until now."),
    "notice.reconnect": literal("Needs reconnecting."),
    "flag.running": literal("%(sync)s in progress."),
    "flag.paused": literal("%(sync)s paused."),
    "flag.running_but": Plural(
        "errors",
        "%(sync)s in progress, %(errors)s record to look at already.",
        "%(sync)s in progress, %(errors)s records to look at already.",
    ),
    "flag.paused_but": Plural(
        "errors",
        "%(sync)s paused, %(errors)s record to look at already.",
        "%(sync)s paused, %(errors)s records to look at already.",
    ),
    "flag.rest": literal("Sage Intacct does not answer; next try at %(at)s UTC."),
    "flag.resting": literal("%(sync)s rests: Sage Intacct does not answer; next try at %(at)s UTC."),
    "flag.resting_but": Plural(
        "errors",
        "%(sync)s rests: Sage Intacct does not answer; next try at %(at)s UTC, %(errors)s record to look at already.",
        "%(sync)s rests: Sage Intacct does not answer; next try at %(at)s UTC, %(errors)s records to look at already.",
    ),
    "run.database": literal("The database does not answer."),
    "run.database.cure": literal("It is tried again by itself."),
    "run.missed": literal(
        "%(object)s could not be brought into step, while Sage Intacct answers otherwise: %(reason)s"
    ),
    "run.died": literal("Workers died at it one after the other, as one does that needs more memory than there is."),
    "run.died.cure": literal(
        "Whoever runs this application finds in the log of the workers what ended them. The next sync tries it again."
    ),
    "run.upgraded": literal("It was stopped for the upgrade."),
    "run.crashed": literal("Something went wrong in our own code (reference %(reference)s)."),
    "run.crashed.cure": literal("Run it again; if it comes back, give the reference to whoever runs this application."),
    "signin.lost": literal(
        "The stored password can't be opened: the key that it was sealed with is no longer in INTACCT_SECRET_KEYS."
    ),
    "signin.lost.cure": literal(
        "Sign in again under Reconnect. Or whoever runs this application adds the old key to the end of the list and"
        " runs `flask intacct rotate-keys`."
    ),
    "signin.stopped": literal("The credentials stopped working."),
    "signin.stopped.cure": literal("Sign in again under Reconnect."),
    "signin.wait": literal("Wait until %(until)s before the next try."),
    "signin.no_password": literal("The password of this connection is not kept, because it was disconnected."),
    "signin.no_password.cure": literal("Sign in again under Reconnect; links and document numbers are still there."),
}
