"""A dozen disconnects, server stops and duplicate sends: nothing lost, nothing doubled, the order kept.

`./run bench disconnects` does the same two hundred times.
"""

from __future__ import annotations

from tests.support import disconnects


def test_a_phone_whose_network_fails_again_and_again(browser, new_office, tmp_path) -> None:
    office = new_office(migrated=True)
    storm = disconnects.run(office, browser.browser_type, tmp_path / "profile", faults=12, seed=4)
    assert len(storm.saved) >= 11
    assert (storm.lost, storm.doubled, storm.out_of_order) == (0, 0, []), storm
    assert storm.arrived["lacking"] == 0
    assert storm.arrived["problems"] == []
    assert storm.arrived["sound"]
    assert set(storm.struck) >= {"lost_answer", "twice", "server_killed", "browser_killed"}
