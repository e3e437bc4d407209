"""Flask-Admin's list of our links, within bounds: by keys in place of page numbers, without the pages that are switched
off, with the arguments that it can bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, g, request
from flask_admin.base import Admin
from flask_admin.contrib.sqla.view import ModelView

from .. import choices
from ..counting import counted
from ..models import Link
from ..state import current
from . import keyset
from .base import SAFE_METHODS, IntacctView
from .bounds import row_ids, whole
from .keyset import Order, Page

SWITCHES = {
    "create_view": "can_create",
    "edit_view": "can_edit",
    "details_view": "can_view_details",
    "delete_view": "can_delete",
    "export": "can_export",
    "ajax_lookup": "form_ajax_refs",
    "ajax_update": "column_editable_list",
}
"""Which attribute of a ModelView switches each of its pages on."""


class BoundedListView(IntacctView, ModelView):
    """The base of our matching lists."""

    def create_blueprint(self, admin: Admin) -> Any:
        """Without Flask-Admin's own pages that are switched off: they would still redirect to anywhere."""
        self._urls = [item for item in self._urls if item[1] not in SWITCHES or getattr(self, SWITCHES[item[1]])]
        return super().create_blueprint(admin)

    def ticked(self, sent: Sequence[str]) -> list[Any]:
        """The links of ticked rows, as far as a page can hold so many."""
        return [self.get_one(link_id) for link_id in row_ids(sent, self.page_size)]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that this step decides."""
        raise NotImplementedError

    def get_one(self, id: Any) -> Link:
        """One link of this connection and step; anything else does not exist here."""
        link = current().session.get(Link, whole(str(id)))
        if link is None or link.connection_id != self.connection.id or link.kind not in self.kinds:
            abort(404)
        return link

    def counts(self, *kinds_: str) -> choices.Counts:
        """How far these kinds are; asked once for a page."""
        if request.method not in SAFE_METHODS:
            return choices.counts(current().session, self.connection.id, *kinds_)
        kept: dict[tuple[str, ...], choices.Counts] = g.setdefault("intacct_counts", {})
        if kinds_ not in kept:
            kept[kinds_] = choices.counts(current().session, self.connection.id, *kinds_)
        return kept[kinds_]

    @property
    def states(self) -> Sequence[str]:
        """The states of the links in the list."""
        raise NotImplementedError

    def get_list(  # type: ignore[override]  # as that of Flask-Admin's own ModelView
        self,
        page: int | None,
        sort_column: Any,
        sort_desc: bool,
        search: str | None,
        filters: Sequence[Any] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[int, list[Any]]:
        """How many there are, as :func:`~flask_intacct.counting.counted` says, and one page of them, by label.

        The page is the one that ``after=`` or ``before=`` names; its number plays no part. The search is in the query
        already.
        """
        session, query = current().session, self.get_query()
        if filters and self._filters:
            query = self._apply_filters(query, None, {}, {}, filters)[0]
        # The index by which links are found begins with their state: each state is read by itself, in its order.
        keys = query.with_entities(Link.label, Link.id)
        branches: list[Any] = [keys.filter(Link.state == state).statement for state in self.states]
        order = (Order(str), Order(int))
        g.intacct_page = found = keyset.page(session, branches, order, page_size or self.page_size, request.args)
        ids: Any = query.with_entities(Link.id).statement
        (count,) = counted(session, ids)
        return count, keyset.rows(session, Link, found)

    @property
    def page(self) -> Page:
        """The page that :meth:`get_list` gave."""
        found: Page = g.intacct_page
        return found

    def place(self, arguments: dict[str, str]) -> str:
        """The address of another page of the list, by its arguments."""
        view_args = self._get_list_extra_args()
        kept = {name: value for name, value in view_args.extra_args.items() if name not in keyset.ARGUMENTS}
        return str(self._get_list_url(view_args.clone(extra_args={**kept, **arguments})))

    def _get_list_extra_args(self) -> Any:
        """Without the number of a page, and no argument that :func:`flask.url_for` takes for one of its own."""
        found = super()._get_list_extra_args()
        found.page = 0
        own = ("endpoint", "self", "connection_id")
        found.extra_args = {
            name: value for name, value in found.extra_args.items() if name not in own and not name.startswith("_")
        }
        return found
