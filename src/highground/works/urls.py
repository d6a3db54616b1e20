from django.urls import path

from highground.works.pages import acting, cooperation, designing, projects, studies, villages

app_name = "works"
urlpatterns = [
    path("villages/", villages.villages, name="villages"),
    path("villages/import/", villages.import_readings, name="services"),
    path("villages/<str:code>/", villages.village, name="village"),
    path("villages/<str:code>/sheet.pdf", villages.village_pdf, name="village_pdf"),
    path("villages/<str:code>/write/<str:what>/", villages.write, name="write"),
    path("works/<int:number>/", acting.work, name="work"),
    path("works/photos/<int:number>/", acting.photo, name="photo"),
    path("enterprises/<int:number>/", acting.enterprise, name="enterprise"),
    path("assets/", acting.assets, name="assets"),
    path("assets/<int:number>/", acting.asset, name="asset"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<str:code>/", projects.project, name="project"),
    path("projects/<str:code>/write/<str:what>/", cooperation.write, name="write_project"),
    path("projects/<str:code>/roles/", cooperation.roles, name="project_roles"),
    path("projects/<str:code>/sheet.pdf", projects.project_pdf, name="project_pdf"),
    path("projects/<str:code>/figures.csv", projects.project_csv, name="project_csv"),
    path("projects/<str:code>/iati.xml", projects.project_iati, name="project_iati"),
    path("studies/", studies.studies, name="studies"),
    path("studies/new/", studies.start, name="start_study"),
    path("studies/<int:number>/", studies.study, name="study"),
    path("studies/<int:number>/villages/", designing.villages, name="study_villages"),
    path("studies/<int:number>/indicators/", designing.indicators, name="study_indicators"),
    path("studies/<int:number>/theory/", designing.theory, name="study_theory"),
    path("studies/<int:number>/assumptions/", designing.assumptions, name="study_assumptions"),
    path("studies/<int:number>/cost/", designing.cost, name="study_cost"),
    path("studies/<int:number>/plan/", designing.plan, name="study_plan"),
    path("studies/<int:number>/readings/", designing.readings, name="study_readings"),
    path("studies/<int:number>/report/", studies.report, name="study_report"),
    path("studies/<int:number>/report.pdf", studies.report_pdf, name="report_pdf"),
    path("studies/<int:number>/report/<str:name>/", designing.criterion, name="criterion"),
]
