from django.urls import path

from highground.teams.pages import force, plan, plans, team, village

app_name = "teams"
urlpatterns = [
    path("teams/", force.in_force, name="in_force"),
    path("teams/plans/", plans.plans, name="plans"),
    path("teams/import/", plans.import_files, name="import"),
    path("teams/plans/<int:number>/", plan.plan, name="plan"),
    path("teams/plans/<int:number>/withdrawn/", plan.withdraw, name="withdraw"),
    path("teams/plans/<int:number>/compare/", plan.compare, name="compare"),
    path("teams/plans/<int:number>/villages/<str:code>/", village.planned_team, name="planned_team"),
    path("teams/villages/<str:code>/", team.village_team, name="village_team"),
    path("teams/villages/<str:code>/print/", team.team_sheet, name="sheet"),
    path("teams/villages/<str:code>/handover/", team.handover_sheet, name="handover"),
]
