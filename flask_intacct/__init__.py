"""Flask-Intacct joins an existing Flask-Admin application to Sage Intacct.

The public names load on first use, so that :mod:`flask_intacct.gateway` and :mod:`flask_intacct.matching` work
where Flask is not installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .extension import Intacct as Intacct
    from .local import Local as Local
    from .local import LocalDocument as LocalDocument

_HOME = {"Intacct": ".extension", "Local": ".local", "LocalDocument": ".local"}

__all__ = ["Intacct", "Local", "LocalDocument"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
