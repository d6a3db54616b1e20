from django.urls import path

from highground.signals import clue_page, household_page, pages, rulebook_pages, run_pages, unnumbered_pages

app_name = "signals"
urlpatterns = [
    path("clues/", pages.clues, name="clues"),
    path("clues/cannot-tell/", pages.cannot_tell, name="cannot_tell"),
    path("clues/no-data/", pages.no_data, name="no_data"),
    path("clues/<int:number>/", clue_page.clue, name="clue"),
    path("households/<str:key>/", household_page.household, name="household"),
    path("feeds/rows/", unnumbered_pages.unnumbered, name="unnumbered"),
    path("feeds/rows/<str:feed>/<str:review>/", unnumbered_pages.unnumbered_row, name="unnumbered_row"),
    path("rulebooks/", rulebook_pages.rulebooks, name="rulebooks"),
    path("rulebooks/<str:name>/", rulebook_pages.rulebook, name="rulebook"),
    path("rulebooks/<str:name>/price/", rulebook_pages.rulebook_price, name="price"),
    path("runs/", run_pages.runs, name="runs"),
    path("runs/<int:number>/", run_pages.run, name="run"),
]
