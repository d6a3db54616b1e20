from django.urls import path

from highground.cases import (
    board,
    case_page,
    contact_page,
    from_clue,
    meeting_pages,
    notice_pages,
    pages,
    paper_pages,
    procedure_pages,
    step_page,
)

app_name = "cases"
urlpatterns = [
    path("cases/", pages.inbox, name="inbox"),
    path("cases/board/", board.board, name="board"),
    path("cases/from-clue/<int:clue>/", from_clue.open_from_clue, name="open"),
    path("cases/<int:number>/", case_page.case, name="case"),
    path("cases/<int:number>/contact/", contact_page.contact, name="contact"),
    path("cases/<int:number>/steps/<str:step>/", step_page.step, name="step"),
    path("cases/<int:number>/papers/", paper_pages.papers, name="papers"),
    path("cases/<int:number>/papers/<str:kind>/", paper_pages.paper, name="paper"),
    path("cases/meetings/", meeting_pages.meetings, name="meetings"),
    path("cases/meetings/call/", meeting_pages.call, name="call_meeting"),
    path("cases/meetings/<int:number>/", meeting_pages.meeting, name="meeting"),
    path("cases/notices/", notice_pages.notices, name="notices"),
    path("cases/notices/post/", notice_pages.post, name="post_notice"),
    path("cases/notices/<int:number>/", notice_pages.notice, name="notice"),
    path("cases/notices/<int:number>/print/", notice_pages.sheet, name="sheet"),
    path("cases/procedure/", procedure_pages.procedure, name="procedure"),
]
