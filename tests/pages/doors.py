"""Who may open what: every address, what it answers to each role, and what must be seen there of one's own area.

The table mirrors docs/explanation/access.md. An address of the office that is not in it makes the leak walk fail, so that
no page escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from highground.accounts.enums import SEES, Role, Sight
from highground.cases.actions.objections import ANSWERERS

DOORS = """
address                  village secretary contact township county province analyst auditor operator curator  organiser
/                        yes     yes       yes     yes      yes    yes      yes     yes     yes     yes     yes
/language/               form    form      form    form     form   form     form    form    form     form     form
/sign-in/                away    away      away    away     away   away     away    away    away     away     away
/sign-out/               form    form      form    form     form   form     form    form    form     form     form
/area/                   form    form      form    form     form   form     form    form    form     form     form
/areas/                  away    away      away    away     away   away     away    no      no     no     no
/needs-near-me/  away  away  away  away  away  away  away  no  no  no  no
/areas/{code}/needs/  own  own  own  own  own  own  own  no  no  no  no
/areas/{code}/           own     own       own     own      own    own      own     no      no     no     no
/clues/                  yes     yes       yes     yes      yes    yes      no      no      no     no     no
/clues/cannot-tell/      yes     yes       yes     yes      yes    yes      no      no      no     no     no
/clues/no-data/          yes     yes       yes     yes      yes    yes      no      no      no     no     no
/clues/{clue}/           own     own       own     own      own    own      no      no      no     no     no
/households/{key}/       own     own       own     own      own    own      no      no      no     no     no
/cases/                  yes     yes       yes     yes      yes    yes      no      no      no     no     no
/cases/board/            yes     yes       yes     yes      yes    yes      yes     no      no     no     no
/cases/procedure/        yes     yes       yes     yes      yes    yes      no      no      no     no     no
/cases/from-clue/{clue}/  form   form      form    form     form   form     no      no      no     no     no
/cases/{work}/           own     own       own     own      own    own      no      no      no     no     no
/cases/{work}/contact/   own     own       own     own      own    own      no      no      no     no     no
/cases/{work}/steps/{step}/  own  own      own     own      own    own      no      no      no     no     no
/cases/{work}/papers/    own     own       own     own      own    own      no      no      no     no     no
/cases/{work}/papers/application/  own  own  own   own      own    own      no      no      no     no     no
/cases/{work}/papers/assessment/  own  own  own    own      own    own      no      no      no     no     no
/cases/{work}/papers/file/  own  own       own     own      own    own      no      no      no     no     no
/cases/meetings/         yes     yes       yes     yes      yes    yes      no      no      no     no     no
/cases/meetings/call/?village={area}&rulebook={rulebook}&step=appraise  own  own  own  own  own  own  no  no  no     no     no
/cases/meetings/{meeting}/  own  own       own     own      own    own      no      no      no     no     no
/cases/meetings/{called}/  own   own       own     own      own    own      no      no      no     no     no
/cases/notices/          yes     yes       yes     yes      yes    yes      no      no      no     no     no
/cases/notices/post/?village={area}&rulebook={rulebook}&step=notice  own  own  own  own  own  own  no  no  no     no     no
/cases/notices/{notice}/  own    own       own     own      own    own      no      no      no     no     no
/cases/notices/{notice}/print/  own  own   own     own      own    own      no      no      no     no     no
/households/{key}/needs/  own    own       own     own      own    own      no      no      no     no     no
/needs/                  yes     yes       yes     yes      yes    yes      no      no      no     no     no
/messages/               yes     yes       yes     yes      yes    yes      no      no      no     no     no
/messages/{message}/     own     own       own     own      own    own      no      no      no     no     no
/messages/{complaint}/   none    none      none    none     own    own      no      no      no     no     no
/report/  open
/report/status/  open
/report/report/  open
/report/objection/  open
/report/grievance/  open
/support/                yes     yes       yes     yes      yes    yes      no      no      no     no     no
/support/loans/          yes     yes       yes     yes      yes    yes      no      no      no     no     no
/support/follow-ups/     yes     yes       yes     yes      yes    yes      no      no      no     no     no
/support/by-itself/      yes     yes       yes     yes      yes    yes      yes     yes     yes     yes     yes
/support/cases/{case}/   own     own       own     own      own    own      no      no      no     no     no
/support/cases/{case}/write/  own  own     own     own      own    own      no      no      no     no     no
/support/lines/{line}/   own     own       own     own      own    own      no      no      no     no     no
/support/lines/{line}/arrived/  own  own   own     own      own    own      no      no      no     no     no
/support/deliveries/{delivery}/evidence/  own  own  own  own  own  own      no      no      no     no     no
/support/budgets/        no      no        no      no       yes    yes      yes     no      no     no     no
/support/payments/       no      no        no      no       yes    yes      yes     no      no     no     no
/support/payments/{batch}/  no   no        no      no       own    own      own     no      no     no     no
/support/payments/{batch}/file/  no  no    no      no       form   form     form    no      no     no     no
/support/payments/{batch}/rejects/  no  no  no     no       own    own      no      no      no     no     no
/rounds/                 yes     yes       yes     yes      yes    yes      no      no      no     no     no
/rounds/draw/            no      no        no      no       yes    no       no      no      no     no     no
/rounds/plan/            yes     yes       yes     yes      yes    yes      no      no      no     no     no
/rounds/never-seen/      yes     yes       yes     yes      yes    yes      no      no      no     no     no
/rounds/missed/          yes     yes       yes     yes      yes    yes      yes     no      no     no     no
/teams/                  yes     yes       yes     yes      yes    yes      no      no      no     no     no
/teams/plans/            no      no        no      no       yes    yes      no      no      no     no     no
/teams/import/           no      no        no      no       yes    yes      no      no      no     no     no
/teams/plans/{team_plan}/  no    no        no      no       own    own      no      no      no     no     no
/teams/plans/{team_plan}/withdrawn/  no  no  no    no       own    own      no      no      no     no     no
/teams/plans/{team_plan}/compare/  no  no  no      no       own    own      no      no      no     no     no
/teams/plans/{team_plan}/villages/{seat}/  no  no  no  no   own    own      no      no      no     no     no
/teams/villages/{seat}/  own     own       own     own      own    own      no      no      no     no     no
/teams/villages/{seat}/print/  own  own    own     own      own    own      no      no      no     no     no
/teams/villages/{seat}/handover/  own  own  own    own      own    own      no      no      no     no     no
/villages/  yes yes yes yes yes yes yes no no no no
/villages/import/  yes yes yes yes yes yes yes no no no no
/villages/{seat}/  own own own own own own own no no no no
/villages/{seat}/sheet.pdf  own own own own own own own no no no no
/villages/{seat}/write/work/  own own own own own own own no no no no
/works/{building}/  own own own own own own own no no no no
/works/photos/{photo}/  own own own own own own own no no no no
/enterprises/{enterprise}/  own own own own own own own no no no no
/assets/  yes yes yes yes yes yes yes no no no no
/assets/{asset}/  own own own own own own own no no no no
/projects/  yes yes yes yes yes yes yes no no no no
/projects/{project}/  own own own own own own own no no no no
/projects/{project}/write/group/  own own own own own own own no no no no
/projects/{project}/roles/  none none none none own own none no no no no
/projects/{project}/sheet.pdf  own own own own own own own no no no no
/projects/{project}/figures.csv  own own own own own own own no no no no
/projects/{project}/iati.xml  own own own own own own own no no no no
/studies/  yes yes yes yes yes yes yes no no no no
/studies/new/  yes yes yes yes yes yes yes no no no no
/studies/{study}/  own own own own own own own no no no no
/studies/{study}/villages/  own own own own own own own no no no no
/studies/{study}/indicators/  own own own own own own own no no no no
/studies/{study}/theory/  own own own own own own own no no no no
/studies/{study}/assumptions/  own own own own own own own no no no no
/studies/{study}/cost/  own own own own own own own no no no no
/studies/{study}/plan/  own own own own own own own no no no no
/studies/{study}/readings/  own own own own own own own no no no no
/studies/{study}/report.pdf  own own own own own own own no no no no
/studies/{study}/report/  own own own own own own own no no no no
/studies/{study}/report/relevance/  own own own own own own own no no no no
/knowledge/  open
/knowledge/search.json?q=rice  open
/knowledge/practices.csv  open
/knowledge/practices.jsonld  open
/knowledge/practices/{practice}/  open
/knowledge/practices/{practice}/jsonld/  open
/knowledge/practices/{practice}/files/{attachment}/  open
/knowledge/experts.csv  open
/knowledge/experts.jsonld  open
/knowledge/experts/{expert}/  open
/knowledge/experts/{expert}/jsonld/  open
/knowledge/experts/{expert}/ask/  no  yes  no  yes  yes  yes  no  no  no  no  no
/knowledge/oai/          open
/knowledge/claim/nothing/  open
/knowledge/questions/    yes  yes  yes  yes  yes  yes  no  no  no  no  no
/knowledge/questions/{referral}/  own  own  own  own  own  own  no  no  no  no  no
/knowledge/mine/         no  no  no  no  no  no  no  no  no  no  no
/knowledge/mine/export/  no  no  no  no  no  no  no  no  no  no  no
/knowledge/mine/practices/new/  no  no  no  no  no  no  no  no  no  yes  no
/knowledge/mine/practices/{practice}/  no  no  no  no  no  no  no  no  no  none  no
/knowledge/curate/       no  no  no  no  no  no  no  no  no  yes  no
/knowledge/curate/new/   no  no  no  no  no  no  no  no  no  yes  no
/knowledge/curate/experts/{expert}/  no  no  no  no  no  no  no  no  no  yes  no
/forum/  open
/forum/{forum}/  open
/forum/{forum}/register/  open
/forum/door/  open
/forum/door/door.js  open
/forum/door/people  device
/forum/door/scans  device
/forum/delegation/nothing/  link
/forum/me/nothing/  link
/forum/me/nothing/badge/  link
/forum/me/nothing/opening/  link
/forum/me/nothing/opening/live  link
/forum/{forum}/call/  open
/forum/entry/nothing/  link
/forum/review/nothing/  link
/forum/entry/nothing/1  link
/forum/review/nothing/1/  link
/forum/review/nothing/1/1  link
/forum/office/{forum}/entries/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/entries/1/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/entries/1/1  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/reviewers/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/letters/  no  no  no  no  no  no  no  no  no  no  own
/forum/{forum}/programme/  open
/forum/{forum}/programme.ics  open
/forum/{forum}/schedule.json  open
/forum/{forum}/event.jsonld  open
/forum/office/{forum}/programme/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/programme/opening/  no  no  no  no  no  no  no  no  no  no  own
/forum/{forum}/commitments/  open
/forum/{forum}/proceedings/  open
/forum/partner/nothing/  link
/forum/office/{forum}/commitments/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/commitments/1/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/after/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/  no  no  no  no  no  no  no  no  no  no  yes
/forum/office/new/  no  no  no  no  no  no  no  no  no  no  yes
/forum/office/{forum}/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/people/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/delegations/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/badges/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/doors/  no  no  no  no  no  no  no  no  no  no  own
/forum/office/{forum}/live/opening/  no  no  no  no  no  no  no  no  no  no  own
/phones/                 yes     yes       yes     yes      yes    yes      no      no      no     no     no
/phones/devices/         yes     yes       yes     yes      yes    yes      no      no      no     no     no
/phones/file/            yes     yes       yes     yes      yes    yes      no      no      no     no     no
/phones/xlsforms/        yes     yes       yes     yes      yes    yes      no      no      no     no     no
/phones/xlsforms/{taken}/fill/  own  own   own      own     own    own      no      no      no     no     no
/phones/xlsforms/{taken}/  own   own       own     own      own    own      no      no      no     no     no
/phones/conflicts/{conflict}/ form    form      form    form     form   form     no      no      no     no     no
/phones/forms/{form}/    form    form      form    form     form   form     no      no      no     no     no
/field/  open
/field/sw.js  open
/field/field.css  open
/field/js/app.js  open
/field/words/en.json  open
/field/manifest.webmanifest  open
/field/enrol             form    form    form    form    form    form    form    form    form     form     form
/field/bundle  device
/field/cards  device
/field/submission  device
/field/d/nothing/formList  collect
/field/d/nothing/submission  collect
/field/d/nothing/integrity  collect
/field/d/nothing/forms/visit-demo-cn.xml  collect
/field/d/nothing/forms/visit-demo-cn/manifest  collect
/field/d/nothing/forms/visit-demo-cn/households.csv  collect
/uploads/{upload}/       own     own       own     own      own    own      no      no      no     no     no
/feeds/rows/             no      no        no      no       yes    no       no      no      no     no     no
/feeds/rows/medical/{feed_row}/  no  no    no      no       own    no       no      no      no     no     no
/rulebooks/              yes     yes       yes     yes      yes    yes      yes     yes     yes     yes     yes
/rulebooks/{rulebook}/   yes     yes       yes     yes      yes    yes      yes     yes     yes     yes     yes
/rulebooks/{rulebook}/price/  no  no   no      no       yes    yes      yes     no      no     no     no
/runs/                   no      no        no      no       yes    yes      yes     no      no     no     no
/runs/{run}/             no      no        no      no       own    own      own     no      no     no     no
/events/                 no      no        no      no       no     no       no      yes     no     no     no
/events/accesses/        no      no        no      no       no     no       no      yes     no     no     no
/accounts/               no      no        no      no       no     no       no      no      yes     no     no
"""
"""One answer stands for every role. yes: opens. own: opens for what lies in one's area, and is "not found" for the rest.
none: is "not found" even in one's own area. no: refused. away: leads on to another page. form: answers only to a form that
is sent. open: opens for everybody, also without an account, and shows nothing but the names of areas. device: answers to
the token of a device alone, whoever has signed in. link: opens for whoever holds the signed link alone; any other link is
"not found". collect: the same as device, with the token in the address."""

MARKS = {
    "/clues/": "number, short reason",
    "/clues/cannot-tell/": "number to ask",
    "/clues/no-data/": "number of the silent",
    "/clues/{clue}/": "number, bill",
    "/households/{key}/": "key, name, second name, health, bill",
    "/cases/": "number, number to ask, address of the case",
    "/cases/procedure/": "holidays",
    "/cases/{work}/": "seen at the door, compared, objection for county province",
    "/cases/{work}/contact/": "number",
    "/cases/{work}/steps/{step}/": "number",
    "/cases/{work}/papers/": "number",
    "/cases/{work}/papers/application/": "number, name, identity number, phone, bank account",
    "/cases/{work}/papers/assessment/": "number, name, second name, health, compared, seen at the door",
    "/cases/{work}/papers/file/": "number, name, need, compared",
    "/cases/meetings/": "address of the meeting, why called off",
    "/cases/meetings/call/?village={area}&rulebook={rulebook}&step=appraise": "number of the silent",
    "/cases/meetings/{meeting}/": "number, name, minutes, said at the meeting",
    "/cases/meetings/{called}/": "number, name",
    "/cases/notices/": "number of the notice, address of the notice, why withdrawn",
    "/cases/notices/post/?village={area}&rulebook={rulebook}&step=notice": "number of the silent",
    "/cases/notices/{notice}/": "number, number of the notice, where it hangs, name, objection for township county",
    "/cases/notices/{notice}/print/": "number of the notice, name",
    "/households/{key}/needs/": "need",
    "/needs/": "need",
    "/messages/": "report, complaint",
    "/messages/{message}/": "report, sender",
    "/messages/{complaint}/": "complaint",
    "/support/": "number to ask",
    "/support/loans/": "number to ask",
    "/support/follow-ups/": "number to ask",
    "/support/cases/{case}/": "number to ask",
    "/support/cases/{case}/write/": "number to ask",
    "/support/lines/{line}/": "number to ask",
    "/support/lines/{line}/arrived/": "number to ask",
    "/support/deliveries/{delivery}/evidence/": "evidence",
    "/support/budgets/": "budget",
    "/support/payments/": "batch",
    "/support/payments/{batch}/": "number to ask",
    "/support/payments/{batch}/rejects/": "row sent back",
    "/rounds/": "number, number of the silent",
    "/rounds/plan/": "number, number of the silent",
    "/rounds/never-seen/": "number of the silent",
    "/teams/": "teammate",
    "/teams/plans/{team_plan}/": "teammate",
    "/teams/plans/{team_plan}/withdrawn/": "teammate",
    "/teams/plans/{team_plan}/villages/{seat}/": "teammate",
    "/teams/villages/{seat}/": "teammate",
    "/teams/villages/{seat}/print/": "teammate",
    "/teams/villages/{seat}/handover/": "teammate",
    "/forum/office/{forum}/people/": "guest",
    "/forum/office/{forum}/delegations/": "delegation",
    "/forum/office/{forum}/badges/": "guest",
    "/forum/office/{forum}/entries/": "entry",
    "/forum/office/{forum}/programme/opening/": "guest",
    "/forum/office/{forum}/entries/1/": "entry",
    "/forum/office/{forum}/entries/1/1": "entry",
    "/forum/office/{forum}/reviewers/": "reviewer",
    "/forum/office/{forum}/live/opening/": "asked in a session",
    "/villages/{seat}/": "built",
    "/works/{building}/": "built",
    "/enterprises/{enterprise}/": "built",
    "/assets/": "built",
    "/assets/{asset}/": "built",
    "/projects/": "built",
    "/projects/{project}/": "built",
    "/projects/{project}/iati.xml": "built",
    "/studies/": "built",
    "/studies/{study}/": "built",
    "/studies/{study}/report/": "built",
    "/phones/": "from a phone, number",
    "/phones/xlsforms/{taken}/": "number",
    "/knowledge/questions/": "question",
    "/knowledge/questions/{referral}/": "question",
    "/uploads/{upload}/": "recording",
    "/feeds/rows/": "address of the row",
    "/feeds/rows/medical/{feed_row}/": "number, name",
    "/runs/": "run",
    "/events/accesses/": "key",
}
"""What must be seen of one's own area, there or after one of the `QUERIES`: by all who open it and may read this kind of
mark (`reads`), or by those of them who are named."""

QUERIES = {
    "/clues/": ["format=csv", "area={area}", "area={area}&format=csv", "show=new&sort=-household", "page=99"],
    "/clues/cannot-tell/": ["format=csv", "area={area}", "area={area}&format=csv"],
    "/clues/no-data/": ["format=csv", "area={area}", "area={area}&format=csv"],
    "/cases/": [
        "show=others",
        "show=monitored",
        "format=csv",
        "show=others&format=csv",
        "area={area}",
        "show=overdue&area={area}",
    ],
    "/cases/board/": ["format=csv", "area={area}", "area={area}&format=csv", "months=36&parts=1"],
    "/cases/procedure/": ["area={area}", "area={county}"],
    "/cases/{work}/steps/{step}/": ["outcome=applied"],
    "/cases/meetings/": ["show=held", "show=off", "area={area}", "area={area}&show=held"],
    "/cases/notices/": ["show=hanging", "show=withdrawn", "area={area}", "area={area}&show=withdrawn"],
    "/messages/": ["area={area}", "show=answered", "kind=report"],
    "/messages/{message}/": ["household={key}"],
    "/needs/": ["area={area}", "show=answer"],
    "/support/": ["area={area}", "show=overdue"],
    "/support/loans/": ["area={area}", "show=overdue"],
    "/support/follow-ups/": ["show=overdue", "area={area}", "area={area}&show=overdue"],
    "/support/budgets/": ["year=2026"],
    "/rounds/": [
        "show=answered",
        "area={area}",
        "area={area}&show=answered",
        "format=csv",
        "area={area}&format=csv",
    ],
    "/rounds/plan/": [
        "show=all&area={area}",
        "show=all&area={county}",
        "show=late&area={area}",
        "show=all&area={area}&format=csv",
        "show=all&area={area}&visitor=1",
    ],
    "/rounds/never-seen/": ["area={area}", "page=99"],
    "/rounds/missed/": ["area={area}", "area={area}&format=csv"],
    "/rounds/draw/": ["area={area}", "area={area}&rulebook={rulebook}&seed=1&percent=5"],
    "/teams/": ["page=99"],
    "/teams/plans/{team_plan}/": ["show=lacking"],
    "/teams/plans/{team_plan}/withdrawn/": ["q=Posted"],
    "/teams/plans/{team_plan}/villages/{seat}/": ["who=Posted"],
    "/forum/office/{forum}/people/": ["q=Guest", "format=csv", "status=accepted"],
    "/forum/office/{forum}/badges/": ["new=1", "old=1"],
    "/forum/office/{forum}/entries/": ["format=csv"],
    "/forum/office/{forum}/entries/1/1": ["shown=1"],
    "/forum/office/{forum}/reviewers/": ["q=Institute"],
    "/knowledge/": [
        "q=rice",
        "cause=illness",
        "q=rice&show=people",
        "lang=km",
        "country=LA&evidence=monitored",
    ],
    "/knowledge/oai/": ["verb=ListRecords&metadataPrefix=oai_dc", "verb=Identify"],
    "/knowledge/experts/{expert}/ask/": ["cause=illness&practice={practice}"],
    "/report/": ["place={area}"],
    "/report/report/": ["place={area}", "in={area}"],
    "/events/": ["format=csv", "kind=signals.screen"],
    "/events/accesses/": ["subject={key}"],
    "/accounts/": ["role=county_officer"],
}
"""Questions after an address that change what it shows; each is asked about one's own area and about the neighbour."""

ROUTES = {
    "/feeds/rows/<str:feed>/<str:review>/": "/feeds/rows/medical/{feed_row}/",
    "/areas/<str:code>/": "/areas/{code}/",
    "/areas/<str:code>/needs/": "/areas/{code}/needs/",
    "/clues/<int:number>/": "/clues/{clue}/",
    "/households/<str:key>/": "/households/{key}/",
    "/uploads/<str:digest>/": "/uploads/{upload}/",
    "/rulebooks/<str:name>/": "/rulebooks/{rulebook}/",
    "/rulebooks/<str:name>/price/": "/rulebooks/{rulebook}/price/",
    "/runs/<int:number>/": "/runs/{run}/",
    "/cases/from-clue/<int:clue>/": "/cases/from-clue/{clue}/",
    "/cases/<int:number>/": "/cases/{work}/",
    "/cases/<int:number>/contact/": "/cases/{work}/contact/",
    "/cases/<int:number>/steps/<str:step>/": "/cases/{work}/steps/{step}/",
    "/cases/<int:number>/papers/": "/cases/{work}/papers/",
    "/cases/<int:number>/papers/<str:kind>/": (
        "/cases/{work}/papers/application/ /cases/{work}/papers/assessment/ /cases/{work}/papers/file/"
    ),
    "/cases/meetings/call/": "/cases/meetings/call/?village={area}&rulebook={rulebook}&step=appraise",
    "/cases/meetings/<int:number>/": "/cases/meetings/{meeting}/ /cases/meetings/{called}/",
    "/cases/notices/post/": "/cases/notices/post/?village={area}&rulebook={rulebook}&step=notice",
    "/cases/notices/<int:number>/": "/cases/notices/{notice}/",
    "/cases/notices/<int:number>/print/": "/cases/notices/{notice}/print/",
    "/households/<str:key>/needs/": "/households/{key}/needs/",
    "/messages/<int:number>/": "/messages/{message}/ /messages/{complaint}/",
    "/report/<str:kind>/": "/report/report/ /report/objection/ /report/grievance/",
    "/phones/conflicts/<int:number>/": "/phones/conflicts/{conflict}/",
    "/phones/forms/<int:number>/": "/phones/forms/{form}/",
    "/phones/xlsforms/<int:number>/": "/phones/xlsforms/{taken}/",
    "/phones/xlsforms/<int:number>/fill/": "/phones/xlsforms/{taken}/fill/",
    "/field/js/<str:name>": "/field/js/app.js",
    "/field/words/<str:language>.json": "/field/words/en.json",
    "/field/d/<str:token>/formList": "/field/d/nothing/formList",
    "/field/d/<str:token>/submission": "/field/d/nothing/submission",
    "/field/d/<str:token>/integrity": "/field/d/nothing/integrity",
    "/field/d/<str:token>/forms/<str:form_id>.xml": "/field/d/nothing/forms/visit-demo-cn.xml",
    "/field/d/<str:token>/forms/<str:form_id>/manifest": "/field/d/nothing/forms/visit-demo-cn/manifest",
    "/field/d/<str:token>/forms/<str:form_id>/<str:name>.csv": "/field/d/nothing/forms/visit-demo-cn/households.csv",
    "/knowledge/search.json": "/knowledge/search.json?q=rice",
    "/knowledge/practices.<str:kind>": "/knowledge/practices.csv /knowledge/practices.jsonld",
    "/knowledge/practices/<slug:code>/": "/knowledge/practices/{practice}/",
    "/knowledge/mine/practices/<slug:code>/": "/knowledge/mine/practices/{practice}/",
    "/knowledge/practices/<slug:code>/jsonld/": "/knowledge/practices/{practice}/jsonld/",
    "/knowledge/practices/<slug:code>/files/<int:number>/": "/knowledge/practices/{practice}/files/{attachment}/",
    "/knowledge/experts.<str:kind>": "/knowledge/experts.csv /knowledge/experts.jsonld",
    "/knowledge/experts/<slug:code>/": "/knowledge/experts/{expert}/",
    "/knowledge/experts/<slug:code>/jsonld/": "/knowledge/experts/{expert}/jsonld/",
    "/knowledge/experts/<slug:code>/ask/": "/knowledge/experts/{expert}/ask/",
    "/knowledge/questions/<int:number>/": "/knowledge/questions/{referral}/",
    "/knowledge/curate/experts/<slug:code>/": "/knowledge/curate/experts/{expert}/",
    "/knowledge/claim/<str:token>/": "/knowledge/claim/nothing/",
    "/teams/plans/<int:number>/": "/teams/plans/{team_plan}/",
    "/teams/plans/<int:number>/withdrawn/": "/teams/plans/{team_plan}/withdrawn/",
    "/teams/plans/<int:number>/compare/": "/teams/plans/{team_plan}/compare/",
    "/teams/plans/<int:number>/villages/<str:code>/": "/teams/plans/{team_plan}/villages/{seat}/",
    "/teams/villages/<str:code>/": "/teams/villages/{seat}/",
    "/teams/villages/<str:code>/print/": "/teams/villages/{seat}/print/",
    "/teams/villages/<str:code>/handover/": "/teams/villages/{seat}/handover/",
    "/forum/entry/<str:link>/": "/forum/entry/nothing/",
    "/forum/entry/<str:link>/<int:number>": "/forum/entry/nothing/1",
    "/forum/review/<str:link>/": "/forum/review/nothing/",
    "/forum/review/<str:link>/<int:number>/": "/forum/review/nothing/1/",
    "/forum/review/<str:link>/<int:number>/<int:file>": "/forum/review/nothing/1/1",
    "/forum/office/<slug:code>/entries/": "/forum/office/{forum}/entries/",
    "/forum/office/<slug:code>/entries/<int:entry_number>/": "/forum/office/{forum}/entries/1/",
    "/forum/office/<slug:code>/entries/<int:entry_number>/<int:number>": "/forum/office/{forum}/entries/1/1",
    "/forum/office/<slug:code>/reviewers/": "/forum/office/{forum}/reviewers/",
    "/forum/office/<slug:code>/letters/": "/forum/office/{forum}/letters/",
    "/forum/<slug:code>/call/": "/forum/{forum}/call/",
    "/forum/<slug:code>/programme/": "/forum/{forum}/programme/",
    "/forum/<slug:code>/programme.ics": "/forum/{forum}/programme.ics",
    "/forum/<slug:code>/schedule.json": "/forum/{forum}/schedule.json",
    "/forum/<slug:code>/event.jsonld": "/forum/{forum}/event.jsonld",
    "/forum/office/<slug:code>/programme/": "/forum/office/{forum}/programme/",
    "/forum/office/<slug:code>/programme/<slug:session>/": "/forum/office/{forum}/programme/opening/",
    "/forum/partner/<str:link>/": "/forum/partner/nothing/",
    "/forum/<slug:code>/commitments/": "/forum/{forum}/commitments/",
    "/forum/<slug:code>/proceedings/": "/forum/{forum}/proceedings/",
    "/forum/office/<slug:code>/commitments/": "/forum/office/{forum}/commitments/",
    "/forum/office/<slug:code>/commitments/<int:commitment>/": "/forum/office/{forum}/commitments/1/",
    "/forum/office/<slug:code>/after/": "/forum/office/{forum}/after/",
    "/forum/door/<str:name>": "/forum/door/door.js",
    "/forum/delegation/<str:link>/": "/forum/delegation/nothing/",
    "/forum/me/<str:link>/": "/forum/me/nothing/",
    "/forum/me/<str:link>/badge/": "/forum/me/nothing/badge/",
    "/forum/me/<str:link>/<slug:code>/": "/forum/me/nothing/opening/",
    "/forum/me/<str:link>/<slug:code>/live": "/forum/me/nothing/opening/live",
    "/forum/office/<slug:code>/": "/forum/office/{forum}/",
    "/forum/office/<slug:code>/people/": "/forum/office/{forum}/people/",
    "/forum/office/<slug:code>/delegations/": "/forum/office/{forum}/delegations/",
    "/forum/office/<slug:code>/badges/": "/forum/office/{forum}/badges/",
    "/forum/office/<slug:code>/doors/": "/forum/office/{forum}/doors/",
    "/forum/office/<slug:code>/live/<slug:session>/": "/forum/office/{forum}/live/opening/",
    "/forum/<slug:code>/": "/forum/{forum}/",
    "/forum/<slug:code>/register/": "/forum/{forum}/register/",
    "/villages/<str:code>/": "/villages/{seat}/",
    "/villages/<str:code>/write/<str:what>/": "/villages/{seat}/write/work/",
    "/works/<int:number>/": "/works/{building}/",
    "/works/photos/<int:number>/": "/works/photos/{photo}/",
    "/enterprises/<int:number>/": "/enterprises/{enterprise}/",
    "/assets/<int:number>/": "/assets/{asset}/",
    "/projects/<str:code>/": "/projects/{project}/",
    "/projects/<str:code>/write/<str:what>/": "/projects/{project}/write/group/",
    "/projects/<str:code>/roles/": "/projects/{project}/roles/",
    "/projects/<str:code>/sheet.pdf": "/projects/{project}/sheet.pdf",
    "/villages/<str:code>/sheet.pdf": "/villages/{seat}/sheet.pdf",
    "/projects/<str:code>/figures.csv": "/projects/{project}/figures.csv",
    "/projects/<str:code>/iati.xml": "/projects/{project}/iati.xml",
    "/studies/<int:number>/": "/studies/{study}/",
    "/studies/<int:number>/report/<str:name>/": "/studies/{study}/report/relevance/",
    "/studies/<int:number>/villages/": "/studies/{study}/villages/",
    "/studies/<int:number>/indicators/": "/studies/{study}/indicators/",
    "/studies/<int:number>/theory/": "/studies/{study}/theory/",
    "/studies/<int:number>/assumptions/": "/studies/{study}/assumptions/",
    "/studies/<int:number>/cost/": "/studies/{study}/cost/",
    "/studies/<int:number>/plan/": "/studies/{study}/plan/",
    "/studies/<int:number>/readings/": "/studies/{study}/readings/",
    "/studies/<int:number>/report.pdf": "/studies/{study}/report.pdf",
    "/studies/<int:number>/report/": "/studies/{study}/report/",
    "/support/cases/<int:number>/": "/support/cases/{case}/",
    "/support/cases/<int:number>/write/": "/support/cases/{case}/write/",
    "/support/lines/<int:number>/": "/support/lines/{line}/",
    "/support/lines/<int:number>/arrived/": "/support/lines/{line}/arrived/",
    "/support/deliveries/<int:number>/evidence/": "/support/deliveries/{delivery}/evidence/",
    "/support/payments/<int:number>/": "/support/payments/{batch}/",
    "/support/payments/<int:number>/file/": "/support/payments/{batch}/file/",
    "/support/payments/<int:number>/rejects/": "/support/payments/{batch}/rejects/",
}
"""The addresses of the table by which the walk opens a route that asks for a word or a number."""

STATUS = {
    "yes": 200,
    "own": 200,
    "none": 404,
    "no": 403,
    "away": 302,
    "form": 405,
    "open": 200,
    "device": 401,
    "collect": 403,
    "link": 404,
}

TELLS_OF_OTHERS = ("/areas/{code}/needs/", "/needs-near-me/")
"""Pages that tell counts of the areas around in bands of ten or more, and so name them."""

NEVER = ("identity number", "phone", "bank account")
"""Kinds of marks that no page shows but the one paper that a household signs."""

OF_PERSONS = ("name", "second name", "health", "sender", *NEVER)
"""Kinds of marks that only those see who go to a household or decide about it."""

OF_FORUMS = ("guest", "delegation", "asked in a session", "entry", "reviewer")
"""Kinds of marks of a forum's people: only its organisers read them."""

OF_COUNTIES = ("holidays", "budget", "batch", "row sent back", "run")
"""Kinds of marks that no household stands behind: whoever opens their page sees them."""

ALWAYS_OPEN = ("/", "/language/", "/sign-in/", "/sign-out/", "/area/", "/field/enrol")
"""What somebody who signed in opens without a grant."""

COLUMNS = dict(
    zip(
        "village secretary contact township county province analyst auditor operator curator organiser".split(),
        Role,
        strict=True,
    )
)


@dataclass(frozen=True)
class Door:
    """One row of the table."""

    address: str
    answers: dict[Role, str]
    marks: dict[str, set[Role]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it asks nobody to sign in."""
        return bool({"open", "collect", "link"} & set(self.answers.values())) or self.of_device

    @property
    def of_device(self) -> bool:
        return "device" in self.answers.values()

    def about(self, example: dict[str, Any]) -> list[str]:
        """The address about these things, plain and with every question."""
        path = self.address.format(**example)
        return [path, *(f"{path}?{query.format(**example)}" for query in QUERIES.get(self.address, []))]


def _doors() -> dict[str, Door]:
    heading, *rows = (row.split() for row in DOORS.strip().splitlines())
    roles = [COLUMNS[name] for name in heading[1:]]
    doors = {}
    for address, *answers in rows:
        each = answers * len(roles) if len(answers) == 1 else answers
        doors[address] = Door(address, dict(zip(roles, each, strict=True)), _marks(MARKS.get(address, "")))
    return doors


def _marks(text: str) -> dict[str, set[Role]]:
    """Each kind of mark with the roles that must see it; nobody else may see it behind this door."""
    found = {}
    for mark in filter(None, text.split(", ")):
        kind, _for, names = mark.partition(" for ")
        roles = {COLUMNS[name] for name in names.split()} if names else set(Role)
        found[kind] = {role for role in roles if reads(role, kind)}
    return found


def reads(role: Role, kind: str) -> bool:
    """Whether a role may read this kind of mark of its own area at all."""
    if kind in OF_COUNTIES:
        return True
    if kind == "built":
        return Sight.WORKS in SEES[role]
    if kind in OF_FORUMS:
        return Sight.FORUM in SEES[role]
    if kind in OF_PERSONS:
        return Sight.PROTECTED in SEES[role]
    if kind in ("complaint", "address of the complaint"):
        return Sight.OBJECTORS in SEES[role]
    if kind == "objection":
        return Sight.OBJECTORS in SEES[role] or role in ANSWERERS
    # Auditors see pseudonyms, in their logs alone.
    return Sight.HOUSEHOLDS in SEES[role] or (role == Role.AUDITOR and kind.startswith("key"))


TABLE = _doors()


def routes(resolver: URLResolver | None = None, above: str = "/") -> Iterator[str]:
    """Every address that the office knows."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield above + str(pattern.pattern)
        else:
            yield from routes(pattern, above + str(pattern.pattern))


def known_addresses() -> set[str]:
    """Every address that the office knows, as the table writes it."""
    return {address for route in routes() for address in ROUTES.get(route, route).split()}
