"""What candidates learned elsewhere, and use: the next plan counts it as a skill of theirs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from highground.audit.actions import record
from highground.teams.models import Candidate

NAMED = "somebody outside the pool names a candidate by the code that the pool gave; nothing of the candidate is handed back"


@transaction.atomic
def note_learned(code: str, skills: Sequence[str], *, source: str, by: str) -> bool:
    """The candidate with this code has these skills now (`source`: where they come from); whether there is such a candidate.

    One event, for skills that are new.
    """
    found = Candidate.objects.everywhere(reason=NAMED).select_for_update().filter(code=code).first()
    if found is None:
        return False
    known = set(found.abilities)
    if fresh := [one for one in dict.fromkeys(skills) if one not in known]:
        found.trained = [*found.trained, *fresh]
        found.save(update_fields=["trained"])
        record(
            "teams.learned",
            by=by,
            subject_kind="candidate",
            subject_id=str(found.pk),
            data={"skills": fresh, "source": source},
        )
    return True
