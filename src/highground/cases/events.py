"""What happens to cases that rooms above may want to know of. Sent within the transaction of the step."""

from django.dispatch import Signal

step_taken = Signal()
"""`case`, `step` (the CaseStep), `today`: any step was taken."""

contact_changed = Signal()
"""`changes` (HandOver rows): other people look after households than before."""
