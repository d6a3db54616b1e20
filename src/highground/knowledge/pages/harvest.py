"""What others take: practices and profiles as CSV and JSON-LD, and practices by OAI-PMH."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from highground.knowledge.enums import Standing
from highground.knowledge.languages import concept_words
from highground.knowledge.models import Expert, Practice
from highground.knowledge.reading import WORDS
from highground.web.export import csv_response

JSON_LD = "application/ld+json"
CONTEXT = {
    "@vocab": "https://schema.org/",
    "evidence": "https://schema.org/reviewAspect",
    "failures": "https://schema.org/negativeNotes",
    "results": "https://schema.org/positiveNotes",
    "concept": {"@id": "https://schema.org/about", "@container": "@list"},
}
"""Written into every document, so that no reader fetches another one."""
OAI, DC, XSI = (
    "http://www.openarchives.org/OAI/2.0/",
    "http://purl.org/dc/elements/1.1/",
    "http://www.w3.org/2001/XMLSchema-instance",
)
OAI_DC = f"{OAI}oai_dc/"
for prefix, space in (("", OAI), ("oai_dc", OAI_DC), ("dc", DC), ("xsi", XSI)):
    ElementTree.register_namespace(prefix, space)
COLUMNS = (
    "code", "country", "place", "since", "until", "fields", "causes", "concepts", "zones", "income", "institutions",
    "evidence", "rubric", "cost", "currency", "source", "source_date", "url", "verified",
)  # fmt: skip
"""Of the file of practices: all that a file may bring, so that what is taken along and brought back says the same."""
PAGE = 50
VERBS = {
    "Identify": (set(), set()),
    "ListMetadataFormats": (set(), {"identifier"}),
    "ListSets": (set(), {"resumptionToken"}),
    "ListIdentifiers": ({"metadataPrefix"}, {"from", "until", "set"}),
    "ListRecords": ({"metadataPrefix"}, {"from", "until", "set"}),
    "GetRecord": ({"identifier", "metadataPrefix"}, set()),
}
"""The verbs of OAI-PMH 2.0 with what each must and may be asked with."""


def practice_as_ld(practice: Practice, base: str) -> dict[str, Any]:
    """A practice as JSON-LD, with its texts in every language."""
    texts = list(practice.texts.all())

    def said(name: str) -> list[dict[str, str]]:
        return [
            {"@value": getattr(one, name), "@language": one.language} for one in texts if getattr(one, name)
        ]

    return {
        "@type": "CreativeWork",
        "@id": f"{base}{reverse('knowledge:practice', args=[practice.code])}",
        "identifier": practice.code,
        "name": said("title"),
        "abstract": said("problem"),
        "text": said("done"),
        "results": said("results"),
        "failures": said("failures"),
        "evidence": practice.evidence,
        "concept": concept_words(practice.concepts, "en"),
        "keywords": practice.causes,
        "spatialCoverage": " · ".join(filter(None, (practice.country, practice.place))),
        "isBasedOn": {"@type": "CreativeWork", "name": practice.source, "url": practice.url},
        "dateModified": practice.changed_on.isoformat(),
    }


def expert_as_ld(expert: Expert, base: str) -> dict[str, Any]:
    """A profile as JSON-LD: what everybody reads of it."""
    content: dict[str, Any] = {
        "@type": "Person",
        "@id": f"{base}{reverse('knowledge:expert', args=[expert.code])}",
        "name": expert.name,
        "address": {"@type": "PostalAddress", "addressCountry": expert.country},
        "knowsLanguage": expert.languages,
        "knowsAbout": concept_words(expert.declared, "en"),
    }
    names = {"institution": "affiliation", "about": "description", "orcid": "sameAs", "gender": "gender"}
    for name in expert.shown:
        if name in names and getattr(expert, name):
            value = getattr(expert, name)
            content[names[name]] = f"https://orcid.org/{value}" if name == "orcid" else value
    return content


@login_not_required
@require_safe
def practices_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """All published practices as `csv` or `jsonld`."""
    rows = _published()
    if kind == "jsonld":
        return _ld([practice_as_ld(one, _base(request)) for one in rows])
    if kind != "csv":
        raise Http404
    return csv_response("practices.csv", [*COLUMNS, "language", "status", *WORDS], _csv_rows(rows))


def _csv_rows(rows: QuerySet[Practice]) -> Iterator[list[Any]]:
    """A row for each text, in the form in which `reading.py` takes practices in."""
    for one in rows:
        values = [_cell(getattr(one, name)) for name in COLUMNS]
        for text in one.texts.all():
            yield [*values, text.language, text.status, *(getattr(text, name) for name in WORDS)]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, dict):
        return ";".join(f"{name}={score}" for name, score in value.items())
    return ("yes" if value else "no") if isinstance(value, bool) else value


@login_not_required
@require_safe
def experts_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """All published profiles as `csv` or `jsonld`: what everybody reads of them."""
    rows = Expert.objects.filter(standing=Standing.PUBLISHED).order_by("code")
    if kind == "jsonld":
        return _ld([expert_as_ld(one, _base(request)) for one in rows])
    if kind != "csv":
        raise Http404
    shown = ("place", "institution", "about")
    return csv_response(
        "experts.csv",
        ["code", "name", "country", "languages", "fields", "declared", *shown, "confirmed_on"],
        (
            [
                one.code, one.name, one.country, ";".join(one.languages), ";".join(one.fields), ";".join(one.declared),
                *(getattr(one, name) if name in one.shown else "" for name in shown), one.confirmed_on.isoformat(),
            ]
            for one in rows
        ),
    )  # fmt: skip


@login_not_required
@require_safe
def one_practice(request: HttpRequest, code: str) -> HttpResponseBase:
    """One practice as JSON-LD."""
    found = get_object_or_404(_published(), code=code)
    return _ld([practice_as_ld(found, _base(request))])


@login_not_required
@require_safe
def one_expert(request: HttpRequest, code: str) -> HttpResponseBase:
    """One profile as JSON-LD."""
    found = get_object_or_404(Expert, code=code, standing=Standing.PUBLISHED)
    return _ld([expert_as_ld(found, _base(request))])


def _published() -> QuerySet[Practice]:
    return Practice.objects.filter(standing=Standing.PUBLISHED).prefetch_related("texts").order_by("code")


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _ld(items: list[dict[str, Any]]) -> HttpResponse:
    content = json.dumps({"@context": CONTEXT, "@graph": items}, ensure_ascii=False, indent=1)
    return HttpResponse(content, content_type=JSON_LD)


# --- OAI-PMH 2.0 -----------------------------------------------------------------------------------


class _OaiError(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def oai(request: HttpRequest) -> HttpResponseBase:
    """OAI-PMH 2.0 over the published practices, with Dublin Core. A practice that was taken back is a deleted record.

    A harvester may ask by GET or by POST; neither changes anything.
    """
    root = ElementTree.Element(f"{{{OAI}}}OAI-PMH")
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI}OAI-PMH.xsd")
    ElementTree.SubElement(root, f"{{{OAI}}}responseDate").text = _stamp(timezone.now())
    asked = ElementTree.SubElement(root, f"{{{OAI}}}request")
    asked.text = f"{_base(request)}{request.path}"
    try:
        arguments = _arguments(request)
        for name, value in arguments.items():
            asked.set(name, value)
        root.append(_VERBS[arguments["verb"]](request, arguments))
    except _OaiError as error:
        if error.code in ("badVerb", "badArgument"):
            asked.attrib.clear()  # as the protocol wants it
        problem = ElementTree.SubElement(root, f"{{{OAI}}}error", code=error.code)
        problem.text = error.text
    content = ElementTree.tostring(root, xml_declaration=True, encoding="utf-8")
    return HttpResponse(content, content_type="text/xml; charset=utf-8")


def _arguments(request: HttpRequest) -> dict[str, str]:
    given_with = request.POST if request.method == "POST" else request.GET
    arguments = {name: given_with[name] for name in given_with}
    if any(len(given_with.getlist(name)) > 1 for name in given_with):
        raise _OaiError("badArgument", "an argument is repeated")
    verb = arguments.get("verb", "")
    if verb not in VERBS:
        raise _OaiError("badVerb", "no such verb")
    needed, allowed = VERBS[verb]
    given = set(arguments) - {"verb"}
    if verb in ("ListRecords", "ListIdentifiers") and "resumptionToken" in given:
        if given != {"resumptionToken"}:
            raise _OaiError("badArgument", "a resumptionToken comes alone")
        return arguments
    if needed - given or given - needed - allowed:
        raise _OaiError("badArgument", f"{verb} takes {', '.join(sorted(needed | allowed)) or 'nothing'}")
    if arguments.get("metadataPrefix", "oai_dc") != "oai_dc":
        raise _OaiError("cannotDisseminateFormat", "oai_dc is the only format")
    for name, value in arguments.items():
        if any(letter < " " for letter in value):
            raise _OaiError("badArgument", f"{name} holds a control character")
    return arguments


def _identify(request: HttpRequest, _arguments: dict[str, str]) -> Any:
    first = Practice.objects.order_by("added_on").values_list("added_on", flat=True).first()
    rows = {
        "repositoryName": "Highground: practices against poverty",
        "baseURL": f"{_base(request)}{reverse('knowledge:oai')}",
        "protocolVersion": "2.0",
        "adminEmail": f"postmaster@{request.get_host().split(':')[0]}",
        "earliestDatestamp": (first or timezone.localdate()).isoformat(),
        "deletedRecord": "transient",
        "granularity": "YYYY-MM-DD",
    }
    found = ElementTree.Element(f"{{{OAI}}}Identify")
    for name, value in rows.items():
        ElementTree.SubElement(found, f"{{{OAI}}}{name}").text = value
    return found


def _formats(_request: HttpRequest, arguments: dict[str, str]) -> Any:
    if "identifier" in arguments:
        _named(_request, arguments["identifier"])
    found = ElementTree.Element(f"{{{OAI}}}ListMetadataFormats")
    one = ElementTree.SubElement(found, f"{{{OAI}}}metadataFormat")
    for name, value in (
        ("metadataPrefix", "oai_dc"),
        ("schema", f"{OAI}oai_dc.xsd"),
        ("metadataNamespace", OAI_DC),
    ):
        ElementTree.SubElement(one, f"{{{OAI}}}{name}").text = value
    return found


def _sets(_request: HttpRequest, _arguments: dict[str, str]) -> Any:
    raise _OaiError("noSetHierarchy", "there are no sets")


def _get(request: HttpRequest, arguments: dict[str, str]) -> Any:
    found = ElementTree.Element(f"{{{OAI}}}GetRecord")
    found.append(_record(request, _named(request, arguments["identifier"])))
    return found


def _named(request: HttpRequest, identifier: str) -> Practice:
    prefix = _prefix(request)
    found = (
        _harvested().filter(code=identifier.removeprefix(prefix)).first()
        if identifier.startswith(prefix)
        else None
    )
    if found is None:
        raise _OaiError("idDoesNotExist", "no such identifier")
    return found


def _list(request: HttpRequest, arguments: dict[str, str]) -> Any:
    verb = arguments["verb"]
    if "set" in arguments:
        raise _OaiError("noSetHierarchy", "there are no sets")
    start, since, until = 0, arguments.get("from", ""), arguments.get("until", "")
    if token := arguments.get("resumptionToken"):
        parts = token.split("/")
        if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdecimal() and len(parts[0]) < 9):
            raise _OaiError("badResumptionToken", "not one of ours")
        start, since, until = int(parts[0]), parts[1], parts[2]
    rows = _harvested().filter(**_between(since, until))
    total = rows.count()
    page = list(rows[start : start + PAGE])
    if not page:
        raise _OaiError("badResumptionToken" if start else "noRecordsMatch", "nothing there")
    found = ElementTree.Element(f"{{{OAI}}}{verb}")
    for one in page:
        found.append(_record(request, one) if verb == "ListRecords" else _header(request, one))
    if total > PAGE:
        more = start + PAGE < total
        resume = ElementTree.SubElement(
            found, f"{{{OAI}}}resumptionToken", completeListSize=str(total), cursor=str(start)
        )
        resume.text = f"{start + PAGE}/{since}/{until}" if more else None
    return found


def _between(since: str, until: str) -> dict[str, datetime.date]:
    try:
        first = datetime.date.fromisoformat(since) if since else None
        last = datetime.date.fromisoformat(until) if until else None
    except ValueError:
        raise _OaiError("badArgument", "dates are written as 2026-11-26") from None
    if first and last and first > last:
        raise _OaiError("badArgument", "from is after until")
    return {
        **({"changed_on__gte": first} if first else {}),
        **({"changed_on__lte": last} if last else {}),
    }


def _harvested() -> QuerySet[Practice]:
    """What was ever published; what still waits is nobody's to harvest."""
    rows = Practice.objects.filter(standing__in=[Standing.PUBLISHED, Standing.WITHDRAWN])
    return rows.prefetch_related("texts").order_by("pk")


def _prefix(request: HttpRequest) -> str:
    return f"oai:{request.get_host().split(':')[0]}:"


def _header(request: HttpRequest, one: Practice) -> Any:
    header = ElementTree.Element(f"{{{OAI}}}header")
    if one.standing != Standing.PUBLISHED:
        header.set("status", "deleted")
    ElementTree.SubElement(header, f"{{{OAI}}}identifier").text = f"{_prefix(request)}{one.code}"
    ElementTree.SubElement(header, f"{{{OAI}}}datestamp").text = one.changed_on.isoformat()
    return header


def _record(request: HttpRequest, one: Practice) -> Any:
    record = ElementTree.Element(f"{{{OAI}}}record")
    record.append(_header(request, one))
    if one.standing != Standing.PUBLISHED:
        return record
    metadata = ElementTree.SubElement(record, f"{{{OAI}}}metadata")
    dc = ElementTree.SubElement(metadata, f"{{{OAI_DC}}}dc")
    dc.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {OAI}oai_dc.xsd")
    rows: list[tuple[str, str, str]] = []
    for text in one.texts.all():
        rows += [
            ("title", text.title, text.language),
            ("description", f"{text.problem} {text.done}", text.language),
        ]
    rows += [("subject", word, "en") for word in concept_words(one.concepts, "en")]
    rows += [
        ("coverage", " · ".join(filter(None, (one.country, one.place))), ""),
        ("source", f"{one.source}, {one.source_date}", ""),
        ("date", one.changed_on.isoformat(), ""),
        ("type", "Text", ""),
        ("identifier", f"{_base(request)}{reverse('knowledge:practice', args=[one.code])}", ""),
        *(("language", text.language, "") for text in one.texts.all()),
        *([("relation", one.url, "")] if one.url else []),
    ]
    for name, value, language in rows:
        element = ElementTree.SubElement(dc, f"{{{DC}}}{name}")
        element.text = value
        if language:
            element.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    return record


def _stamp(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_VERBS = {
    "Identify": _identify,
    "ListMetadataFormats": _formats,
    "ListSets": _sets,
    "ListIdentifiers": _list,
    "ListRecords": _list,
    "GetRecord": _get,
}
