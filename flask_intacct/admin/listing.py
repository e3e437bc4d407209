"""Flask-Admin's list of a model, within bounds: the pages that are switched on, the arguments that it can bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_admin.base import Admin
from flask_admin.contrib.sqla.view import ModelView

from .base import IntacctView
from .bounds import page_number, row_ids

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

    def _get_list_extra_args(self) -> Any:
        """The page within bounds, and no argument that :func:`flask.url_for` takes for one of its own."""
        found = super()._get_list_extra_args()
        found.page = page_number()
        own = ("endpoint", "self", "connection_id")
        found.extra_args = {
            name: value for name, value in found.extra_args.items() if name not in own and not name.startswith("_")
        }
        return found
