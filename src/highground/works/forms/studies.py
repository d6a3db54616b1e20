"""The forms of a study: the question, its villages, what is measured, the theory, the assumptions, files and criteria."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.areas.models import Area
from highground.support.forms import AmountField
from highground.works.enums import Sides, TheoryStage
from highground.works.forms.villages import CurrencyField
from highground.works.models import Project, Study

MOST_VILLAGES = 400


class StartForm(forms.Form):
    """What the study asks, and of which project."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=300,
        help_text=gettext_lazy(
            "One question, such as: has the income of households risen because of the project?"
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    project = forms.ChoiceField(label=gettext_lazy("Project"), required=False)

    def __init__(self, *args: Any, projects: list[Project], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["project"].choices = [("", _("none, or not known here"))] + [  # type: ignore[attr-defined]
            (one.code, str(one)) for one in projects
        ]


class VillagesForm(forms.Form):
    """Villages of one side and one block, several at once."""

    side = forms.ChoiceField(
        label=gettext_lazy("Side"),
        choices=[
            ("treated", gettext_lazy("treated: the project works there")),
            ("other", gettext_lazy("comparison")),
        ],
        widget=forms.RadioSelect,
    )
    block = forms.CharField(
        label=gettext_lazy("Block"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "Villages of one block could have been chosen in each other's place: those of one country, or of one township."
        ),
    )
    near = forms.BooleanField(
        label=gettext_lazy("So near that the project may reach them too"), required=False
    )
    villages = forms.MultipleChoiceField(label=gettext_lazy("Villages"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, areas: list[Area], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["villages"].choices = [  # type: ignore[attr-defined]
            (one.code, f"{one} · {one.parent}" if one.parent else str(one)) for one in areas
        ]


class IndicatorForm(forms.Form):
    """One indicator. Its unit is never changed."""

    label = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("As in the files of readings, such as income."),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        max_length=40,
        help_text=gettext_lazy("With the currency where it is money."),
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=160)
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=TheoryStage.choices, initial=TheoryStage.OUTCOMES
    )
    main = forms.BooleanField(label=gettext_lazy("The study is decided by this one"), required=False)


class TheoryForm(forms.Form):
    """A text for each stage; for each arrow an indicator and what is assumed."""

    def __init__(self, *args: Any, study: Study, **options: Any) -> None:
        theory = study.theory or {"stages": {}, "arrows": {}}
        super().__init__(*args, **options)
        choices = [("", "–"), *study.indicators.values_list("code", "label")]
        for stage in TheoryStage:
            self.fields[stage.value] = forms.CharField(
                label=stage.label,
                required=False,
                max_length=300,
                initial=theory["stages"].get(stage.value, ""),
            )
            if stage == TheoryStage.IMPACT:
                continue
            arrow = theory["arrows"].get(stage.value, {})
            words = {"stage": stage.label}
            self.fields[f"{stage.value}-indicator"] = forms.ChoiceField(
                label=_("Indicator of the arrow from %(stage)s") % words,
                required=False,
                choices=choices,
                initial=arrow.get("indicator", ""),
            )
            self.fields[f"{stage.value}-assumes"] = forms.CharField(
                label=_("What must hold for the arrow from %(stage)s") % words,
                required=False,
                max_length=300,
                initial=arrow.get("assumes", ""),
            )

    def stages(self) -> dict[str, str]:
        """The text of each stage."""
        return {stage: self.cleaned_data[stage] for stage in TheoryStage.values}

    def arrows(self) -> dict[str, dict[str, str]]:
        """What joins each stage to the next, by the stage from which the arrow leads."""
        return {
            stage: {name: self.cleaned_data[f"{stage}-{name}"] for name in ("indicator", "assumes")}
            for stage in TheoryStage.values[:-1]
        }


class AssumptionsForm(forms.Form):
    """What the design rests on."""

    sides = forms.ChoiceField(
        label=gettext_lazy("Counts as a finding"), choices=Sides.choices, widget=forms.RadioSelect
    )
    level = forms.DecimalField(
        label=gettext_lazy("Level"), max_digits=4, decimal_places=3, initial=Decimal("0.05")
    )
    spread = forms.FloatField(
        label=gettext_lazy("Spread between villages"),
        required=False,
        help_text=gettext_lazy(
            "The standard deviation of the change of the main outcome between villages, in its unit; empty if not known."
        ),
    )
    survey = forms.FileField(
        label=gettext_lazy("Or take the spread from an earlier survey (CSV, XLSX or Parquet)"), required=False,
        help_text=gettext_lazy(
            "Columns: village, wave (baseline or endline), value and, if need be, weight. The villages may be others."
        ),
    )  # fmt: skip
    spread_source = forms.CharField(
        label=gettext_lazy("Where the spread is from"), required=False, max_length=200
    )
    attrition = forms.IntegerField(
        label=gettext_lazy("Households that will be lost until the endline (%)"),
        required=False,
        min_value=0,
        max_value=100,
    )
    drawn = forms.BooleanField(label=gettext_lazy("The treated villages were drawn by lot"), required=False)


class CostForm(forms.Form):
    """What the project spent in the treated villages, and whom it reached there."""

    cost = AmountField(label=gettext_lazy("Money spent in the treated villages"))
    currency = CurrencyField()
    cost_source = forms.CharField(
        label=gettext_lazy("Where the sum is from"),
        max_length=200,
        help_text=gettext_lazy("Such as the accounts of the project, with their date."),
    )
    reached = forms.IntegerField(
        label=gettext_lazy("How many were reached there"),
        min_value=1,
        help_text=gettext_lazy(
            "Counted as the main outcome counts: households, where it is that of a household."
        ),
    )


class FileForm(forms.Form):
    """A file of readings."""

    file = forms.FileField(label=gettext_lazy("File (CSV, XLSX or Parquet)"))


class CriterionForm(forms.Form):
    """What was found by one criterion."""

    text = forms.CharField(label=gettext_lazy("What was found"), widget=forms.Textarea(attrs={"rows": 5}))
    source = forms.CharField(
        label=gettext_lazy("What it rests on"),
        max_length=300,
        help_text=gettext_lazy("Documents, meetings, readings: with their dates."),
    )
