from django.urls import path

from highground.forum.pages import door, person, public, register
from highground.forum.pages.office import days, live, people, start

app_name = "forum"
urlpatterns = [
    path("forum/", public.forums, name="forums"),
    path("forum/door/", door.shell, name="door"),
    path("forum/door/people", door.people, name="door_people"),
    path("forum/door/scans", door.scans, name="door_scans"),
    path("forum/door/<str:name>", door.part, name="door_part"),
    path("forum/delegation/<str:link>/", register.delegation_page, name="delegation"),
    path("forum/me/<str:link>/", person.person_page, name="person"),
    path("forum/me/<str:link>/badge/", person.badge_page, name="badge"),
    path("forum/me/<str:link>/<slug:code>/", person.session_page, name="session"),
    path("forum/me/<str:link>/<slug:code>/live", person.live, name="live"),
    path("forum/office/", start.office, name="office"),
    path("forum/office/<slug:code>/", start.overview, name="overview"),
    path("forum/office/<slug:code>/people/", people.people, name="people"),
    path("forum/office/<slug:code>/delegations/", people.delegations, name="delegations"),
    path("forum/office/<slug:code>/badges/", days.badges, name="badges"),
    path("forum/office/<slug:code>/doors/", days.doors, name="doors"),
    path("forum/office/<slug:code>/live/<slug:session>/", live.queue, name="queue"),
    path("forum/<slug:code>/", public.forum_page, name="forum"),
    path("forum/<slug:code>/register/", register.register_page, name="register"),
]
