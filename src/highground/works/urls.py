from django.urls import path

from highground.works.pages import projects, villages

app_name = "works"
urlpatterns = [
    path("villages/", villages.villages, name="villages"),
    path("villages/<str:code>/", villages.village, name="village"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<str:code>/", projects.project, name="project"),
    path("projects/<str:code>/figures.csv", projects.project_csv, name="project_csv"),
    path("studies/", projects.projects, name="studies"),
    path("assets/", projects.projects, name="assets"),
]
