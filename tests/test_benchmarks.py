"""The benchmarks of syncs and screens run, and give their figures in the form that later runs are compared in."""

from __future__ import annotations

import json

import pytest
from rq import SimpleWorker

from benchmarks import decisions, screens, sync
from benchmarks.parts import Parts


def work_here(parts: Parts) -> list[object]:
    """Work what is queued off in this process, where nobody measures jobs."""
    with parts.app.app_context():
        queue = parts.app.extensions["rq"].get_queue("intacct")
        SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")
    return []


def test_sync_measures_real_workers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "LATENCY", 0.0)
    sync.main(["--json", "--database", "sqlite", "--contacts", "4", "--documents", "6"])
    (found,) = json.loads(capsys.readouterr().out)
    assert found["database"] == "sqlite"
    assert found["plan"].keys() == {"documents", "sql", "cpu_s", "peak_mb"}
    assert found["reading"].keys() == {"contacts", "sql", "cpu_s", "peak_mb"}
    for night in ("nightly", "nightly_50_changed"):
        assert found[night].keys() == {"documents", "sql", "cpu_s", "peak_mb", "requests"}
        assert all(number > 0 for number in found[night].values())
    wanted = {"documents", "wall_over_gateway", "requests_over_least", "sql_per_document", "peak_mb"}
    assert wanted <= found["initial"].keys()
    assert found["initial"]["documents"] == 6
    assert all(number > 0 for name, number in found["initial"].items() if name != "latency_s")
    assert found["confirm_ms"] > 0


def test_screens_are_measured_on_large_and_small_books(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Parts, "work", work_here)
    monkeypatch.setattr(screens, "SMALL", 2)
    monkeypatch.setattr(screens, "TIMES", 1)
    screens.main(["--json", "--database", "sqlite", "--contacts", "4", "--results", "4", "--companies", "4"])
    found = json.loads(capsys.readouterr().out)["screens"]
    names = [screen["name"] for screen in found]
    assert names == [*screens.MATCHING, *screens.RESULTS, screens.FLAG]
    for screen in found:
        assert screen["database"] == "sqlite"
        assert screen["records"] == 4
        assert screen["queries"] > 0
        assert screen["median_ms"] > 0
        assert screen.keys() >= {"median_ms_at_100", "queries_at_100"}


def test_decisions_are_measured_with_what_workers_do_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    decisions.main(["--json", "--database", "sqlite", "--contacts", "60"])
    (found,) = json.loads(capsys.readouterr().out)
    assert found["contacts"] == 60
    for name in ("accept", "undo"):
        assert found[name]["presses"] == found[name]["jobs"] == 1
        assert found[name]["run_sql"] > 0
        assert found[name]["cpu_s"] > 0
