"""The fixtures that hosts get, used as a host uses them."""

from flask_intacct.simulator import Dataset, Simulator

from .client import Caller, select


def test_a_fresh_company_for_each_test(intacct_simulator: Simulator, intacct_company: Dataset) -> None:
    caller = Caller(intacct_simulator.url)
    data = caller.ok(select("VENDOR", "RECORDNO", "<options><showprivate>true</showprivate></options>")).find("data")
    caller.close()
    assert data is not None
    assert int(data.get("totalcount", "")) == len(intacct_company.vendors) == 15
