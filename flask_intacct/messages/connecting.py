"""Why a step of the connection, or a run, is refused."""

from __future__ import annotations

from .marks import Literals, Plural, literal

CONNECTING: Literals = {
    "connection.gone": literal("This connection is gone."),
    "connection.ended": literal("This company was deleted in the application: its connection has ended."),
    "connection.no_company": literal("There is no such company."),
    "connection.to_do": literal("Still to do: %(missing)s."),
    "prepare.subscription": literal("The Web Services subscription is on"),
    "prepare.sender": literal("This application's sender ID is authorised"),
    "prepare.user": literal(
        "There is a Web Services user whose role may list, view, add and edit in Company, General Ledger, Accounts"
        " Receivable, Accounts Payable, Cash Management and Taxes, with access to the entity; with View on custom"
        " reports it also tells quickly what was deleted there"
    ),
    "prepare.setup": literal("Tax details, the chart of accounts and the dimensions are set up"),
    "prepare.numbering": literal("Customers and vendors are numbered automatically"),
    "connection.no_company_id": literal("The company ID is missing."),
    "connection.no_user_id": literal("The user ID is missing."),
    "connection.no_password": literal("The password is missing."),
    "connection.disconnected": literal("The company was disconnected a moment ago. Look at it again."),
    "connection.for_good": literal(
        "This company is joined to the Intacct company %(company)s for good. Sign in to that one."
    ),
    "connection.entity_unseen": literal("The Web Services user can't see this entity."),
    "connection.location_elsewhere": literal("The location %(location)s does not belong to this entity."),
    "connection.other_company": literal(
        "Somebody signed in to another Sage Intacct company a moment ago. Choose the entity again."
    ),
    "connection.entity_taken": literal("%(entity)s is already connected to another company. Choose another entity."),
    "connection.entity_just_taken": literal(
        "%(entity)s was connected to another company a moment ago. Choose another entity."
    ),
    "connection.too_early": literal(
        "The sync-from date can't be before 1 January 2018. Choose that day or a later one."
    ),
    "connection.in_future": literal("The sync-from date lies in the future. Choose today or an earlier day."),
    "connection.undecided": Plural(
        "open",
        "%(open)s record is still undecided in this step.",
        "%(open)s records are still undecided in this step.",
    ),
    "connection.steps_before": literal("Finish the steps before it first."),
    "connection.company_reopens": Plural(
        "count",
        "Another Sage Intacct company reopens %(count)s decision. Agree to that first.",
        "Another Sage Intacct company reopens %(count)s decisions. Agree to that first.",
    ),
    "connection.entity_reopens": Plural(
        "count",
        "Another entity reopens %(count)s decision. Agree to that first.",
        "Another entity reopens %(count)s decisions. Agree to that first.",
    ),
    "connection.setting_up": literal("This connection is still being set up: choose both in its entity step."),
    "connection.fixed": literal("This connection is confirmed: its entity and date are fixed."),
    "connection.not_possible": literal(
        "That is not possible in the present state of the connection. Look at it again."
    ),
    "connection.has_taxes": literal("Tax details were read from Sage Intacct: this company has taxes. Match them."),
    "confirm.undecided": Plural(
        "open",
        "%(open)s record is undecided. Decide them, then confirm.",
        "%(open)s records are undecided. Decide them, then confirm.",
    ),
    "confirm.plan_changed": literal(
        "Decisions or documents changed since this plan was made. Look at the new plan, then confirm."
    ),
    "confirm.connection_changed": literal("The connection changed since this plan was made. Look at it again."),
    "signin.nobody": literal("Nobody has signed in to Sage Intacct for this company yet. Do that first."),
    "signin.paused": literal(
        "Sage Intacct refused the last sign-ins as %(user)s, so nothing was sent: each further failure may lock the"
        " user there. Make sure of the password, and try again from %(until)s on."
    ),
    "entity.top": literal("Top level (whole company)"),
    "connection.choose_entity": literal("Choose one of the entities first."),
    "jobs.no_queue": literal("The job queue can't be reached just now (Redis does not answer)."),
    "jobs.not_failed": literal("This job is no longer among the failed ones."),
    "jobs.nothing_left": literal("There is nothing left to wake: its run has ended, or is paused."),
    "jobs.gone": literal("This job is no longer there, or it is running."),
    "connection.limit": literal("%(given)s is not a number of API transactions. Type a whole number, or nothing."),
    "held.restored": literal(
        "The database was restored from a backup: more was sent to Sage Intacct than it knows of. Nothing is sent or"
        " read for any company."
    ),
    "held.moved": literal(
        'The database belongs to the installation "%(stored)s", and this one is "%(here)s" (INTACCT_INSTALLATION).'
        " Nothing is sent or read for any company."
    ),
    "held.cure": literal(
        "Each page of Sage Intacct in the admin leads to where somebody who administers all companies says how to go"
        " on."
    ),
    "held.not": literal("Nothing is held any more: somebody said how to go on a moment ago."),
    "run.busy": literal("%(run)s is still at work. Wait until it is done, or cancel it."),
    "run.not_connected": literal(
        "This company is not connected just now, so it can't be synced. Open it to see what is missing."
    ),
    "run.no_entity": literal("Choose the entity and the date first."),
    "run.ended": literal("This run has ended already."),
}
