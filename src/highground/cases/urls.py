from django.urls import path

from highground.cases import case_page, pages, step_page

app_name = "cases"
urlpatterns = [
    path("cases/", pages.inbox, name="inbox"),
    path("cases/<int:number>/", case_page.case, name="case"),
    path("cases/<int:number>/steps/<str:step>/", step_page.step, name="step"),
]
