"""The matching on files, and how good it is on the data set of our own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.matching import main, match
from benchmarks.matching_data import read_set, score
from benchmarks.matching_sample import main as write_sample

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("name", "recall", "bulk"),
    [
        ("contacts", 0.98, 0.95),
        ("accounts", 0.97, 0.9),
        ("tax", 1.0, 0.7),
        ("tax_names", 0.9, 0.5),
        ("tracking", 1, 0.9),
    ],
)
def test_own_data_set_is_matched(name: str, recall: float, bulk: float) -> None:
    data = read_set(DATA / name)
    found = score(data, [row[:4] for row in match(data.kind, data.ours, data.theirs)])
    assert found.doubles == 0
    assert found.recall_at_99 >= recall
    assert (found.bulk_precision, found.bulk_recall >= bulk) == (1.0, True)


def test_command_writes_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    for name in ("local", "remote"):
        head, *rows = (DATA / "accounts" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")
    for folder, out in ((DATA / "accounts", "a.csv"), (tmp_path, "b.csv")):
        arguments = [str(folder / "local.csv"), str(folder / "remote.csv"), "--kind", "accounts"]
        assert main([*arguments, "--out", str(tmp_path / out)]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert list(first) == ["local_id", "remote_id", "confidence", "certain", "reasons"]


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("id,name\n1,Oak\n1,Elm\n", "the id '1' is twice there"),
        ("id,name\n,Oak\n", "the id '' is empty"),
        ("id\n1\n", "there is no column name"),
    ],
)
def test_bad_table_is_refused_with_its_reason(
    table: str, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.csv").write_text(table, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(
            [str(tmp_path / "bad.csv"), str(tmp_path / "bad.csv"), "--kind", "accounts", "--out", str(tmp_path / "out")]
        )
    assert error in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (b"id,name,rate\n1,VAT,nan\n", "'nan' is no rate"),
        (b"id,name,rate\n1,VAT,twenty\n", "'twenty' is no rate"),
        (b"id,name,rate\n1,\xff\xfe,20\n", "not UTF-8"),
        (b"id,name,rate\n1," + b"x" * (1 << 25) + b",20\n", "field larger than field limit"),
    ],
)
def test_bad_field_is_refused_with_its_reason(
    table: bytes, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.csv").write_bytes(table)
    arguments = [str(tmp_path / "bad.csv"), str(tmp_path / "bad.csv"), "--kind", "tax", "--out"]
    with pytest.raises(SystemExit):
        main([*arguments, str(tmp_path / "out")])
    assert error in capsys.readouterr().err


def test_place_that_nothing_can_be_written_to_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = [str(DATA / "tax" / "local.csv"), str(DATA / "tax" / "remote.csv")]
    with pytest.raises(SystemExit):
        main([*tables, "--kind", "tax", "--out", str(tmp_path / "none" / "out.csv")])
    assert "No such file or directory" in capsys.readouterr().err


def test_report_compares_with_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", str(DATA), "--only", "tracking"]) == 0
    said = capsys.readouterr().out
    assert all(f"| {name} |" in said for name in ("this", "RapidFuzz", "TF-IDF"))


def test_sample_is_written_as_it_is_kept(tmp_path: Path) -> None:
    assert write_sample([str(tmp_path)]) == 0
    for kept in DATA.glob("*/*"):
        assert (tmp_path / kept.relative_to(DATA)).read_bytes() == kept.read_bytes(), kept
