"""The first page of each role, and the page of every area: what joins the rooms below."""
