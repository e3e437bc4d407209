"""The flag in the header of every admin page, the host's own included.

The host's base template stays what it is: the theme of the admin is copied, and its base becomes ours, which extends
the host's. Nothing here may break a page of the host: whatever goes wrong is logged, and the flag is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, g, render_template
from flask_admin.base import Admin
from markupsafe import Markup
from sqlalchemy.orm import Session

from .. import flags, logs
from ..flags import Flags
from ..state import SEE, current
from ..translation import gettext, ngettext
from . import forms, progress, words
from .access import may, may_anywhere
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


def shown() -> Flags:
    """The flags for the person of this request, read once; none where anything is amiss."""
    if "intacct_flags" not in g:
        g.intacct_flags = Flags()
        try:
            with guarded():
                g.intacct_flags = flags.flags(current().who(), lambda company_id: may(SEE, company_id), _tell_held)
        except Exception:
            # A page of the host must come up whatever is wrong with us.
            logs.exception(current_app.logger, "The Sage Intacct flag could not be drawn.")
    found: Flags = g.intacct_flags
    return found


def _tell_held() -> bool:
    """Pages of ours say it themselves."""
    return "intacct_held" not in g and may_anywhere(SEE)


def markup() -> Markup:
    """The flag as HTML, drawn once; empty where there is nothing to say."""
    if "intacct_flag" not in g:
        g.intacct_flag = _drawn() if shown().shown else Markup("")
    found: Markup = g.intacct_flag
    return found


def _drawn() -> Markup:
    try:
        return Markup(  # noqa: S704  # the template has escaped it
            render_template(
                "intacct/flag.html",
                flags=shown(),
                counted=flags.COUNTED,
                bars={flag.run_id: progress.draw(flag.run, flag.phases) for flag in shown().shown if flag.run},
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
