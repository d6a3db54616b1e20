"""Groups of roles that act together, wherever it matters who is near to a family and who is not."""

from highground.accounts.enums import Role

VILLAGE = (Role.VILLAGE_WORKER, Role.FIRST_SECRETARY, Role.CONTACT_OFFICER)
COUNTY = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
OFFICE = (*VILLAGE, Role.TOWNSHIP_OFFICER, *COUNTY)
"""Everybody who sees the households of their area."""
