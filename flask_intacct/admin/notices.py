"""The history of notices, and putting a flag away."""

from __future__ import annotations

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from sqlalchemy import select

from .. import notices
from ..counting import counted
from ..models import Notice
from ..state import SEE, current
from . import flag, keyset
from .base import IntacctView, who
from .keyset import Order

PAGE = 25


class NoticesView(IntacctView):
    """Notices of a connection."""

    rights = {"start_page": SEE, "index": SEE, "dismiss": SEE, "flag": SEE}  # noqa: RUF012
    home = "index"

    @expose("/")
    def start_page(self) -> ResponseReturnValue:
        return redirect(self.get_url("intacct_companies.index"))

    @expose("/<int:connection_id>/")
    def index(self) -> str:
        session = current().session
        ids = select(Notice.id).where(Notice.connection_id == self.connection.id)
        page = keyset.page(session, [ids], (Order(int, up=False),), PAGE, request.args)
        (total,) = counted(session, ids)
        return self.render("intacct/notices.html", notices=keyset.rows(session, Notice, page), page=page, total=total)

    @expose("/<int:connection_id>/dismiss/<int:notice_id>", methods=("POST",))
    def dismiss(self, notice_id: int) -> ResponseReturnValue:
        notice = current().session.get(Notice, notice_id)
        if notice is None or notice.connection_id != self.connection.id:
            abort(404)
        notices.dismiss(notice_id, who())
        if request.headers.get("X-Requested-With") == "fetch":
            return "", 204
        return redirect(self.back(), 303)

    @expose("/flag")
    def flag(self) -> ResponseReturnValue:
        """The flag alone, for the script that keeps it up to date."""
        return flag.markup(), 200, {"Cache-Control": "no-store"}
