from django.urls import path

from highground.cases import case_page, from_clue, pages, step_page

app_name = "cases"
urlpatterns = [
    path("cases/", pages.inbox, name="inbox"),
    path("cases/from-clue/<int:clue>/", from_clue.open_from_clue, name="open"),
    path("cases/<int:number>/", case_page.case, name="case"),
    path("cases/<int:number>/steps/<str:step>/", step_page.step, name="step"),
]
