"""Tenants, suppliers, properties and tenancies of a branch; Intacct knows most of them, few quite alike."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from flask_intacct.simulator import names
from flask_intacct.simulator.dataset import Dataset, Party

from ..models import Company, Property, Supplier, Tenancy, Tenant
from .books import Books
from .spelling import firm_variant, misspelt, spaced_vat, surname_first
from .truth import Truth

# How a record of the host resembles its record in Intacct; the first four leave no doubt.
CERTAIN = ("same", "code", "email", "vat")
LIKENESSES = ("same", "same", "same", "code", "email", "email", "vat", "order", "typo", "plain")


class People:
    """Everybody a branch deals with. `known` holds those whose record in Intacct is beyond doubt."""

    def __init__(self) -> None:
        self.tenants: list[Tenant] = []
        self.suppliers: list[Supplier] = []
        self.landlords: list[Supplier] = []
        self.properties: list[Property] = []
        self.tenancies: list[Tenancy] = []
        self.known_tenants: dict[str, Tenant] = {}
        self.known_suppliers: dict[str, Supplier] = {}


def make_people(
    rng: Random, company: Company, dataset: Dataset, entity: str, books: Books, truth: Truth, sizes: dict[str, int]
) -> People:
    """The people of a branch, as many as `sizes` says."""
    people = People()
    both = {vendor.tax_id: vendor for vendor in dataset.vendors if vendor.tax_id}
    owners = [party for party in dataset.customers if party.tax_id in both and party.entity in ("", entity)]
    active = {document.party for document in (*dataset.invoices, *dataset.bills) if document.entity == entity}
    _tenants(rng, company, people, truth, sizes, [
        party for party in dataset.customers if party.id in active and party.active and party not in owners
    ])  # fmt: skip
    _suppliers(rng, company, people, truth, sizes, [
        party for party in dataset.vendors
        if party.id in active and party.active and party.tax_id not in {owner.tax_id for owner in owners}
    ])  # fmt: skip
    if "landlords" in sizes:
        for owner in owners:
            _landlord(company, people, truth, owner, both[owner.tax_id])
    _properties(rng, company, people, books, sizes["properties"])
    return people


def _tenants(
    rng: Random, company: Company, people: People, truth: Truth, sizes: dict[str, int], parties: list[Party]
) -> None:
    for index, party in enumerate(parties[: sizes["tenants"]]):
        ref, name, email, phone, vat, how = _as_known_here(rng, party, f"T{company.co_id}{index + 1:04d}", index)
        tenant = Tenant(
            ten_ref=ref,
            ten_nm=name,
            ten_email=email,
            ten_tel=phone,
            ten_vat=vat,
            bill_addr1=party.address1,
            bill_town=party.city,
            bill_pcode=party.postcode,
            bill_country="United Kingdom",
            company=company,
        )
        people.tenants.append(tenant)
        truth.tenants[tenant] = party.id
        if how in CERTAIN:
            people.known_tenants[party.id] = tenant
    for index in range(sizes["new_tenants"]):
        first = names.FIRST_NAMES[int(rng.random() * len(names.FIRST_NAMES))]
        last = f"{names.LAST_NAMES[int(rng.random() * len(names.LAST_NAMES))]}-{names.LAST_NAMES[index]}"
        people.tenants.append(
            Tenant(
                ten_ref=f"N{company.co_id}{index + 1:04d}",
                ten_nm=f"{first} {last}",
                ten_email=f"{first}.{last}@mail.example".lower(),
                ten_tel=f"07700 900{int(rng.random() * 1000):03d}",
                bill_addr1=f"{index + 2} {names.STREETS[index % len(names.STREETS)]} Mews",
                bill_town=company.co_town,
                bill_pcode=f"SE1 {index % 10}ZX",
                bill_country="United Kingdom",
                company=company,
            )
        )


def _suppliers(
    rng: Random, company: Company, people: People, truth: Truth, sizes: dict[str, int], parties: list[Party]
) -> None:
    for index, party in enumerate(parties[: sizes["suppliers"]]):
        ref, name, email, phone, vat, how = _as_known_here(rng, party, f"S{company.co_id}{index + 1:03d}", index)
        supplier = _supplier(company, party, ref, name)
        supplier.email, supplier.phone, supplier.vat_no = email, phone, vat
        people.suppliers.append(supplier)
        truth.suppliers[supplier] = party.id
        if how in CERTAIN:
            people.known_suppliers[party.id] = supplier
    for index in range(sizes["new_suppliers"]):
        word, (trade, _) = names.FIRM_WORDS[-1 - index], names.VENDOR_TRADES[index % len(names.VENDOR_TRADES)]
        people.suppliers.append(
            Supplier(
                supp_code=f"NS{company.co_id}{index + 1:03d}",
                supp_name=f"{word} & Daughters {trade}",
                email=f"office@{word.lower()}-daughters.example",
                phone=f"020 7946 0{int(rng.random() * 1000):03d}",
                addr1=f"Unit {index + 1}, {names.STREETS[index]} Trading Estate",
                town=company.co_town,
                post_code=f"SE16 {index % 10}YZ",
                country="United Kingdom",
                company=company,
            )
        )


def _landlord(company: Company, people: People, truth: Truth, customer: Party, vendor: Party) -> None:
    landlord = _supplier(company, vendor, f"L{company.co_id}{len(people.landlords) + 1:02d}", vendor.name)
    landlord.is_landlord = "Y"
    landlord.email, landlord.phone, landlord.vat_no = vendor.email, vendor.phone, vendor.tax_id
    people.landlords.append(landlord)
    truth.landlords[landlord] = customer.id
    truth.suppliers[landlord] = vendor.id


def _supplier(company: Company, party: Party, code: str, name: str) -> Supplier:
    return Supplier(
        supp_code=code,
        supp_name=name,
        addr1=party.address1,
        town=party.city,
        post_code=party.postcode,
        country="United Kingdom",
        company=company,
    )


def _as_known_here(rng: Random, party: Party, ref: str, index: int) -> tuple[str, str, str, str, str, str]:
    """Reference, name, e-mail, phone, VAT number as this office keeps them, and how they resemble Intacct's."""
    how = LIKENESSES[index % len(LIKENESSES)]
    firm = bool(party.tax_id)
    if how == "vat" and not firm:
        how = "same"
    vat = party.tax_id if how in ("same", "code") else ""
    if how == "same":
        return ref, party.name, party.email, party.phone, vat, how
    if how == "code":
        return party.id, party.name, "", "", vat, how
    if how == "email":
        return ref, misspelt(rng, party.name), party.email.upper(), "", vat, how
    if how == "vat":
        return ref, firm_variant(party.name), "", party.phone, spaced_vat(party.tax_id), how
    if how == "order":
        name = firm_variant(party.name) if firm else surname_first(party.name)
        return ref, name, "", party.phone, "", how
    if how == "typo":
        return ref, misspelt(rng, party.name), "", party.phone.replace(" ", ""), "", how
    return ref, party.name.upper(), "", "", "", how


def _properties(rng: Random, company: Company, people: People, books: Books, count: int) -> None:
    tags = [tag for found in books.buildings.values() for tag in found]
    for index in range(count):
        tag = tags[index % len(tags)]
        building = tag.tag_nm.removesuffix(" (shops)")
        shop = building != tag.tag_nm or index % 4 == 0
        street = names.STREETS[(index * 7) % len(names.STREETS)]
        people.properties.append(
            Property(
                prop_ref=f"{company.co_town or ''}"[:3].upper() + f"-{index + 1:03d}",
                addr_1=f"{'Unit' if shop else 'Flat'} {1 + index // len(tags)}, {building}",
                addr_2=f"{10 + index} {street} Street",
                town=company.co_town,
                pcode=f"SE1 {index % 10}AB",
                prop_kind="COM" if shop else "RES",
                tag=tag,
                landlord=people.landlords[index % len(people.landlords)] if people.landlords else None,
                company=company,
            )
        )


def make_tenancies(rng: Random, people: People, count: int, today: date) -> None:
    """Everybody rents something; whoever comes twice had an earlier tenancy that ended."""
    for index in range(count):
        tenant = people.tenants[index % len(people.tenants)]
        again = index >= len(people.tenants)
        prop = people.properties[(index * 5) % len(people.properties)]
        start = today - timedelta(days=30 + int(rng.random() * 600) + (700 if again else 0))
        people.tenancies.append(
            Tenancy(
                tenant=tenant,
                prop=prop,
                start_dt=start,
                end_dt=start + timedelta(days=365) if again else None,
                rent_pcm=Decimal(650 + 25 * int(rng.random() * 60)),
                tcy_stat="END" if again else "CUR",
            )
        )
