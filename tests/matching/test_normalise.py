import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_intacct.matching.text import normalise
from flask_intacct.matching.text.opposites import trade
from flask_intacct.messages import named


@pytest.mark.parametrize(
    "name",
    [
        "Smith & Sons Ltd.",
        "SMITH AND SONS LIMITED",
        "smith and  sons, L.T.D.",
        "The Smith and Sons Co. Ltd",
        "Smíth & Sons PLC",
    ],
)
def test_ways_of_writing_a_party_are_one(name: str) -> None:
    assert normalise.party(name) == "smith and sons"


def test_party_that_is_only_a_legal_form_keeps_it() -> None:
    assert normalise.party("Limited") == "limited"


def test_legal_forms_are_told_apart() -> None:
    assert normalise.legal_form("Oak Limited") == normalise.legal_form("Oak L.T.D") == "ltd"
    assert normalise.legal_form("Oak LLP") == "llp"
    assert normalise.legal_form("Ann Oak") == ""


@pytest.mark.parametrize("number", ["GB 123 4567 89", "gb123456789", "VAT no: GB 123-4567-89", "123456789"])
def test_british_vat_numbers_lose_their_prefix(number: str) -> None:
    assert normalise.tax_number(number) == "123456789"


@pytest.mark.parametrize("number", ["", "n/a", "none", "000000000", "TBC", "-", "123"])
def test_placeholder_is_no_vat_number(number: str) -> None:
    assert normalise.tax_number(number) == ""


def test_foreign_vat_number_keeps_its_country() -> None:
    assert normalise.tax_number("DE 123 456 789") == "DE123456789"


@pytest.mark.parametrize(
    ("text", "email"),
    [(" Ann@Oak.CO.uk ", "ann@oak.co.uk"), ("Ann <ann@oak.uk>", "ann@oak.uk"), ("no mail", ""), ("a@b", "")],
)
def test_email_is_found_in_small_letters(text: str, email: str) -> None:
    assert normalise.email(text) == email


@pytest.mark.parametrize(
    ("name", "treatment"),
    [
        ("Zero-rated sales", "zero-rated"),
        ("VAT Exempt", "exempt"),
        ("Outside the scope of VAT", "outside the scope"),
        ("No VAT", "outside the scope"),
        ("Reverse Charge 20%", "reverse charge"),
        ("Standard 20%", ""),
    ],
)
def test_reasons_for_no_tax_are_different_taxes(name: str, treatment: str) -> None:
    assert normalise.treatment(name) == treatment


def test_categories_are_compared_in_the_singular() -> None:
    assert [normalise.category(name) for name in ("Classes", "Properties", "Departments", "Class")] == [
        "class",
        "property",
        "department",
        "class",
    ]


@pytest.mark.parametrize(
    ("text", "unit"), [("Oak (Unit 8)", "8"), ("Flat 2a, High St", "2a"), ("Suite B", "b"), ("Room to let", "")]
)
def test_unit_is_found_in_names_and_addresses(text: str, unit: str) -> None:
    assert normalise.unit(text) == unit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+44 (0)20 7946 0000", "020 7946 0000"),
        ("00353 1 428 9390", "01-428-9390"),
        ("+32 2 123 45 67", "02/123.45.67"),
        ("1-212-555-0134", "(212) 555-0134"),
        ("+39 06 1234 5678", "06 12345678"),
        ("0161 496 0000 ext. 12", "0161 496 0000 / 07700 900000"),
    ],
)
def test_telephone_numbers_agree_with_and_without_country(one: str, other: str) -> None:
    assert normalise.phone(one) == normalise.phone(other) != ""


def test_short_telephone_number_says_nothing() -> None:
    assert normalise.phone("12345") == ""


@given(st.text(max_size=60))
def test_any_text_has_a_normal_form_that_stays(text: str) -> None:
    assert normalise.words(normalise.words(text)) == normalise.words(text)
    for form in (normalise.party, normalise.legal_form, normalise.category, normalise.code, normalise.email,
                 normalise.tax_number, normalise.postcode, normalise.phone, normalise.treatment):  # fmt: skip
        assert isinstance(form(text), str)


@pytest.mark.parametrize("text", ["a" * 10_000, "a@" * 5_000, "l.t.d " * 2_000, "́" * 10_000])
def test_long_texts_end(text: str) -> None:
    assert len(normalise.party(text)) <= len(text)
    normalise.email(text)
    normalise.tax_number(text)


@pytest.mark.parametrize("text", ["UK", "gb", "United Kingdom", "Great Britain", " england "])
def test_ways_of_writing_a_country_are_one(text: str) -> None:
    assert normalise.country(text) == "united kingdom"


def test_code_of_an_unknown_country_says_nothing() -> None:
    assert (normalise.country("PT"), normalise.country("Portugal")) == ("", "portugal")


def test_words_that_reasons_say_of_taxes_and_countries_can_be_translated() -> None:
    countries = {normalise.country(code) for code in ("gb", "ie", "us", "ca", "au", "nz", "za", "fr", "de", "at", "ch")}
    countries |= {normalise.country(code) for code in ("nl", "be", "lu", "es", "it")}
    treatments = {normalise.treatment(name) for name in ("reverse charge", "exempt", "no VAT", "zero")}
    trades = {word for name in ("eu goods", "imports", "exports", "reverse charge") for word in trade(name, "vat")}
    assert trades == {"eu", "import", "export", "reverse"}
    for shelf, words in (("country", countries), ("treatment", treatments), ("trade", trades)):
        assert [word for word in words if named(shelf, word).id == "text"] == []
