"""Tenants, suppliers, properties and tenancies of a branch; Intacct knows most of them, few quite alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from flask_intacct.simulator.seed import names
from flask_intacct.simulator.seed.dataset import Dataset, Party

from ..models import Company, Property, Supplier, Tenancy, Tenant
from .books import Books
from .doubts import DOUBTS, NAMESAKES
from .spelling import firm_variant, misspelt, spaced_vat, surname_first
from .truth import Truth

# How a record of the host resembles its record in Intacct; the first four leave no doubt. See also DOUBTS.
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
        ours, beyond_doubt = _as_known_here(rng, party, f"T{company.co_id}{index + 1:04d}", index)
        tenant = Tenant(
            ten_ref=ours.id,
            ten_nm=ours.name,
            ten_email=ours.email,
            ten_tel=ours.phone,
            ten_vat=ours.tax_id,
            bill_addr1=ours.address1,
            bill_town=ours.city,
            bill_pcode=ours.postcode,
            bill_country="United Kingdom",
            company=company,
        )
        people.tenants.append(tenant)
        truth.tenants[tenant] = party.id
        if beyond_doubt:
            people.known_tenants[party.id] = tenant
    for index in range(sizes["new_tenants"]):
        ref = f"N{company.co_id}{index + 1:04d}"
        first = names.FIRST_NAMES[int(rng.random() * len(names.FIRST_NAMES))]
        last = f"{names.LAST_NAMES[int(rng.random() * len(names.LAST_NAMES))]}-{names.LAST_NAMES[index]}"
        email, phone = f"{first}.{last}@mail.example".lower(), f"07700 900{int(rng.random() * 1000):03d}"
        namesake = NAMESAKES.get(ref, "")
        people.tenants.append(
            Tenant(
                ten_ref=ref,
                ten_nm=namesake or f"{first} {last}",
                ten_email="" if namesake else email,
                ten_tel="" if namesake else phone,
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
        ours, beyond_doubt = _as_known_here(rng, party, f"S{company.co_id}{index + 1:03d}", index)
        supplier = _supplier(company, ours)
        people.suppliers.append(supplier)
        truth.suppliers[supplier] = party.id
        if beyond_doubt:
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
    landlord = _supplier(company, replace(vendor, id=f"L{company.co_id}{len(people.landlords) + 1:02d}"))
    landlord.is_landlord = "Y"
    people.landlords.append(landlord)
    truth.landlords[landlord] = customer.id
    truth.suppliers[landlord] = vendor.id


def _supplier(company: Company, ours: Party) -> Supplier:
    return Supplier(
        supp_code=ours.id,
        supp_name=ours.name,
        email=ours.email,
        phone=ours.phone,
        vat_no=ours.tax_id,
        addr1=ours.address1,
        town=ours.city,
        post_code=ours.postcode,
        country="United Kingdom",
        company=company,
    )


def _as_known_here(rng: Random, party: Party, ref: str, index: int) -> tuple[Party, bool]:
    """The party as this office keeps it, under its own reference, and whether it is in Intacct beyond doubt."""
    if party.id in DOUBTS:
        return replace(party, id=ref, **DOUBTS[party.id]), False
    how = LIKENESSES[index % len(LIKENESSES)]
    if how == "vat" and not party.tax_id:
        how = "same"
    return _alike(rng, replace(party, id=ref), party, how), how in CERTAIN


def _alike(rng: Random, ours: Party, party: Party, how: str) -> Party:
    if how == "same":
        return ours
    if how == "code":
        return replace(ours, id=party.id, email="", phone="")
    ours = replace(ours, tax_id="")
    if how == "email":
        return replace(ours, name=misspelt(rng, party.name), email=party.email.upper(), phone="")
    if how == "vat":
        return replace(ours, name=firm_variant(party.name), email="", tax_id=spaced_vat(party.tax_id))
    if how == "order":
        name = firm_variant(party.name) if party.tax_id else surname_first(party.name)
        return replace(ours, name=name, email="")
    if how == "typo":
        return replace(ours, name=misspelt(rng, party.name), email="", phone=party.phone.replace(" ", ""))
    return replace(ours, name=party.name.upper(), email="", phone="")


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
