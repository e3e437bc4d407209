"""A published client, used as it is, as judge of the simulator."""

from collections.abc import Iterator

import pytest
from sageintacctsdk import SageIntacctSDK
from sageintacctsdk.apis import api_base
from sageintacctsdk.exceptions import InvalidTokenError, WrongParamsError

from flask_intacct.simulator import Simulator

from .data import small_company


@pytest.fixture
def big(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    with Simulator(small_company(4100)) as simulator:
        # The package keeps the vendor's address in a private attribute of every object that it makes.
        original = api_base.ApiBase.__init__

        def init(self: api_base.ApiBase, *args: object, **given: object) -> None:
            original(self, *args, **given)
            self._ApiBase__api_url = simulator.url

        monkeypatch.setattr(api_base.ApiBase, "__init__", init)
        yield simulator


def connect(**given: str) -> SageIntacctSDK:
    account = {
        "sender_id": "sender",
        "sender_password": "x",
        "user_id": "ws_user",
        "company_id": "demo",
        "user_password": "secret",
    }
    return SageIntacctSDK(**(account | given))


@pytest.mark.parametrize(("entity", "expected"), [("", 4099), ("E2", 4100)])
def test_it_signs_in_and_pages_through_all_customers(big: Simulator, entity: str, expected: int) -> None:
    sdk = connect(entity_id=entity)
    names = ["RECORDNO", "CUSTOMERID", "NAME", "DISPLAYCONTACT.EMAIL1"]
    customers = sdk.customers.get_all(fields=names)
    assert len(customers) == expected
    assert len({one["RECORDNO"] for one in customers}) == expected
    assert customers[0]["DISPLAYCONTACT.EMAIL1"] == "t1@example.test"


def test_it_creates_reads_back_and_meets_a_duplicate(big: Simulator) -> None:
    sdk = connect()
    new = {"CUSTOMERID": "S1", "NAME": "Sally", "DISPLAYCONTACT": {"PRINTAS": "Sally", "EMAIL1": "s@s.test"}}
    made = sdk.customers.post(new)["data"]["customer"]
    assert big.rows("CUSTOMER", CUSTOMERID="S1")[0]["RECORDNO"] == int(made["RECORDNO"])
    found = sdk.customers.get("CUSTOMERID", "S1", fields=["RECORDNO", "NAME"])
    assert found["customer"]["NAME"] == "Sally"
    with pytest.raises(WrongParamsError):
        sdk.customers.post(new)


def test_it_lists_locations_entities_and_tax_details(big: Simulator) -> None:
    sdk = connect()
    assert {one["LOCATIONID"] for one in sdk.locations.get_all()} == {"E1", "E2", "E1-10", "E2-10"}
    assert len(sdk.location_entities.get_all()) == 2
    assert len(sdk.tax_details.get_all()) == 3
    assert sdk.dimensions.get_all()


@pytest.mark.parametrize("given", [{"user_password": "no"}, {"user_id": "no"}])
def test_it_understands_a_bad_sign_in(big: Simulator, given: dict[str, str]) -> None:
    with pytest.raises(InvalidTokenError):
        connect(**given)


def test_it_understands_a_bad_sender(big: Simulator) -> None:
    with pytest.raises(WrongParamsError):
        connect(sender_password="no")
