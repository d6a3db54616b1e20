"""Forms as XLSForms: Highground's own visit form, and what others wrote."""
