"""What happens to signals that rooms above may want to know of. Sent within the transaction of the run."""

from django.dispatch import Signal

register_screened = Signal()
"""`run` (the Run), `by`, `today`: a screening has stored its clues."""
