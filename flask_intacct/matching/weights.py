"""All the numbers the matching decides by.

The log-odds of a pair are the bias and the sum of weight times evidence. Evidence is 0 where a fact is missing on
either side, and at most 1. The weights are fitted by ``python -m benchmarks.matching_fit FOLDER --write`` on pairs that
are known to be true; agreement never lowers and conflict never raises a score.
"""

from __future__ import annotations

from .. import kinds

MEANING = {
    "bias": "two records that have nothing in common to speak of",
    "name_alike": "part of the words in common, by what they tell: from four tenths (titles: three) up",
    "name_close": "the same from seven tenths up",
    "name_equal": "all words equal, in any order",
    "main_equal": "all words outside brackets equal",
    "written_equal": "words, their order and figures equal",
    "spelling": "letters in common when written without blanks",
    "letters": "runs of three letters in common, rare ones telling more",
    "letters_close": "the same from six tenths up",
    "rare": "the words in common are rarer than needed to find one record among all",
    "common": "they are not rare enough for that",
    "other_words": "both names have words of their own",
    "more_words": "one name has more words",
    "legal_same": "legal form equal",
    "legal_differs": "another legal form",
    "email_same": "e-mail equal, and nobody else's",
    "email_shared": "e-mail equal, and shared by up to four",
    "email_differs": "another e-mail, at another domain",
    "domain_same": "another e-mail at the same rare domain",
    "phone_same": "phone number equal, and nobody else's",
    "phone_shared": "phone number equal, and shared by up to four",
    "phone_differs": "another phone number",
    "tax_same": "VAT number equal, and nobody else's",
    "tax_shared": "VAT number equal, and shared by up to four",
    "tax_differs": "another VAT number, by more than a slip of the pen",
    "street": "words of the address in common",
    "street_house": "house number equal in a like street",
    "street_differs": "hardly a word of the address in common",
    "house_differs": "another house number",
    "unit_same": "unit equal at the same address",
    "unit_differs": "another unit",
    "postcode_same": "postcode equal",
    "postcode_near": "postcode equal but for a slip of the pen",
    "postcode_differs": "another postcode",
    "city_same": "city equal but for a slip of the pen",
    "city_differs": "another city",
    "country_differs": "another country",
    "second_role": "may be either, and is a customer in Intacct",
    "figures_same": "figures in the name equal",
    "figures_differ": "other figures",
    "figures_missing": "figures in one name only",
    "code_fits": "as far as the numbers agree, they do so more often in true pairs than by chance (8 nats are 1)",
    "code_conflicts": "they do so less often (4 nats are 1)",
    "code_equal": "number equal",
    "code_and_name": "number equal, and much of the name; less where numbers are seldom right",
    "code_not_name": "number equal, but hardly a word of the name",
    "type_fits": "the types of account go together in true pairs more often than by chance (3 nats are 1)",
    "type_conflicts": "they do so less often (3 nats are 1)",
    "direction_same": "both for sales, or both for purchases",
    "rate_alone": "the only one of this rate and direction on both sides",
    "rate_rare": "one over the number of taxes of this rate and direction",
    "treatment_same": "exempt, zero-rated, outside the scope or reverse charge, on both sides",
}

LEAST = 0.3
"""Pairs less likely than this are not suggested."""

CERTAIN = {
    kinds.CONTACT: 0.8,
    kinds.ACCOUNT: 0.8,
    kinds.TAX_TYPE: 0.8,
    kinds.TRACKING_CATEGORY: 0.8,
    kinds.TRACKING_OPTION: 0.8,
}
"""From this chance on, before calibration, a pair may be taken without looking; see also `MARGIN`."""

MARGIN = 1.0
"""A certain pair is ahead of every other candidate of its two records by at least so many nats."""

_RAISED = ([0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0], [0.0, 0.45, 0.75, 0.93, 0.97, 0.985, 0.992, 1.0])
CALIBRATION: dict[str, tuple[list[float], list[float]]] = dict.fromkeys(kinds.MATCHED, _RAISED)
"""Chance as computed, and the part of such pairs that was right on sets which the weights had not seen."""

WEIGHTS: dict[str, dict[str, float]] = {
    "account": {
        "bias": -2.21,
        "code_and_name": 5.13,
        "code_conflicts": -1.75,
        "code_equal": 3.21,
        "code_fits": 3.17,
        "code_not_name": -0.99,
        "common": -3.23,
        "figures_differ": -2.1,
        "figures_missing": -0.48,
        "letters": 1.01,
        "main_equal": 0.83,
        "name_alike": 0.28,
        "name_close": 1.04,
        "other_words": -1.9,
        "rare": 2.13,
        "type_conflicts": -2.87,
        "type_fits": 1.17,
        "written_equal": 1.22,
    },
    "contact": {
        "bias": 2.85,
        "city_differs": -1.34,
        "common": -3.9,
        "country_differs": -2.86,
        "email_differs": -4.22,
        "email_same": 1.04,
        "house_differs": -1.93,
        "legal_differs": -2.92,
        "more_words": -1.74,
        "name_close": 0.31,
        "name_equal": 0.33,
        "other_words": -3.97,
        "phone_differs": -3.29,
        "phone_same": 3.25,
        "postcode_differs": -0.01,
        "postcode_near": 2.9,
        "postcode_same": 1.95,
        "rare": 1.82,
        "second_role": -3.75,
        "spelling": 0.83,
        "street": 1.73,
        "street_differs": -3.23,
        "tax_differs": -1.5,
        "tax_same": 1.03,
        "unit_differs": -8.69,
        "unit_same": 0.03,
    },
    "tax_type": {
        "bias": -8.88,
        "direction_same": 8.2,
        "figures_differ": -10.15,
        "more_words": -0.94,
        "name_alike": 0.79,
        "name_equal": 3.83,
        "other_words": -15.57,
        "rate_rare": 6.18,
        "spelling": 0.38,
        "written_equal": 3.28,
    },
    "tracking_category": {
        "bias": -3.36,
        "common": -2.52,
        "more_words": -0.91,
        "name_close": 0.25,
        "name_equal": 2.07,
        "rare": 0.85,
        "spelling": 4.57,
        "written_equal": 2.07,
    },
    "tracking_option": {
        "bias": -3.36,
        "common": -2.52,
        "more_words": -0.91,
        "name_close": 0.25,
        "name_equal": 2.07,
        "rare": 0.85,
        "spelling": 4.57,
        "written_equal": 2.07,
    },
}
