"""The flag in the header of every admin page, the host's own included.

The host's base template stays what it is: the theme of the admin is copied, and its base becomes ours, which extends
the host's. Nothing here may break a page of the host: whatever goes wrong is logged, and the flag is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, g, render_template
from flask_admin.base import Admin
from markupsafe import Markup
from sqlalchemy.orm import Session

from .. import logs, notices
from ..models import Run
from ..notices import Flag
from ..state import SEE, current
from ..translation import gettext, ngettext
from . import forms, progress, words
from .access import companies, may, visible_connections
from .base import here

BASE = "intacct/base.html"


def install_flag(app: Flask, admin: Admin) -> None:
    """Put our base template between the host's and every page of this admin, in the applications that have us."""
    app.jinja_env.globals["intacct_flag"] = markup
    if hasattr(admin.theme, "intacct_host_template"):
        return
    theme: Any = copy.copy(admin.theme)
    theme.intacct_host_template = theme.base_template
    theme.__class__ = type(type(theme).__name__, (type(theme),), {"base_template": property(_base)})
    admin.theme = theme


def _base(theme: Any) -> str:
    """The base template in the application at hand: one Admin may serve several, with us and without."""
    return BASE if "intacct" in current_app.extensions else str(theme.intacct_host_template)


@contextmanager
def guarded() -> Iterator[Session]:
    """The session of the host's page, for reading: what fails in here fails in a savepoint, and nothing is flushed.

    A savepoint of the connection, not of the session: that one would flush what the page has not saved yet.
    """
    session = current().session
    with session.no_autoflush, session.connection().begin_nested():
        yield session


def shown() -> Sequence[Flag]:
    """The flags for the person of this request, read once; none where anything is amiss."""
    if "intacct_flags" not in g:
        g.intacct_flags = ()
        try:
            with guarded():
                if any(may(SEE, company_id) for company_id, _ in companies()):
                    allowed = [item.id for item in visible_connections(SEE)]
                    g.intacct_flags = tuple(notices.flags(current().who(), allowed))
        except Exception:
            # A page of the host must come up whatever is wrong with us.
            logs.exception(current_app.logger, "The Sage Intacct flag could not be drawn.")
    found: Sequence[Flag] = g.intacct_flags
    return found


def markup() -> Markup:
    """The flag as HTML; empty where there is nothing to say."""
    flags = shown()
    if not flags:
        return Markup("")
    try:
        with guarded() as session:
            bars = {
                flag.run_id: progress.draw(session, session.get_one(Run, flag.run_id), flag.phases)
                for flag in flags
                if flag.phases
            }
        return Markup(  # noqa: S704  # the template has escaped it
            render_template(
                "intacct/flag.html",
                flags=flags,
                bars=bars,
                words=words,
                token_field=forms.token_field,
                here=here(),
                _gettext=gettext,
                _ngettext=ngettext,
            )
        )
    except Exception:
        # As above: the page comes first.
        logs.exception(current_app.logger, "The Sage Intacct flag could not be drawn.")
        return Markup("")
