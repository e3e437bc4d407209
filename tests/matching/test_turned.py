"""Names that look much alike and mean something else: other figures, the opposite, another place of the tax."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flask_intacct import kinds, matching
from flask_intacct.ledger import Account, Ref, TaxType, TrackingOption, Value
from flask_intacct.matching import Suggestion

CATEGORY, DIMENSION = Ref("category", "1"), Ref("DIMENSION", "LOCATION")
OTHERS = ("Pembroke Works", "Saffron Mill", "Juniper Wharf", "Willow Bank", "Harbour View", "Trinity Hall")


def suggested(kind: str, name: str, other: str, rate: str = "20") -> Suggestion | None:
    """What is said of two records among others that match each other."""

    def record(side: str, at: int, text: str) -> Value:
        ref = Ref(side, str(at))
        if kind == kinds.TAX_TYPE:
            return TaxType(ref=ref, name=text, rate=Decimal(rate if at == 0 else at), roles=frozenset(["purchase"]))
        if kind == kinds.TRACKING_OPTION:
            return TrackingOption(ref=ref, name=text, category=CATEGORY if side == "ours" else DIMENSION)
        return Account(ref=ref, name=text)

    ours = [record("ours", at, text) for at, text in enumerate((name, *OTHERS))]
    theirs = [record("theirs", at, text) for at, text in enumerate((other, *OTHERS))]
    found = matching.suggest(kind, ours, theirs, categories={CATEGORY: DIMENSION})
    return next((one for one in found if one.local.id == one.remote.id == "0"), None)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Riverside Block A", "Riverside Block B"),
        ("Riverside Block D", "Riverside Block E"),
        ("Riverside D", "Riverside E"),
        ("Flat A, Mill House", "Flat D, Mill House"),
        ("A Block, Mill House", "E Block, Mill House"),
        ("Flat 12, 3 High Street", "Flat 3, 12 High Street"),
        ("Plot 3 Phase 2", "Plot 2 Phase 3"),
        ("12 High Street", "12a High Street"),
        ("12 High Street", "Flat 3, 12 High Street"),
        ("Dock View Phase II", "Dock View Phase III"),
    ],
)
def test_other_figures_are_told_and_never_certain(ours: str, theirs: str) -> None:
    for kind in (kinds.TRACKING_OPTION, kinds.ACCOUNT):
        found = suggested(kind, ours, theirs)
        told = found is None or any("figures" in conflict for conflict in map(str, found.conflicts))
        assert told or (kind == kinds.ACCOUNT and found is not None and not found.certain)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("12 Acacia Ave", "Acacia Avenue 12"),
        ("Flat 3, 12 High St", "12 High Street - Flat 3"),
        ("Flat A, 9 Mill Rd", "9 Mill Road - Flat A"),
        ("St. Mary's Court", "Saint Marys Court"),
        ("Phase 2 Dock View", "Dock View Phase II"),
        ("1 Canada Sq", "One Canada Square"),
        ("Unit 1 Trading Estate", "Trading Est. Unit 1"),
        ("Non-residential units", "Non-residential units"),
    ],
)
def test_building_written_otherwise_is_certain(ours: str, theirs: str) -> None:
    found = suggested(kinds.TRACKING_OPTION, ours, theirs)
    assert found is not None
    assert (found.certain, found.conflicts) == (True, ())


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "conflict"),
    [
        (kinds.ACCOUNT, "Employees NI", "Employers NI", "opposites in the names: employees / employers"),
        (kinds.ACCOUNT, "Rent received", "Rent receivable", "opposites in the names: received / receivable"),
        (kinds.ACCOUNT, "Recoverable service charge", "Irrecoverable service charge",
         "opposites in the names: recoverable / irrecoverable"),
        (kinds.ACCOUNT, "Amounts owed by tenants", "Amounts owed to tenants", "opposites in the names: by / to"),
        (kinds.ACCOUNT, "Debtors > 1 year", "Debtors < 1 year", "opposites in the names: > / <"),
        (kinds.ACCOUNT, "Loan repayable within 1 year", "Loan repayable after 1 year",
         "opposites in the names: within / after"),
        (kinds.ACCOUNT, "Taxable rents", "Non-taxable rents", "in one name only: non"),
        (kinds.TRACKING_OPTION, "Furnished flats", "Unfurnished flats",
         "opposites in the names: furnished / unfurnished"),
        (kinds.TRACKING_OPTION, "Marlowe House North", "Marlowe House South", "opposites in the names: north / south"),
        (kinds.TAX_TYPE, "VAT 20% goods", "VAT 20% services", "opposites in the names: goods / services"),
        (kinds.TAX_TYPE, "Vorsteuer 20% §13b", "Vorsteuer 20%", "figures in one name only: 13b"),
        (kinds.TAX_TYPE, "EC acquisitions", "UK purchases", "in one name only: EU"),
        (kinds.TAX_TYPE, "20% VAT on imports", "20% VAT on purchases", "in one name only: import"),
    ],
)  # fmt: skip
def test_opposite_is_told_and_never_certain(kind: str, ours: str, theirs: str, conflict: str) -> None:
    found = suggested(kind, ours, theirs)
    assert found is None or (conflict in map(str, found.conflicts) and not found.certain)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Due to and from landlords", "Due from and to landlords"),
        ("Steuerlich n.abzugsf. Zinsen", "Steuerlich nicht abzugsf. Zinsen"),
        ("Umsatzsteuer n.§13b UStG", "Umsatzsteuer nach § 13b UStG"),
        ("Exempt supplies - nonprofit", "Non-profit exempt supplies"),
        ("Income from deposits", "Income from deposits received"),
    ],
)
def test_what_both_names_say_is_no_opposite(ours: str, theirs: str) -> None:
    found = suggested(kinds.ACCOUNT, ours, theirs)
    assert found is not None
    assert found.conflicts == ()


def test_tax_of_another_town_is_not_certain_by_its_rate_alone() -> None:
    found = suggested(kinds.TAX_TYPE, "Sales tax Dallas", "Sales tax Houston", "11")
    assert found is None or not found.certain
