"""Every user has dates and times in a form of his own: in what he reads, in filters, in what he writes."""

from datetime import UTC, datetime

import pytest

from flask_intacct.simulator import Simulator

from .client import Caller, select, where
from .test_documents import bill

MOMENT = datetime(2026, 3, 1, 15, 4, 5, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("order", "offset", "clock", "day", "moment"),
    [
        ("/mdY", "+0000", "24", "01/05/2026", "03/01/2026 15:04:05"),
        (".ymd", "+09:30", "12", "26.01.05", "26.03.02 12:34:05 AM"),
        ("-dmY", "-0800", "12", "05-01-2026", "01-03-2026 07:04:05 AM"),
        (" Ymd", "+0100", "24", "2026 01 05", "2026 03 01 16:04:05"),
    ],
)
def test_dates_are_read_in_the_form_of_the_user(
    sim: Simulator, caller: Caller, order: str, offset: str, clock: str, day: str, moment: str
) -> None:
    sim.show_dates(order, offset, clock)
    sim.plant("ARINVOICE", 1, WHENMODIFIED=MOMENT)
    fields = "WHENCREATED WHENMODIFIED"
    old = f"<readByQuery><object>ARINVOICE</object><fields>{fields.replace(' ', ',')}</fields></readByQuery>"
    read = f"<read><object>ARINVOICE</object><keys>1</keys><fields>{fields.replace(' ', ',')}</fields></read>"
    for function in (select("ARINVOICE", fields), old, read):
        row = caller.ok(function).find("data")[0]  # type: ignore[index]
        assert [one.text for one in row] == [day, moment]
    rest = f"<filter>{where('equalto', 'WHENMODIFIED', moment)}</filter>"
    assert caller.ok(select("ARINVOICE", "RECORDNO", rest)).findtext("data/ARINVOICE/RECORDNO") == "1"


def test_the_form_is_told(sim: Simulator, caller: Caller) -> None:
    sim.show_dates(".ymd", "+09:30", "12")
    told = caller.ok("<readUserFormatting><userId>ws_user</userId></readUserFormatting>").find("data/userformatting")
    assert told is not None
    assert [one.text for one in told] == ["1", "en_US", ".ymd", "+09:30", "12"]


def test_what_is_sent_has_the_form_of_the_user(sim: Simulator, caller: Caller) -> None:
    sim.show_dates("/dmY")
    caller.ok(bill(WHENCREATED="02/03/2026", WHENDUE="31/03/2026"))
    assert sim.rows("APBILL")[-1]["WHENCREATED"].isoformat() == "2026-03-02"
    assert caller.refused(bill(RECORDID="B78", WHENDUE="03/31/2026")).findtext("errorno") == "BL03000018"


def test_what_is_sent_may_be_taken_in_the_documented_form_alone(sim: Simulator, caller: Caller) -> None:
    sim.show_dates(".ymd")
    sim.switches.dates_sent_documented = True
    caller.ok(bill(WHENCREATED="03/02/2026", WHENDUE="03/31/2026"))
    assert sim.rows("APBILL")[-1]["WHENCREATED"].isoformat() == "2026-03-02"


def test_stamps_may_be_told_in_greenwich_time_whatever_the_zone(sim: Simulator, caller: Caller) -> None:
    sim.show_dates(offset="-0800")
    sim.switches.stamps_local = False
    sim.plant("ARINVOICE", 1, WHENMODIFIED=MOMENT)
    assert (
        caller.ok(select("ARINVOICE", "WHENMODIFIED")).findtext("data/ARINVOICE/WHENMODIFIED") == "03/01/2026 15:04:05"
    )


def test_users_differ(sim: Simulator, caller: Caller) -> None:
    sim.add_user("other", "secret")
    sim.show_dates("-Ymd", user="other")
    query = select("ARINVOICE", "WHENCREATED")
    assert caller.ok(query).findtext("data/ARINVOICE/WHENCREATED") == "01/05/2026"
    assert caller.ok(query, user="other").findtext("data/ARINVOICE/WHENCREATED") == "2026-01-05"


def test_a_closed_period_is_closed_whatever_the_form(sim: Simulator, caller: Caller) -> None:
    sim.show_dates("-Ymd")
    sim.switches.closed_until = "03/31/2026"
    error = caller.refused(bill(WHENCREATED="2026-03-02", WHENDUE="2026-03-31"))
    assert "2026-03-02 is within a period" in error.findtext("description2", "")


@pytest.mark.parametrize("order", ["mdY", "/mmY", "/md", "/mdYy", ""])
def test_there_are_orders_in_which_no_date_can_be_written(sim: Simulator, order: str) -> None:
    with pytest.raises(ValueError, match="no form of dates"):
        sim.show_dates(order)


@pytest.mark.parametrize(("offset", "clock"), [("London", "24"), ("+0000", "36")])
def test_a_form_that_nobody_knows_is_told_and_counts_for_nothing(
    sim: Simulator, caller: Caller, offset: str, clock: str
) -> None:
    sim.show_dates(offset=offset, clock=clock)
    sim.plant("ARINVOICE", 1, WHENMODIFIED=MOMENT)
    told = caller.ok("<readUserFormatting/>").find("data/userformatting")
    assert told is not None
    assert (told.findtext("gmtoffset"), told.findtext("clock")) == (offset, clock)
    stamp = caller.ok(select("ARINVOICE", "WHENMODIFIED")).findtext("data/ARINVOICE/WHENMODIFIED")
    assert stamp == "03/01/2026 15:04:05"


def test_the_company_may_give_all_its_users_one_form(sim: Simulator, caller: Caller) -> None:
    sim.switches.date_format, sim.switches.locale = "-Ymd", "en_GB"
    told = caller.ok("<readUserFormatting/>").find("data/userformatting")
    assert told is not None
    assert (told.findtext("dateformat"), told.findtext("locale")) == ("-Ymd", "en_GB")
    assert caller.ok(select("ARINVOICE", "WHENCREATED")).findtext("data/ARINVOICE/WHENCREATED") == "2026-01-05"
