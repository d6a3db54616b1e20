"""A phone of the village worker, on a screened register with cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.homes import own_home

__all__ = ["own_home"]


@dataclass
class Phone:
    """What a phone does, without a browser."""

    client: Any
    token: str
    user: Any
    device: Any

    def get(self, address: str):
        return self.client.get(address, headers={"Authorization": f"Bearer {self.token}"})

    def send(self, xml: str, **files: Any):
        from django.core.files.uploadedfile import SimpleUploadedFile

        sent = {"xml_submission_file": SimpleUploadedFile("form.xml", xml.encode(), "text/xml")}
        sent |= {name: SimpleUploadedFile(name, content) for name, content in files.items()}
        return self.client.post("/field/submission", sent, headers={"Authorization": f"Bearer {self.token}"})

    def card(self, household) -> dict[str, Any]:
        found = self.get(f"/field/cards?keys={household.key}").json()["cards"]
        return found[0] if found else {}


@dataclass
class Village:
    """A screened register and the people who work there."""

    register: Any
    staff: dict[str, Any]

    @property
    def households(self):
        return self.register.households


@pytest.fixture
def village(db, monkeypatch) -> Village:
    from django.utils import timezone

    from highground.signals.actions import screen_register
    from tests.support.casework import add_staff
    from tests.support.register import BOOK, TODAY, add_register

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return Village(register, add_staff(register, sign_in=["huangmei"]))


@pytest.fixture
def phone_of(village, client):
    from highground.accounts.devices import issue_device
    from tests.support.register import TODAY

    def make(name: str = "huangmei") -> Phone:
        user = village.staff[name]
        issued = issue_device(user, name="phone", by=str(user.pk), today=TODAY)
        return Phone(client, issued.token, user, issued.device)

    return make


@pytest.fixture
def collect_of(phone_of):
    """ODK Collect on a phone of somebody."""
    from tests.support.collect import Collect

    def make(name: str = "huangmei") -> Collect:
        phone = phone_of(name)
        return Collect(phone.client, f"http://testserver/field/d/{phone.token}")

    return make
