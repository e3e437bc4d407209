"""A client that others have published, used as it is, as judge of the simulator: `sageintacctsdk`."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from sageintacctsdk import SageIntacctSDK
from sageintacctsdk.apis import api_base
from sageintacctsdk.exceptions import InvalidTokenError, WrongParamsError

from flask_intacct.simulator import Simulator

from .data import VAT, small_company

BOTH = pytest.mark.parametrize("entity", ["", "E1"])


@pytest.fixture
def company() -> Any:
    return small_company(250)


@pytest.fixture
def sim(company: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    with Simulator(company) as simulator:
        # The package keeps the vendor's address in a private attribute of every object that it makes.
        original = api_base.ApiBase.__init__

        def init(self: api_base.ApiBase, *args: object, **given: object) -> None:
            original(self, *args, **given)
            self._ApiBase__api_url = simulator.url

        monkeypatch.setattr(api_base.ApiBase, "__init__", init)
        yield simulator
        assert not simulator.gateway.errors


def connect(**given: str) -> SageIntacctSDK:
    account = {
        "sender_id": "sender",
        "sender_password": "x",
        "user_id": "ws_user",
        "company_id": "demo",
        "user_password": "secret",
    }
    return SageIntacctSDK(**(account | given))


@pytest.mark.parametrize("company", [small_company(4100)])
@pytest.mark.parametrize(("entity", "expected"), [("", 4099), ("E2", 4100)])
def test_it_signs_in_and_pages_through_all_customers(sim: Simulator, entity: str, expected: int) -> None:
    sdk = connect(entity_id=entity)
    names = ["RECORDNO", "CUSTOMERID", "NAME", "DISPLAYCONTACT.EMAIL1"]
    customers = sdk.customers.get_all(fields=names)
    assert len(customers) == expected
    assert len({one["RECORDNO"] for one in customers}) == expected
    assert customers[0]["DISPLAYCONTACT.EMAIL1"] == "t1@example.test"


@BOTH
def test_it_filters(sim: Simulator, entity: str) -> None:
    sdk = connect(entity_id=entity)
    wanted = [("like", "CUSTOMERID", "C00%"), ("lessthan", "RECORDNO", "50")]
    found = sdk.customers.get_by_query(["RECORDNO", "CUSTOMERID"], and_filter=wanted)
    assert [one["CUSTOMERID"] for one in found] == [f"C{n:04d}" for n in range(1, 50)]


@BOTH
def test_it_reads_by_query_and_more(sim: Simulator, entity: str) -> None:
    customers = connect(entity_id=entity).customers
    data = customers.read_by_query(["CUSTOMERID"])["data"]
    found = list(data["customer"])
    while data["@numremaining"] != "0":
        data = customers.format_and_send_request({"readMore": {"resultId": data["@resultId"]}})["data"]
        found += data["customer"]
    assert [one["CUSTOMERID"] for one in found] == [f"C{n:04d}" for n in range(1, 250)]


@BOTH
def test_it_creates_reads_back_and_meets_a_duplicate(sim: Simulator, entity: str) -> None:
    sdk = connect(entity_id=entity)
    new = {"CUSTOMERID": "S1", "NAME": "Sally", "DISPLAYCONTACT": {"PRINTAS": "Sally", "EMAIL1": "s@s.test"}}
    made = sdk.customers.post(new)["data"]["customer"]
    row = sim.rows("CUSTOMER", CUSTOMERID="S1")[0]
    assert (row["RECORDNO"], row.get("MEGAENTITYID", "")) == (int(made["RECORDNO"]), entity)
    found = sdk.customers.get("CUSTOMERID", "S1", fields=["RECORDNO", "NAME"])
    assert found["customer"]["NAME"] == "Sally"
    with pytest.raises(WrongParamsError) as raised:
        sdk.customers.post(new)
    assert raised.value.response["error"][0]["errorno"] == "PL05000104"


@pytest.mark.parametrize(("entity", "locations"), [("", {"E1", "E2", "E1-10", "E2-10"}), ("E1", {"E1", "E1-10"})])
def test_it_lists_locations_entities_and_tax_details(sim: Simulator, entity: str, locations: set[str]) -> None:
    sdk = connect(entity_id=entity)
    assert {one["LOCATIONID"] for one in sdk.locations.get_all()} == locations
    assert {one["LOCATIONID"] for one in sdk.location_entities.get_all()} == locations & {"E1", "E2"}
    assert len(sdk.tax_details.get_all()) == 3
    assert sdk.dimensions.get_all()


@BOTH
def test_it_writes_an_invoice_in_the_order_of_the_schema(sim: Simulator, entity: str) -> None:
    day = {"year": "2026", "month": "03", "day": "01"}
    taxes = {"taxentry": {"detailid": VAT}}
    item = {"glaccountno": "4000", "amount": "10.00", "memo": "Rent", "locationid": "E1-10", "taxentries": taxes}
    new = {"customerid": "C0001", "datecreated": day, "datedue": day, "invoiceitems": {"lineitem": [item]}}
    key = connect(entity_id=entity).ar_invoices.post(new)["key"]
    assert sim.rows("ARINVOICE", RECORDNO=int(key))[0]["MEGAENTITYID" if entity else "STATE"] in ("E1", "Posted")


def test_it_keeps_attachments(sim: Simulator) -> None:
    attachments = connect().attachments
    attachments.create_attachments_folder({"supdocfoldername": "Bills"})
    file = {"attachmentname": "a", "attachmenttype": "pdf", "attachmentdata": base64.b64encode(b"%PDF").decode()}
    new = {"supdocid": "A1", "supdocname": "A", "supdocfoldername": "Bills", "attachments": {"attachment": file}}
    attachments.post(new)
    attachments.update({"supdocid": "A1", "supdocname": "B"})
    found = attachments.get_attachment("supdocid", "A1")["data"]["supdoc"]
    assert (found["supdocname"], found["folder"], found["attachments"]["attachment"]) == ("B", "Bills", file)
    assert attachments.get_folder("name", "none")["data"] is None
    assert attachments.get_all_folders()["name"] == "Bills"
    attachments.delete("A1")
    with pytest.raises(TypeError):  # it can't read an empty list
        attachments.get_all_attachments()


@BOTH
@pytest.mark.parametrize("given", [{"user_password": "no"}, {"user_id": "no"}, {"entity_id": "E9"}])
def test_it_understands_a_bad_sign_in(sim: Simulator, entity: str, given: dict[str, str]) -> None:
    with pytest.raises(InvalidTokenError):
        connect(**({"entity_id": entity} | given))


@BOTH
def test_it_understands_a_bad_sender(sim: Simulator, entity: str) -> None:
    with pytest.raises(WrongParamsError):
        connect(sender_password="no", entity_id=entity)


@BOTH
def test_it_understands_a_session_that_is_gone(sim: Simulator, entity: str) -> None:
    sdk = connect(entity_id=entity)
    sim.expire_sessions()
    with pytest.raises(InvalidTokenError):
        sdk.customers.count()
