"""The admin of Marlow & Finch, as it was before anybody thought of Intacct."""

from __future__ import annotations

from flask import Flask
from flask_admin.base import Admin, AdminIndexView, expose
from flask_admin.theme import Bootstrap4Theme

from . import views
from .dashboard import figures
from .database import db
from .documents import Bill, Invoice
from .models import (
    Company,
    LedgerAccount,
    Property,
    Supplier,
    TaxRate,
    Tenancy,
    Tenant,
    TrackingGroup,
    TrackingTag,
    User,
)


class Home(AdminIndexView):
    """The first page: how each company stands."""

    @expose("/")
    def index(self) -> str:
        return str(self.render("home.html", **figures()))


def make_admin(app: Flask) -> Admin:
    """Our views, in the order of our menu."""
    theme = Bootstrap4Theme(base_template="host_base.html", fluid=True)
    admin = Admin(app, name="Marlow & Finch", theme=theme, index_view=Home(name="Home"))
    for view, model, name, category, endpoint in (
        (views.PropertyView, Property, "Properties", "Lettings", "properties"),
        (views.TenancyView, Tenancy, "Tenancies", "Lettings", "tenancies"),
        (views.TenantView, Tenant, "Tenants", "Lettings", "tenants"),
        (views.InvoiceView, Invoice, "Invoices", "Money", "invoices"),
        (views.BillView, Bill, "Bills", "Money", "bills"),
        (views.SupplierView, Supplier, "Suppliers", "Money", "suppliers"),
        (views.AccountView, LedgerAccount, "Accounts", "Books", "accounts"),
        (views.TaxRateView, TaxRate, "VAT rates", "Books", "vat_rates"),
        (views.GroupView, TrackingGroup, "Tracking groups", "Books", "tracking_groups"),
        (views.TagView, TrackingTag, "Tracking tags", "Books", "tracking_tags"),
        (views.CompanyView, Company, "Companies", "Office", "companies"),
        (views.UserView, User, "Users", "Office", "users"),
    ):
        admin.add_view(view(model, db, name=name, category=category, endpoint=endpoint))
    return admin
