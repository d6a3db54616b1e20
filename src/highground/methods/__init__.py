"""The methods wing: tables in, tables out. It knows no server, no request, no user."""
