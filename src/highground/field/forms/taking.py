"""Taking in a form that somebody else wrote: an XLSForm, converted by pyxform and checked against the register.

What is wrong in the workbook is refused with the sheet, the row, the column and the mend. What only Highground's own page
cannot do is kept as sentences (`TakenForm.beyond`): ODK Collect shows the form all the same.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform
from pyxform.xls2xform import convert

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.audit.actions import record
from highground.field.forms.faults import explained
from highground.field.forms.mapping import COLUMN, FormError, Row, mapping_of
from highground.field.forms.model import FILES, Form, read_form
from highground.field.forms.names import HOUSEHOLDS, LISTS, MEMBERS, is_visit
from highground.field.forms.parsing import parse
from highground.field.forms.xpath import BadExpression, BeyondUs
from highground.field.models import FormFile, TakenForm
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import register_dictionary

MOST_BYTES = 2_000_000
MOST_UNPACKED = 40_000_000
"""Bytes of a workbook, and of what it unpacks to."""

TAKES_IN = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who may give the people of an area another form."""

KINDS = (
    "text",
    "integer",
    "decimal",
    "date",
    "select1",
    "select",
    "note",
    "group",
    "repeat",
    "trigger",
    *FILES,
)
"""Kinds of questions that Highground's own page shows."""


@dataclass(frozen=True)
class Read:
    """A workbook that was read and found to be sound."""

    form: Form
    xml: str
    mapping: Mapping[str, str]
    beyond: list[str]
    workbook_hash: str


@transaction.atomic
def take_in(
    content: bytes, *, area: Area, by: str, today: datetime.date, tables: Mapping[str, str] | None = None
) -> TakenForm:
    """Offer the form in a workbook to the devices of an area; one event. The same form again changes nothing.

    `tables` are the CSV files that its questions read, by name without the ending. Raises FormError.
    """
    given = dict(tables or {})
    read = read_workbook(content)
    form = read.form
    _check_name(form, area)
    _check_tables(form, given)
    before = TakenForm.objects.everywhere(reason="a form of this area that is taken in again").filter(
        area=area, form_id=form.form_id, version=form.version
    )
    if (known := before.first()) is not None:
        if (known.xml, known.mapping) == (read.xml, read.mapping):
            return known  # type: ignore[no-any-return]
        raise FormError(
            "settings", 2, "version",
            _("version %(version)s was taken in before with another content") % {"version": form.version},
            _("write a new version"),
        )  # fmt: skip
    taken: TakenForm = TakenForm.objects.create(
        area=area,
        form_id=form.form_id,
        version=form.version,
        title=form.title[:200],
        xml=read.xml,
        workbook_hash=read.workbook_hash,
        mapping=read.mapping,
        beyond=read.beyond,
        taken_at=timezone.now(),
        by=by,
    )
    FormFile.objects.bulk_create(
        FormFile(form=taken, name=name, content=given[name]) for name in form.tables if name in given
    )
    record(
        "field.take_in_form",
        by=by,
        subject_kind="form",
        subject_id=str(taken.pk),
        area_path=area.path,
        data={"workbook": read.workbook_hash, "facts": len(read.mapping), "beyond": len(read.beyond)},
    )
    return taken


def check_may_take_in(user: User, area: Area, today: datetime.date) -> None:
    """Raises NotAllowed for somebody who may not give the people of this area a form."""
    if holds(user, today, TAKES_IN, area.path) is None:
        raise NotAllowed(
            "role", _("forms are taken in by a county officer or a province officer of the area")
        )


@transaction.atomic
def withdraw(form: TakenForm, *, by: User, today: datetime.date) -> None:
    """Take a form off the devices, in all its versions; what was filled in already still comes in. One event.

    Raises NotAllowed.
    """
    check_may_take_in(by, form.area, today)
    rows = TakenForm.objects.everywhere(reason="every version of a form reached in scope")
    rows.filter(area=form.area, form_id=form.form_id, withdrawn_on=None).update(withdrawn_on=today)
    record(
        "field.withdraw_form",
        by=str(by.pk),
        subject_kind="form",
        subject_id=str(form.pk),
        area_path=form.area.path,
    )


def read_workbook(content: bytes) -> Read:
    """Convert and check a workbook without keeping anything. Raises FormError."""
    sheets = _sheets(content)
    digest = hashlib.sha256(content).hexdigest()
    settings = dict((sheets.settings or [{}])[0])
    if not settings.get("form_id"):
        raise FormError(
            "settings", 2, "form_id", _("the form has no id"), _("write a short name without blanks")
        )
    if not settings.get("version"):
        settings["version"] = digest[:12]
    mapping = mapping_of(
        sheets.survey or [], sheets.choices or [], register_dictionary(), root=settings.get("name") or "data"
    )
    given = {
        name: getattr(sheets, name)
        for name in DefinitionData.__slots__
        if name not in ("settings", "settings_header", "fallback_form_name")
    }
    try:
        xml = convert({**given, "settings": [settings], "settings_header": [dict.fromkeys(settings)]}).xform
    except PyXFormError as error:
        raise explained(error, sheets.survey or []) from error
    form = read_form(xml)
    saved = {path: bind.saveto for path, bind in form.binds.items() if bind.saveto in register_dictionary()}
    mapping = {**saved, **mapping}
    _check_subjects(form, mapping)
    return Read(form, xml, mapping, list(_beyond(form, sheets.survey or [])), digest)


def read_table(name: str, content: bytes) -> str:
    """A table that comes along with a form. Raises FormError for one that is no CSV of UTF-8 with the column `name`."""
    try:
        kept = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError(
            why=_("%(file)s is not written in UTF-8") % {"file": name}, mend=_("save it as CSV in UTF-8")
        ) from error
    check_size(name, len(content))
    if "name" not in (csv.DictReader(io.StringIO(kept)).fieldnames or []):
        raise FormError(
            why=_("%(file)s has no column 'name'") % {"file": name},
            mend=_("a form finds its rows by that column"),
        )
    return kept


def check_size(name: str, size: int) -> None:
    """Raises FormError for a file that is too large to be taken in."""
    if size > MOST_BYTES:
        raise FormError(
            why=_("%(file)s has %(size)s bytes") % {"file": name, "size": f"{size:,}"},
            mend=_("at most %(most)s can be taken") % {"most": f"{MOST_BYTES:,}"},
        )


def _sheets(content: bytes) -> DefinitionData:
    check_size(_("the workbook"), len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as unpacked:
            if sum(one.file_size for one in unpacked.infolist()) > MOST_UNPACKED:
                raise FormError(
                    why=_("the workbook is too large when unpacked"), mend=_("leave out what is no form")
                )
        return get_xlsform(content, file_type=".xlsx")
    except FormError:
        raise
    except Exception as error:  # pyxform and openpyxl raise all kinds of things at what is no workbook
        raise FormError(
            why=_("this is no workbook that can be read (%(error)s)") % {"error": type(error).__name__},
            mend=_("save it as .xlsx in a spreadsheet program"),
        ) from error


def _check_name(form: Form, area: Area) -> None:
    if is_visit(form.form_id):
        raise FormError(
            "settings",
            2,
            "form_id",
            _("ids that begin with 'visit' are Highground's own"),
            _("choose another id"),
        )
    if not re.fullmatch(r"[\w.-]{1,60}", form.form_id) or not re.fullmatch(r"[\w.:-]{1,40}", form.version):
        raise FormError(
            "settings", 2, "form_id", _("the id or the version has blanks or signs in it, or is too long"),
            _("use letters, digits, '_', '-' and '.': at most 60 for the id and 40 for the version"),
        )  # fmt: skip
    elsewhere = TakenForm.objects.everywhere(
        reason="whether a form around or within this area has the same id"
    )
    around = Q(area__path__in=ancestor_paths(area.path)) | Q(area__path__startswith=area.path)
    if elsewhere.filter(around, form_id=form.form_id).exclude(area=area).exists():
        raise FormError(
            "settings", 2, "form_id",
            _("'%(id)s' is the id of a form of an area around or within this one") % {"id": form.form_id},
            _("choose another id"),
        )  # fmt: skip


def _check_subjects(form: Form, mapping: Mapping[str, str]) -> None:
    """A fact is one of somebody: the form says of which household, and for a fact of a member of which member."""
    dictionary, parts = register_dictionary(), set(mapping.values())
    entities = {one.get("dataset") for one in form.blank.iter("entity")}
    facts = [dictionary[name] for name in mapping.values() if name in dictionary]
    if facts and "household" not in parts and HOUSEHOLDS not in entities:
        raise FormError(
            "survey", None, COLUMN, _("facts are asked, but no question says of which household"),
            _("write 'household' beside the question that chooses it"),
        )  # fmt: skip
    if any(one.entity == "member" for one in facts) and "member" not in parts and MEMBERS not in entities:
        raise FormError(
            "survey", None, COLUMN, _("facts of members are asked, but no question says of which member"),
            _("write 'member' beside the question that chooses one"),
        )  # fmt: skip


def _check_tables(form: Form, given: Mapping[str, str]) -> None:
    for name, file in form.tables.items():
        if name in LISTS:
            continue
        reads = _("the form reads %(file)s") % {"file": file}
        if not file.endswith(".csv"):
            raise FormError("survey", None, "type", reads, _("only CSV tables can come with a form"))
        if name not in given:
            raise FormError("survey", None, "type", reads, _("hand this table in with the form"))


def _beyond(form: Form, survey: list[Row]) -> Iterator[str]:
    """What our own page cannot do, in sentences. Raises FormError for an expression that nobody can reckon with."""
    rows = _rows_of(survey)
    for path, column, source in form.expressions():
        where = rows.get(path.rpartition("/")[2])
        try:
            parse(source)
        except BeyondUs as error:
            yield str(FormError("survey", where, column, str(error), _("ODK Collect shows this form")))
        except BadExpression as error:
            raise FormError(
                "survey", where, column, f"'{source.strip()}': {error}", _("mend the expression")
            ) from error
    for one in form.walk():
        if one.kind not in KINDS:
            where = rows.get(one.path.rpartition("/")[2])
            yield str(
                FormError(
                    "survey", where, "type",
                    _("questions of the kind %(kind)s are not shown on our page") % {"kind": one.kind},
                    _("ODK Collect shows this form"),
                )
            )  # fmt: skip


def _rows_of(survey: list[Row]) -> dict[str, int]:
    """In which row of the sheet each name stands, the first one where there are several."""
    found: dict[str, int] = {}
    for place, row in enumerate(survey, start=2):
        if row.get("name"):
            found.setdefault(row["name"], place)
    return found
