"""What axe-core says against a page, our part of it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HOSTS = [[".alert > .close"], [".navbar"]]
"""What Flask-Admin's own templates and the host draw."""


def complaints(page: Page, part: str = "html") -> list[str]:
    """What is wrong with a part of the page that is open; the landmarks are the host's."""
    page.wait_for_load_state()
    options = {"resultTypes": ["violations"], "rules": {"region": {"enabled": False}}}
    answer = Axe().run(page, {"include": [[part]], "exclude": HOSTS}, options).response
    return [f"{one['id']}: {node['html'][:200]}" for one in answer["violations"] for node in one["nodes"]]
