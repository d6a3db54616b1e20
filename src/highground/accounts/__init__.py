"""The people who use Highground: who they are, which role they hold, in which area and for how long.

For a page of a room above: `access.sees(Sight.X)` is its door and `access.shown_to(Sight.X)` its entry's in the
navigation; `shell.area_in_view(request)` is the area it starts from; `Model.objects.visible_to(request.user)`
gives its rows. Tests find a small country with people in `tests/support/places.py`, and the checks that every
page must pass in `tests/support/pages.py`.
"""
