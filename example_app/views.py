"""The lists and forms of Marlow & Finch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_admin.contrib.sqla.view import ModelView
from flask_admin.form import SecureForm
from flask_admin.model.form import InlineFormAdmin
from flask_login import current_user
from wtforms import DecimalField

from .cells import billed, choices, lines, money, word
from .documents import BillLine, InvoiceLine


class HostView(ModelView):
    """What all our views share: tokens, no deleting, writing for those who may."""

    form_base_class = SecureForm
    can_delete = False
    can_view_details = True
    page_size = 20
    can_set_page_size = True
    named_filter_urls = True
    writers: tuple[str, ...] = ("admin", "bookkeeper")
    column_formatters = {}

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)

    @property
    def can_create(self) -> bool:  # type: ignore[override]
        return current_user.is_authenticated and current_user.usr_role in self.writers

    @property
    def can_edit(self) -> bool:  # type: ignore[override]
        return self.can_create


class CompanyView(HostView):
    column_list = ("trading_name", "currency_code", "vat_reg_no", "co_town")
    column_labels = {
        "trading_name": "Trading name", "currency_code": "Currency", "vat_reg_no": "VAT no.", "co_town": "Town"
    }  # fmt: skip
    form_columns = column_list
    writers = ("admin",)


class UserView(HostView):
    column_list = ("usr_login", "usr_name", "usr_role")
    column_details_list = list(column_list)
    column_labels = {"usr_login": "Login", "usr_name": "Name", "usr_role": "Role"}
    form_columns = ("usr_name", "usr_role")
    form_choices = {"usr_role": [(role, role) for role in ("admin", "bookkeeper", "viewer")]}

    def is_accessible(self) -> bool:
        return super().is_accessible() and current_user.usr_role == "admin"

    @property
    def can_create(self) -> bool:  # type: ignore[override]
        return False

    @property
    def can_edit(self) -> bool:  # type: ignore[override]
        return self.is_accessible()


class PropertyView(HostView):
    column_list = ("prop_ref", "addr_1", "addr_2", "pcode", "tag", "landlord", "company")
    column_labels = {
        "prop_ref": "Ref", "addr_1": "Property", "addr_2": "Street", "pcode": "Postcode", "tag": "Building",
        "prop_kind": "Kind",
    }  # fmt: skip
    column_searchable_list = ("prop_ref", "addr_1", "addr_2", "pcode")
    column_filters = ("company.trading_name", "prop_kind")
    column_default_sort = "prop_ref"
    form_columns = ("company", "prop_ref", "addr_1", "addr_2", "town", "pcode", "prop_kind", "tag", "landlord")


class TenancyView(HostView):
    column_list = ("tenant", "prop", "start_dt", "end_dt", "rent_pcm", "tcy_stat")
    column_labels = {
        "prop": "Property", "start_dt": "From", "end_dt": "To", "rent_pcm": "Rent a month", "tcy_stat": "State",
        "tenant.ten_nm": "tenant", "prop.addr_1": "property",
    }  # fmt: skip
    column_formatters = {"tcy_stat": word, "rent_pcm": money}
    column_searchable_list = ("tenant.ten_nm", "prop.addr_1")
    column_filters = ("tcy_stat", "start_dt")
    column_default_sort = ("start_dt", True)
    form_columns = ("tenant", "prop", "start_dt", "end_dt", "rent_pcm", "tcy_stat")
    form_overrides = {"rent_pcm": DecimalField}
    form_choices = {"tcy_stat": choices("CUR", "FUT", "END")}


class TenantView(HostView):
    column_list = ("ten_ref", "ten_nm", "ten_email", "ten_tel", "ten_stat", "company")
    column_labels = {
        "ten_ref": "Ref", "ten_nm": "Name", "ten_email": "E-mail", "ten_tel": "Phone", "ten_vat": "VAT no.",
        "ten_stat": "State", "bill_addr1": "Address", "bill_addr2": "Address 2", "bill_town": "Town",
        "bill_pcode": "Postcode", "bill_country": "Country",
    }  # fmt: skip
    column_formatters = {"ten_stat": word}
    column_searchable_list = ("ten_ref", "ten_nm", "ten_email")
    column_filters = ("company.trading_name", "ten_stat")
    column_default_sort = "ten_nm"
    form_excluded_columns = ("tenancies",)
    form_choices = {"ten_stat": choices("A", "X")}


class SupplierView(HostView):
    column_list = ("supp_code", "supp_name", "is_landlord", "email", "phone", "company")
    column_labels = {
        "supp_code": "Code", "supp_name": "Name", "is_landlord": "Landlord", "email": "E-mail", "vat_no": "VAT no."
    }  # fmt: skip
    column_searchable_list = ("supp_code", "supp_name", "email")
    column_filters = ("company.trading_name", "is_landlord", "inactive")
    column_default_sort = "supp_name"
    form_choices = {"is_landlord": [("N", "No"), ("Y", "Yes")]}


class InvoiceLineForm(InlineFormAdmin):
    form_columns = ("line_id", "line_desc", "account", "tax_rate", "net_amt", "vat_amt", "prop", "cost_tag")
    form_overrides = {"net_amt": DecimalField, "vat_amt": DecimalField}


class InvoiceView(HostView):
    column_list = ("inv_no", "tenant", "inv_dt", "due_dt", "gross_tot", "inv_stat", "company")
    column_labels = {
        "inv_no": "Number", "inv_dt": "Date", "due_dt": "Due", "gross_tot": "Gross", "inv_stat": "State",
        "inv_ref": "Reference",
        "tenant": "For",
        "tenant.ten_nm": "tenant",
    }  # fmt: skip
    column_details_list = [
        "inv_no", "company", "tenant", "inv_dt", "due_dt", "inv_ref", "narrative", "inv_stat", "currency",
        "gross_tot", "lines",
    ]  # fmt: skip
    column_formatters = {"inv_stat": word, "gross_tot": money, "lines": lines, "tenant": billed}
    column_searchable_list = ("inv_no", "inv_ref", "tenant.ten_nm")
    column_filters = ("company.trading_name", "inv_stat", "inv_dt")
    column_default_sort = ("inv_dt", True)
    form_columns = (
        "company", "inv_no", "tenant", "landlord", "inv_dt", "due_dt", "inv_ref", "narrative", "inv_stat", "currency"
    )  # fmt: skip
    form_choices = {"inv_stat": choices("DFT", "APR", "OK", "PD", "VD")}
    inline_models = (InvoiceLineForm(InvoiceLine),)

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        model.gross_tot = sum((line.net_amt + line.vat_amt for line in model.lines), Decimal(0))


class BillLineForm(InlineFormAdmin):
    form_columns = ("line_id", "memo", "account", "tax_rate", "net", "vat", "tags")
    form_overrides = {"net": DecimalField, "vat": DecimalField}


class BillView(HostView):
    column_list = ("bill_no", "supplier", "bill_date", "due_date", "gross", "status", "company")
    column_labels = {
        "bill_no": "Number",
        "bill_date": "Date",
        "due_date": "Due",
        "order_no": "Order",
        "status": "State",
        "supplier.supp_name": "supplier",
    }
    column_details_list = [
        "bill_no", "company", "supplier", "bill_date", "due_date", "order_no", "memo", "status", "currency", "gross",
        "lines",
    ]  # fmt: skip
    column_formatters = {"status": word, "gross": money, "lines": lines}
    column_searchable_list = ("bill_no", "order_no", "supplier.supp_name")
    column_filters = ("company.trading_name", "status", "bill_date")
    column_default_sort = ("bill_date", True)
    form_columns = (
        "company", "bill_no", "supplier", "bill_date", "due_date", "order_no", "memo", "status", "currency"
    )  # fmt: skip
    form_choices = {"status": choices("new", "checking", "passed", "settled", "cancelled")}
    inline_models = (BillLineForm(BillLine),)

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        model.gross = sum((line.net + line.vat for line in model.lines), Decimal(0))


class AccountView(HostView):
    column_list = ("acc_code", "acc_name", "acc_type", "is_hidden", "company")
    column_labels = {
        "acc_code": "Code", "acc_name": "Name", "acc_type": "Type", "is_hidden": "Hidden"
    }  # fmt: skip
    column_searchable_list = ("acc_code", "acc_name")
    column_filters = ("company.trading_name", "acc_type", "is_hidden")
    column_default_sort = "acc_code"


class TaxRateView(HostView):
    column_list = ("label", "percent", "used_for", "is_hidden", "company")
    column_labels = {
        "label": "VAT rate",
        "percent": "%",
        "used_for": "For",
        "is_hidden": "Hidden",
    }
    column_filters = ("company.trading_name", "is_hidden")
    form_overrides = {"percent": DecimalField}
    form_choices = {"used_for": [("S", "Sales"), ("P", "Purchases"), ("B", "Both")]}


class GroupView(HostView):
    column_list = ("grp_nm", "is_hidden", "company")
    column_labels = {"grp_nm": "Group", "is_hidden": "Hidden"}
    form_excluded_columns = ("tags",)


class TagView(HostView):
    column_list = ("tag_nm", "tag_cd", "group", "is_hidden")
    column_labels = {"tag_nm": "Tag", "tag_cd": "Code", "is_hidden": "Hidden"}
    column_searchable_list = ("tag_nm", "tag_cd")
    column_filters = ("group.grp_nm", "is_hidden")
