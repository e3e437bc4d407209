"""A document of the host as Intacct will get it, or every reason why it can't go. Plan and sync both ask here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import kinds
from ..errors import Refused
from ..issues import Finding
from ..ledger import ZERO, Document, Line, Ref
from ..models import Connection
from ..translate import outgoing, translators
from .maps import Maps, Target
from .slots import NO_TAX


class Preparer:
    """Resolves the references of documents for one connection.

    :param currency: The company's own currency; "" takes every document's word for it.
    :param planned: Contacts that will be created at Confirm count as resolved: the plan looks ahead.
    """

    def __init__(self, connection: Connection, maps: Maps, currency: str, *, planned: bool = False) -> None:
        self.connection = connection
        self.maps = maps
        self.currency = currency
        self.planned = planned

    def prepare(self, document: Document) -> tuple[Document, list[Finding]]:
        """The document with Intacct's references, and what stands in its way; it may go if there is nothing."""
        findings: dict[tuple[str, str], Finding] = {}

        def note(finding: Finding) -> None:
            findings.setdefault((finding.cause, finding.message), finding)

        shape = kinds.shape(document.kind)
        if self.currency and document.currency and document.currency != self.currency:
            note(
                Finding(
                    "foreign currency",
                    f"It is in {document.currency}; this company's books are in {self.currency}.",
                    "Documents in other currencies do not sync: enter it in Sage Intacct by hand.",
                )
            )
        contact = None
        if document.contact is None:
            note(Finding("no contact", "It has no contact.", "Choose one."))
        else:
            contact = self._resolve(kinds.CONTACT, document.contact, shape.contact_role, note)
        lines = tuple(self._line(line, shape.tax_role, note) for line in document.lines)
        prepared = replace(document, contact=contact, lines=lines)
        try:
            outgoing.check(prepared)
        except Refused as refusal:
            note(Finding("not acceptable", refusal.message))
        if not findings:
            try:
                self.build(prepared)
            except Refused as refusal:
                note(Finding("not acceptable", refusal.message))
        return prepared, list(findings.values())

    def build(self, prepared: Document) -> dict[str, Any]:
        """What is sent: amounts and taxes are the host's, line by line.

        :raises Refused: Intacct could not take it.
        """
        location = self.connection.default_location if self.connection.entity else ""
        return translators.of(prepared.kind).write(prepared, location=location)

    def _line(self, line: Line, tax_role: str, note: Any) -> Line:
        account = None
        if line.account is None:
            note(Finding("no account", "A line has no account.", "Choose one."))
        else:
            account = self._resolve(kinds.ACCOUNT, line.account, "", note)
        tax = line.tax_type
        if tax is None and self.connection.facts.get("taxes") and line.tax == ZERO:
            tax = Ref(NO_TAX, NO_TAX)
        if tax is None and line.tax != ZERO:
            note(Finding("tax without type", "A line has tax but no tax type.", "Choose the tax type of that line."))
        resolved_tax = self._resolve(kinds.TAX_TYPE, tax, tax_role, note) if tax and self._taxes else None
        options = [self._resolve(kinds.TRACKING_OPTION, option, "", note) for option in line.options]
        located = self.connection.default_location or any(option and option.source == "LOCATION" for option in options)
        if self.connection.entity and not located:
            note(
                Finding(
                    "no location",
                    "A line has no location, and the connection has no default one.",
                    "Match the property's tracking option to a location, or set a default location.",
                )
            )
        return replace(
            line, account=account, tax_type=resolved_tax, options=tuple(option for option in options if option)
        )

    @property
    def _taxes(self) -> bool:
        return bool(self.connection.facts.get("taxes"))

    def _resolve(self, kind: str, ref: Ref, role: str, note: Any) -> Ref | None:
        target = self.maps.target(kind, ref, role)
        name = kinds.named(kind).noun
        wanted = f"{name} {target.label if target else ref.id}" + (f" (as {role})" if role else "")
        if target is None:
            note(Finding(f"{name} unknown", f"The {wanted} was not matched.", "Refresh, then match it."))
            return None
        if target.ref is None:
            if self.planned and kind == kinds.CONTACT and target.state == "create":
                return Ref(kinds.kind(kind, role).object, f"new:{target.link_id}")
            self._unresolved(target, wanted, name, note)
            return None
        if not target.active:
            note(Finding(f"{name} inactive", f"The {wanted} is inactive in Sage Intacct.", "Match it to another one."))
        if target.excluded:
            note(
                Finding(
                    f"{name} left out",
                    f"Sage Intacct keeps the {wanted} out of the sync.",
                    "Untick the box on its record in Sage Intacct, or enter the document there by hand.",
                )
            )
        if target.control:
            note(
                Finding(
                    "control account",
                    f"The {wanted} is a control account in Sage Intacct: lines can't be posted to it.",
                    "Use another account on that line.",
                )
            )
        if target.ref.source == "LOCATION" and self.connection.entity and target.entity != self.connection.entity:
            note(
                Finding(
                    "location outside the entity",
                    f"The {wanted} leads to a location outside the entity {self.connection.entity}.",
                    "Match it to a location of the entity.",
                )
            )
        return target.ref

    def _unresolved(self, target: Target, wanted: str, name: str, note: Any) -> None:
        if target.state == "archived":
            if name == "tracking option":
                return  # an archived option is simply no longer written to lines
            note(
                Finding(f"{name} archived", f"The {wanted} was archived.", "Match it instead, or change the document.")
            )
        elif target.state == "create":
            note(Finding(f"{name} not created yet", f"The {wanted} is not in Sage Intacct yet.", "See its own issue."))
        else:
            note(Finding(f"{name} not matched", f"The {wanted} is not matched.", "Match it."))
