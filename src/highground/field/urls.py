"""Addresses of the phone. Those that a device calls end without a slash."""

from django.urls import path

from highground.field import handed_in, office_pages, pages
from highground.field.forms import filling_page
from highground.field.forms import pages as form_pages
from highground.field.openrosa import pages as collect

app_name = "field"
urlpatterns = [
    path("phones/", office_pages.from_phones, name="from_phones"),
    path("phones/devices/", office_pages.devices, name="devices"),
    path("phones/file/", handed_in.hand_in, name="hand_in"),
    path("phones/conflicts/<int:number>/", office_pages.decide, name="decide"),
    path("phones/forms/<int:number>/", office_pages.looked_at, name="looked_at"),
    path("phones/xlsforms/", form_pages.forms_by_others, name="forms"),
    path("phones/xlsforms/<int:number>/", form_pages.form, name="form"),
    path("phones/xlsforms/<int:number>/fill/", filling_page.fill, name="fill"),
    path("field/", pages.shell, name="shell"),
    path("field/sw.js", pages.part, {"name": "sw.js"}, name="worker"),
    path("field/field.css", pages.part, {"name": "field.css"}, name="style"),
    path("field/js/<str:name>", pages.part, name="part"),
    path("field/words/<str:language>.json", pages.words, name="words"),
    path("field/manifest.webmanifest", pages.manifest, name="manifest"),
    path("field/enrol", pages.enrol, name="enrol"),
    path("field/bundle", pages.bundle, name="bundle"),
    path("field/cards", pages.cards, name="cards"),
    path("field/submission", pages.submission, name="submission"),
    path("field/d/<str:token>/formList", collect.form_list, name="collect_forms"),
    path("field/d/<str:token>/forms/<str:form_id>.xml", collect.form, name="collect_form"),
    path("field/d/<str:token>/forms/<str:form_id>/manifest", collect.manifest, name="collect_manifest"),
    path("field/d/<str:token>/forms/<str:form_id>/<str:name>.csv", collect.file, name="collect_file"),
    path("field/d/<str:token>/integrity", collect.integrity, name="collect_integrity"),
    path("field/d/<str:token>/submission", collect.submission, name="collect_submission"),
]
