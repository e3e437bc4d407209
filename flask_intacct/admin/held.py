"""What to do with a database that was restored, moved or copied: a person says it here, once for all companies."""

from __future__ import annotations

from flask import abort, redirect
from flask.typing import ResponseReturnValue
from flask_admin.base import expose

from ..models import Meta
from ..onboarding import held
from ..state import ADMINISTER, SEE, current
from ..translation import gettext
from .access import may_everywhere
from .base import IntacctView, who
from .messages import flash


class HeldView(IntacctView):
    """For those who administer every company; others learn that somebody has to."""

    rights = {"index": SEE, "go_on": ADMINISTER, "copied": ADMINISTER}  # noqa: RUF012
    menu_right = SEE

    @expose("/")
    def index(self) -> str:
        found = current().session.query(Meta.held).scalar()
        return self.render("intacct/held.html", reason=found, allowed=may_everywhere(ADMINISTER))

    @expose("/go-on", methods=("POST",))
    def go_on(self) -> ResponseReturnValue:
        """It is the one database of this installation."""
        self._check()
        held.go_on(who())
        flash(gettext("All connections sync again."), "success")
        return redirect(self.get_url("intacct_companies.index"), 303)

    @expose("/copied", methods=("POST",))
    def copied(self) -> ResponseReturnValue:
        """It is a copy, and the original goes on elsewhere."""
        self._check()
        held.copied(who())
        flash(gettext("All companies are disconnected here, and their passwords are wiped."), "success")
        return redirect(self.get_url("intacct_companies.index"), 303)

    def _check(self) -> None:
        if not may_everywhere(ADMINISTER):
            abort(403)
