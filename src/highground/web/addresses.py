"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The address that the request comes from: the last hop that our own proxy saw, if there is one.

    Of an IPv6 address its network of 64 bits: a single house has so many addresses in it that counting each
    one would brake nobody.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Forwarded-For")):
        address = forwarded.rsplit(",", 1)[-1].strip()
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
