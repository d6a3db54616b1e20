"""Who goes where, who gets what: allocation with a certificate that anyone can recheck."""
