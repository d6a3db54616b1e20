"""A visit and a follow-up: who went, what had to be asked, what was seen, what the family said, what is proposed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.accounts.models import User
from highground.cases.actions.facts import FactValue
from highground.cases.actions.visiting import follow_up, record_visit
from highground.cases.forms.base import Section, StepForm, fields_named, people_who_may, text_field
from highground.cases.forms.questions import (
    RISKS,
    check_values,
    field_of,
    questions_of,
    reasons_of,
    rows_of,
    values_of,
)
from highground.cases.models import CaseStep
from highground.cases.needs.forms import languages
from highground.methods.rules.procedure.graph import Effect, Phase
from highground.web.numbers import number


class AtTheDoor(StepForm):
    """What a visit and a follow-up have in common: the day, who else went, the facts that are asked, what was seen."""

    def ask_at_the_door(self) -> None:
        """Add the fields of a visit."""
        visited = self.visited
        self.questions = questions_of(visited.case, visited.user, visited.today)
        currency = visited.book.currency
        self.ask_day(_("On which day was the visit?"))
        offered = people_who_may(visited.step.roles, visited.case, visited.today)
        self.companions: dict[str, User] = {
            str(user.pk): user for user, _role in offered if user.pk != visited.user.pk
        }
        if self.companions:
            self.fields["visitors"] = forms.MultipleChoiceField(
                label=_("Who else went?"),
                help_text=self._how_many(),
                choices=[
                    (str(user.pk), f"{user} · {role.label}")
                    for user, role in offered
                    if user.pk != visited.user.pk
                ],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        for one in self.questions.asked:
            if one.fact.name != RISKS or "risks" not in self.fields:
                self.fields[one.name] = field_of(one, currency, reasons=reasons_of(one, visited.book))
        for one in self.questions.correctable:
            self.fields[f"fix_{one.fact.name}"] = field_of(one, currency, correcting=True)
        self.fields["note"] = text_field(_("What did you see?"))

    def _how_many(self) -> str:
        least = self.visited.step.visitors - 1
        if least < 1:
            return ""
        return ngettext(
            "At least %(count)s person goes with you.", "At least %(count)s people go with you.", least
        ) % {"count": number(least)}

    def known_rows(self) -> list[dict[str, Any]]:
        """What is known and fresh: shown beside the form, not asked."""
        return rows_of(self.questions.fresh, self.visited.book.currency)

    def door_sections(self) -> list[Section]:
        """Who went; what is asked; what may only be corrected."""
        asked = [one.name for one in self.questions.asked]
        fixed = [f"fix_{one.fact.name}" for one in self.questions.correctable]
        sections = [
            Section(_("The visit"), list(fields_named(self, ["day", "visitors"]))),
            Section(
                _("Ask about"),
                list(fields_named(self, asked)),
                _(
                    "Only what is missing or too old and could change the answer. Leave empty what nobody could say."
                ),
            ),
            Section(
                _("Something known is wrong"),
                list(fields_named(self, fixed)),
                _(
                    "These values are fresh and are not asked. Fill in only what the family says is different."
                ),
                closed=not any(self[name].errors for name in fixed),
            ),
        ]
        return [section for section in sections if section.fields]

    def clean(self) -> dict[str, Any]:
        """Every value can be one of its fact; enough people went."""
        cleaned = super().clean()
        check_values(self, self.questions, self.visited.today)
        went = len(cleaned.get("visitors", [])) + 1
        if went < self.visited.step.visitors:
            self.add_error("visitors" if "visitors" in self.fields else None, self._how_many())
        return cleaned

    def went(self) -> list[User]:
        """Who went besides the person who writes."""
        return [self.companions[key] for key in self.cleaned_data.get("visitors", [])]

    def answered(self) -> list[FactValue]:
        """The facts that were answered."""
        return list(values_of(self, self.questions, self.visited.today))


class VisitForm(AtTheDoor):
    """The visit that proposes or dismisses, and the one before the exit."""

    def build(self, outcome: str) -> None:
        """Before recognition the class and the risks are proposed; at the exit they stand already."""
        self.proposes = self.visited.step.phase == Phase.RECOGNITION
        if self.proposes:
            self.ask_class()
        self.ask_at_the_door()
        if self.proposes:
            self._prefill()
        self.fields["need_words"] = text_field(
            _("What does the family ask for?"), _("In its own words and its own language.")
        )
        self.fields["need_language"] = forms.ChoiceField(
            label=_("In which language?"), choices=languages, required=False, widget=forms.Select
        )
        self.ask_outcome(outcome, label=_("What do you propose?") if self.proposes else "")
        self.ask_reason()

    def _prefill(self) -> None:
        """What the last screening and the known risks suggest."""
        case = self.visited.case
        known = next((one.known for one in self._all() if one.fact.name == RISKS and one.known), None)
        if not case.risks and known is not None and known.value != "[]":
            self.fields["risks"].initial = known.value.split(";")
        if not case.proposed_class:
            links = case.clue_links.filter(clue__kind="class").select_related("clue").order_by("clue__pk")
            classes = {one.id for one in self.visited.book.classes}
            self.fields["class_id"].initial = next(
                (link.clue.rule for link in links if link.clue.rule in classes), None
            )

    def _all(self) -> list[Any]:
        return [*self.questions.asked, *self.questions.fresh]

    def sections(self) -> list[Section]:
        """The visit, the questions, what was seen and said, what is proposed."""
        proposed = ["outcome", "class_id", "risks", "reason"]
        return [
            *self.door_sections(),
            Section(_("Seen and said"), list(fields_named(self, ["note", "need_words", "need_language"]))),
            Section(_("What comes of it"), list(fields_named(self, proposed))),
        ]

    def clean(self) -> dict[str, Any]:
        """Whoever proposes a household says in which class and with which risks."""
        cleaned = super().clean()
        chosen = self.outcome()
        if self.proposes and chosen and chosen.effect == Effect.NEXT:
            if not cleaned.get("class_id"):
                self.add_error("class_id", _("Choose the class that you propose."))
            if not cleaned.get("risks"):
                self.add_error("risks", _("Choose at least one risk."))
        return cleaned

    def answered(self) -> list[FactValue]:
        """The facts, with the risks where they are new: asked once, by the question about risks."""
        found = super().answered()
        risks, chosen = self.cleaned_data.get("risks", []), self.outcome()
        if not self.proposes or not risks or chosen is None or chosen.effect != Effect.NEXT:
            return found
        known = next((one for one in self._all() if one.fact.name == RISKS), None)
        if known is None:
            return found
        value = ";".join(name for name in known.fact.values if name in risks)
        same = known.known is not None and known.known.value == value
        if not same or known in self.questions.asked:
            found.append(FactValue(RISKS, value, confirmed=same))
        return found

    def take(self) -> CaseStep:
        """Record the visit."""
        typed, visited, chosen = self.cleaned_data, self.visited, self.outcome()
        proposes = self.proposes and chosen is not None and chosen.effect == Effect.NEXT
        return record_visit(
            visited.case,
            step=visited.step.id,
            outcome=typed["outcome"],
            visitors=self.went(),
            values=self.answered(),
            note=typed["note"],
            need_words=typed["need_words"],
            need_language=typed["need_language"] if typed["need_words"] else "",
            proposed_class=typed["class_id"] if proposes else "",
            risks=typed["risks"] if proposes else [],
            reason=typed.get("reason", ""),
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )


class FollowUpForm(AtTheDoor):
    """How the family is now."""

    def build(self, outcome: str) -> None:
        """A visit without a proposal."""
        self.ask_at_the_door()

    def sections(self) -> list[Section]:
        """The visit, the questions, what was seen."""
        return [*self.door_sections(), Section("", list(fields_named(self, ["note"])))]

    def take(self) -> CaseStep:
        """Record the follow-up."""
        typed, visited = self.cleaned_data, self.visited
        return follow_up(
            visited.case,
            visitors=self.went(),
            values=self.answered(),
            note=typed["note"],
            by=visited.user,
            day=typed["day"],
            today=visited.today,
            seen=typed["seen"],
        )
