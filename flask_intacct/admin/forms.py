"""Our forms, and the one check that every change passes: a token of the session.

With Flask-WTF's ``CSRFProtect`` on the application its token is used, otherwise one of WTForms' own. Both travel in
one hidden field, so a form of ours works under either; no setting of the host's switches the check off.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, request, session
from flask_admin.form import BaseForm
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest
from wtforms import BooleanField, DateField, PasswordField, StringField
from wtforms.csrf.session import SessionCSRF
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from ..config import EARLIEST_SYNC_FROM
from ..secret import Secret
from ..translation import gettext, lazy_gettext


class SafeSessionCSRF(SessionCSRF):
    """WTForms' token, without its KeyError when the session has been lost."""

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if "csrf" not in self.session:
            raise ValidationError("CSRF session missing.")
        super().validate_csrf_token(form, field)


class TokenForm(BaseForm):
    """A form with nothing but the token."""

    class Meta(BaseForm.Meta):
        csrf = True
        csrf_class = SafeSessionCSRF
        csrf_time_limit = timedelta(hours=8)

        @property
        def csrf_secret(self) -> bytes:
            secret = current_app.secret_key or ""
            return secret.encode() if isinstance(secret, str) else secret

        @property
        def csrf_context(self) -> Any:
            return session


def _protector() -> Any | None:
    """Flask-WTF's CSRFProtect, where the host uses it and has not switched it off; else our own tokens serve."""
    protector = current_app.extensions.get("csrf")
    theirs = type(protector).__module__.partition(".")[0] == "flask_wtf"
    return protector if theirs and current_app.config.get("WTF_CSRF_ENABLED", True) else None


def _field_name() -> str:
    return str(current_app.config["WTF_CSRF_FIELD_NAME"]) if _protector() is not None else "csrf_token"


def token_field() -> Markup:
    """The hidden input that every form of ours carries."""
    if _protector() is not None:
        token = current_app.jinja_env.globals["csrf_token"]()  # type: ignore[operator]
    else:
        field: Any = TokenForm()["csrf_token"]
        token = field.current_token
    return Markup('<input type="hidden" name="{}" value="{}">').format(_field_name(), escape(token))


def token_is_good() -> bool:
    """Whether the request carries a token of this session that has not expired.

    Under CSRFProtect the token is checked here and not only by its protect(): that one lets every method pass that the
    host left out of WTF_CSRF_METHODS. It may still ask for more, a referrer under https say.
    """
    protector = _protector()
    if protector is None:
        return bool(TokenForm(request.form).validate())
    from flask_wtf.csrf import validate_csrf  # the host uses it, so it is there

    headers = (request.headers.get(name) for name in current_app.config["WTF_CSRF_HEADERS"])
    try:
        validate_csrf(request.form.get(_field_name()) or next(filter(None, headers), None))
        protector.protect()
    except (ValidationError, BadRequest):
        return False
    return True


def stripped(value: str | None) -> str:
    return (value or "").strip()


def hidden(value: str | None) -> Secret:
    return Secret(value or "")


class CredentialsForm(BaseForm):
    """The Web Services user; the password is never rendered back."""

    intacct_company = StringField(
        lazy_gettext("Company ID"),
        validators=[DataRequired(lazy_gettext("Enter the company ID.")), Length(max=80)],
        description=lazy_gettext("The ID you type when you sign in to Sage Intacct, not the company's name."),
    )
    user_id = StringField(
        lazy_gettext("User ID"),
        filters=[stripped],
        validators=[InputRequired(lazy_gettext("Enter the user ID.")), Length(max=80)],
        description=lazy_gettext("The Web Services user you made for this connection."),
    )
    password = PasswordField(
        lazy_gettext("Password"),
        filters=[hidden],
        validators=[InputRequired(lazy_gettext("Enter the password.")), Length(max=200)],
        description=lazy_gettext("Kept encrypted. It is never shown again."),
    )


class DateForm(BaseForm):
    """From which day on transactions are kept in step."""

    sync_from = DateField(
        lazy_gettext("Sync-from date"),
        validators=[InputRequired(lazy_gettext("Enter the date from which transactions are kept in step."))],
    )
    without_transactions = BooleanField(lazy_gettext("Leave transactions out"))

    def validate_sync_from(self, field: DateField) -> None:
        if field.data is not None and field.data < EARLIEST_SYNC_FROM:
            raise ValidationError(gettext("The date can't be before 1 January 2018."))
