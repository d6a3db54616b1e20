from django.urls import path

from highground.rounds import draw_pages, pages, plan_pages

app_name = "rounds"
urlpatterns = [
    path("rounds/", pages.visits, name="visits"),
    path("rounds/draw/", draw_pages.draw_audit, name="draw"),
    path("rounds/plan/", plan_pages.plan, name="plan"),
    path("rounds/never-seen/", pages.unseen, name="never_seen"),
    path("rounds/missed/", pages.who_is_missed, name="missed"),
]
