"""Signing in and out; without it no page but the sign-in page answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.form import SecureForm
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.security import check_password_hash
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from .database import db
from .models import User

bp = Blueprint("auth", __name__)
_OPEN = ("auth.login", "static", "admin.static")


class LoginForm(SecureForm):
    """Login and password."""

    login = StringField("Login", [InputRequired(), Length(max=40)])
    password = PasswordField("Password", [InputRequired(), Length(max=200)])


class LogoutForm(SecureForm):
    """Nothing but the token."""


def init_auth(app: Flask) -> None:
    """Let Flask-Login guard the whole application."""
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.user_loader(_load)
    app.register_blueprint(bp)
    app.before_request(_guard)
    app.context_processor(lambda: {"logout_form": LogoutForm() if current_user.is_authenticated else None})


def _load(user_id: str) -> User | None:
    return db.session.get(User, int(user_id)) if user_id.isdigit() else None


def _guard() -> ResponseReturnValue | None:
    if request.endpoint in _OPEN or current_user.is_authenticated:
        return None
    here = request.full_path if request.query_string else request.path
    return redirect(url_for("auth.login", next=here if request.method == "GET" and here != "/" else None))


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(url_for("admin.index"))
    form: Any = LoginForm(request.form)
    if request.method == "POST":
        if form.validate():
            user = db.session.scalar(select(User).where(User.usr_login == form.login.data.strip().lower()))
            if user is not None and check_password_hash(user.pw_hash, form.password.data):
                login_user(user)
                return redirect(_inside(request.args.get("next")) or url_for("admin.index"))
            flash("Login or password is wrong.", "error")
        elif form.csrf_token.errors:
            flash("This page had expired. Please sign in again.", "error")
    return render_template("login.html", form=form)


@bp.route("/logout", methods=["POST"])
def logout() -> ResponseReturnValue:
    """Sign out."""
    if LogoutForm(request.form).validate():
        logout_user()
    return redirect(url_for("auth.login"))


def _inside(target: str | None) -> str | None:
    """The target if it is a path of this application: nobody is sent elsewhere after signing in."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
