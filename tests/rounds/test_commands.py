"""`highground rounds draw`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from highground.rounds.actions import RoundsError
from highground.rounds.commands import rounds
from highground.rounds.models import AuditVisit
from tests.support.register import BOOK

pytestmark = pytest.mark.django_db


def test_the_command_draws_and_prints_its_strata(settled) -> None:
    words = ["draw", "--area", "CN-9901", "--rulebook", BOOK, "--seed", "11", "--share", "0.1"]
    printed = CliRunner().invoke(rounds, words, catch_exceptions=False).output.splitlines()
    assert printed[0].endswith(": 10 of 62 households of CN-9901 that nothing flags, seed 11")
    assert [row.split() for row in printed[1:]] == [
        ["county", "/", "in", "any", "feed", "households", "drawn", "probability"],
        ["LONGHE", "/", "no", "33", "4", "0.1212"],
        ["LONGHE", "/", "yes", "17", "2", "0.1176"],
        ["PINGNAN", "/", "no", "8", "2", "0.2500"],
        ["PINGNAN", "/", "yes", "4", "2", "0.5000"],
    ]
    assert AuditVisit.objects.everywhere(reason="test").count() == 10


def test_an_area_that_is_not_there_is_said(settled) -> None:
    with pytest.raises(RoundsError, match="no area 'NOWHERE'"):
        CliRunner().invoke(
            rounds,
            ["draw", "--area", "NOWHERE", "--rulebook", BOOK, "--seed", "1"],
            catch_exceptions=False,
        )


def test_the_plan_is_printed_for_people_and_for_programs(settled) -> None:
    def run(*words: str) -> list[str]:
        found = CliRunner().invoke(rounds, ["plan", *words], catch_exceptions=False)
        return found.output.splitlines()

    first, *rows = run("--area", "BAIYUN")
    assert first.startswith("LONGHE, ") and f"{len(rows)} visits" in first
    told = [json.loads(line) for line in run("--area", "BAIYUN", "--json", "--days", "3")]
    assert {row["area"] for row in told} == {"BAIYUN"} and {row["calls"] for row in told} >= {"clue"}
    keys = {one.key for number, one in settled.households.items() if number.startswith("F")}
    assert {row["household"] for row in told if row["calls"] == "clue"} == keys
    assert len([line for line in run("--area", "CN") if " visits, " in line]) == 2
