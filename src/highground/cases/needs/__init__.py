"""What families ask for: the open needs of an area, the needs of a household, and what the family says of them."""
