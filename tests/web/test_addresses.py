"""Where a request comes from."""

import pytest
from django.test import RequestFactory

from highground.web.addresses import address_of


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_address_and_the_network_of_a_house(given: str, found: str) -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=given)) == found


@pytest.mark.parametrize(("behind", "found"), [(True, "10.0.0.9"), (False, "10.0.0.1")])
def test_only_our_own_proxy_is_believed(settings, behind: bool, found: str) -> None:
    settings.BEHIND_PROXY = behind
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 10.0.0.9")
    assert address_of(request) == found
