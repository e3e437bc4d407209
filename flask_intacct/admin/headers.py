"""What every answer of our views says to the browser, as far as the host does not say it itself."""

from __future__ import annotations

from flask import Flask, Response, request

DEFAULTS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""No other site frames our pages or learns their addresses, and no shared computer keeps them."""


def install_headers(app: Flask, blueprints: set[str]) -> None:
    """Add :data:`DEFAULTS` to the answers of these blueprints, behind whatever the host adds."""

    def add(response: Response) -> Response:
        if request.blueprint in blueprints:
            for name, value in DEFAULTS.items():
                response.headers.setdefault(name, value)
        return response

    # The first of the list runs last: a policy of the host's own stands, however late it was registered.
    app.after_request_funcs.setdefault(None, []).insert(0, add)
