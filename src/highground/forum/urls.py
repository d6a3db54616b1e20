from django.urls import path

from highground.forum.pages import commitments, door, entry, person, programme, public, register, review
from highground.forum.pages.office import after, call, days, letters, live, people, reviewers, session, start
from highground.forum.pages.office import commitments as office_commitments
from highground.forum.pages.office import programme as office_programme

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
    path("forum/partner/<str:link>/", commitments.partner_page, name="partner"),
    path("forum/entry/<str:link>/", entry.entry_page, name="entry"),
    path("forum/entry/<str:link>/<int:number>", entry.file, name="entry_file"),
    path("forum/review/<str:link>/", review.reviewer_page, name="reviewer"),
    path("forum/review/<str:link>/<int:number>/", review.review_page, name="review"),
    path("forum/review/<str:link>/<int:number>/<int:file>", review.file, name="review_file"),
    path("forum/office/", start.office, name="office"),
    path("forum/office/new/", start.new, name="new"),
    path("forum/office/<slug:code>/", start.overview, name="overview"),
    path("forum/office/<slug:code>/people/", people.people, name="people"),
    path("forum/office/<slug:code>/delegations/", people.delegations, name="delegations"),
    path("forum/office/<slug:code>/badges/", days.badges, name="badges"),
    path("forum/office/<slug:code>/doors/", days.doors, name="doors"),
    path("forum/office/<slug:code>/entries/", call.entries, name="entries"),
    path("forum/office/<slug:code>/entries/<int:entry_number>/", call.entry, name="office_entry"),
    path("forum/office/<slug:code>/entries/<int:entry_number>/<int:number>", call.file, name="office_file"),
    path("forum/office/<slug:code>/reviewers/", reviewers.reviewers, name="reviewers"),
    path("forum/office/<slug:code>/letters/", letters.letters, name="letters"),
    path("forum/office/<slug:code>/programme/", office_programme.programme, name="office_programme"),
    path("forum/office/<slug:code>/programme/<slug:session>/", session.session, name="office_session"),
    path("forum/office/<slug:code>/commitments/", office_commitments.commitments, name="office_commitments"),
    path(
        "forum/office/<slug:code>/commitments/<int:commitment>/",
        office_commitments.commitment,
        name="office_commitment",
    ),
    path("forum/office/<slug:code>/after/", after.after, name="after"),
    path("forum/office/<slug:code>/live/<slug:session>/", live.queue, name="queue"),
    path("forum/<slug:code>/", public.forum_page, name="forum"),
    path("forum/<slug:code>/call/", entry.call_page, name="call"),
    path("forum/<slug:code>/programme/", programme.programme, name="programme"),
    path("forum/<slug:code>/programme.ics", programme.calendar, name="calendar"),
    path("forum/<slug:code>/schedule.json", programme.frab, name="frab"),
    path("forum/<slug:code>/event.jsonld", programme.json_ld, name="json_ld"),
    path("forum/<slug:code>/commitments/", commitments.commitments, name="commitments"),
    path("forum/<slug:code>/proceedings/", commitments.proceedings, name="proceedings"),
    path("forum/<slug:code>/register/", register.register_page, name="register"),
]
