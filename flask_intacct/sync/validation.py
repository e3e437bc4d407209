"""A document of the host as Intacct will get it, or every reason why it can't go. Plan and sync both ask here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import kinds
from ..choices import SUSPENDED
from ..errors import Refused
from ..issues import Finding
from ..ledger import ZERO, Document, Line, Ref
from ..messages import Message, noun
from ..models import Connection
from ..translate import outgoing, translators
from . import aside
from .link_values import NO_TAX
from .resolution import Maps, Target


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
        self._resolved: dict[tuple[str, Ref, str], tuple[Ref | None, list[Finding]]] = {}

    def prepare(self, document: Document) -> tuple[Document, list[Finding]]:
        """The document with Intacct's references, and what stands in its way; it may go if there is nothing."""
        try:
            return self._prepare(document)
        except Exception as error:
            label = f"{document.kind} {document.number or document.ref.id}"
            return document, [aside.finding(error, label, "not acceptable")]

    def _prepare(self, document: Document) -> tuple[Document, list[Finding]]:
        findings: dict[tuple[str, Message], Finding] = {}

        def note(finding: Finding) -> None:
            findings.setdefault((finding.cause, finding.message), finding)

        shape = kinds.shape(document.kind)
        if self.currency and document.currency and document.currency != self.currency:
            note(
                Finding(
                    "foreign currency",
                    Message("send.currency", currency=document.currency, books=self.currency),
                    Message("send.currency.cure"),
                )
            )
        contact = None
        if document.contact is None:
            note(Finding("no contact", Message("send.no_contact"), Message("send.choose")))
        else:
            contact = self._resolve(kinds.CONTACT, document.contact, shape.contact_role, note)
        lines = tuple(self._line(line, shape.tax_role, note) for line in document.lines)
        prepared = replace(document, contact=contact, lines=lines)
        try:
            outgoing.check(prepared)
        except Refused as refusal:
            note(Finding("not acceptable", refusal.said))
        if not findings:
            try:
                self.build(prepared)
            except Refused as refusal:
                note(Finding("not acceptable", refusal.said))
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
            note(Finding("no account", Message("send.no_account"), Message("send.choose")))
        else:
            account = self._resolve(kinds.ACCOUNT, line.account, "", note)
        tax = line.tax_type
        if tax is None and self.connection.facts.get("taxes") and line.tax == ZERO:
            tax = Ref(NO_TAX, NO_TAX)
        if tax is None and line.tax != ZERO:
            note(Finding("tax without type", Message("send.no_tax_type"), Message("send.no_tax_type.cure")))
        resolved_tax = self._resolve(kinds.TAX_TYPE, tax, tax_role, note) if tax and self._taxes else None
        options = [self._resolve(kinds.TRACKING_OPTION, option, "", note) for option in line.options]
        located = self.connection.default_location or any(option and option.source == "LOCATION" for option in options)
        if self.connection.entity and not located:
            note(Finding("no location", Message("send.no_location"), Message("send.no_location.cure")))
        return replace(
            line, account=account, tax_type=resolved_tax, options=tuple(option for option in options if option)
        )

    @property
    def _taxes(self) -> bool:
        return bool(self.connection.facts.get("taxes"))

    def _resolve(self, kind: str, ref: Ref, role: str, note: Any) -> Ref | None:
        """Where a reference leads; what stands in its way is the same for all documents that have it."""
        key, findings = (kind, ref, role), list[Finding]()
        if key not in self._resolved:
            self._resolved[key] = self._looked_up(kind, ref, role, findings.append), findings
        found, findings = self._resolved[key]
        for finding in findings:
            note(finding)
        return found

    def _looked_up(self, kind: str, ref: Ref, role: str, note: Any) -> Ref | None:
        target = self.maps.target(kind, ref, role)
        name = kinds.named(kind).noun
        values = {"noun": noun(name), "label": target.label if target else ref.id}
        wanted = Message("send.one_as", **values, role=noun(role)) if role else Message("send.one", **values)
        if target is None:
            note(Finding(f"{name} unknown", Message("send.unknown", wanted=wanted), Message("send.unknown.cure")))
            return None
        if target.ref is None:
            if self.planned and kind == kinds.CONTACT and target.state == "create":
                return Ref(kinds.kind(kind, role).object, f"new:{target.link_id}")
            self._unresolved(target, wanted, name, note)
            return None
        if not target.active:
            note(Finding(f"{name} inactive", Message("send.inactive", wanted=wanted), Message("send.inactive.cure")))
        if target.excluded:
            note(
                Finding(
                    f"{name} left out",
                    Message("send.excluded", wanted=wanted),
                    Message("send.excluded.cure"),
                )
            )
        if target.control:
            note(
                Finding(
                    "control account",
                    Message("send.control", wanted=wanted),
                    Message("send.control.cure"),
                )
            )
        if target.ref.source == "LOCATION" and self.connection.entity and target.entity != self.connection.entity:
            note(
                Finding(
                    "location outside the entity",
                    Message("send.outside", wanted=wanted, entity=self.connection.entity),
                    Message("send.outside.cure"),
                )
            )
        return target.ref

    def _unresolved(self, target: Target, wanted: Message, name: str, note: Any) -> None:
        if target.state == SUSPENDED:
            note(Finding(f"{name} in doubt", Message("send.in_doubt", wanted=wanted), Message("send.in_doubt.cure")))
        elif target.state == "archived":
            if name == "tracking option":
                return  # an archived option is simply no longer written to lines
            note(Finding(f"{name} archived", Message("send.archived", wanted=wanted), Message("send.archived.cure")))
        elif target.state == "create":
            note(
                Finding(
                    f"{name} not created yet",
                    Message("send.not_created", wanted=wanted),
                    Message("send.not_created.cure"),
                )
            )
        else:
            note(
                Finding(
                    f"{name} not matched", Message("send.not_matched", wanted=wanted), Message("send.not_matched.cure")
                )
            )
