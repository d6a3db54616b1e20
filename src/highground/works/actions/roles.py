"""Roles for one project: given and ended by the officers of all its villages, who hold them for no project themselves."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.actions import NotYourself, end_grant, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import Grant, User
from highground.works.ground import PROJECT_ROLES, WorksError, may_give_roles
from highground.works.held import PROJECT
from highground.works.models import Project
from highground.works.queries.projects import paths_of, roles_for


def _only_officers(project: Project, by: User, today: datetime.date) -> None:
    if not may_give_roles(by, project, today):
        raise WorksError(
            _(
                "Roles for a project are given by a county officer or a province officer of all its villages, or by whoever"
                " runs the installation."
            )
        )


@transaction.atomic
def give_project_role(
    project: Project,
    *,
    username: str,
    role: str,
    valid_to: datetime.date | None,
    by: User,
    today: datetime.date,
) -> Grant:
    """Let somebody who has an account hold a role for this project alone, from today to `valid_to`; one event.

    Raises WorksError for a name that nobody has, for oneself, for a role that sees no villages, for a last day that has
    been, and for a role that the person holds already.
    """
    _only_officers(project, by, today)
    if role not in PROJECT_ROLES:
        raise WorksError(_("Choose a role that sees villages and projects."))
    if valid_to is not None and valid_to < today:
        raise WorksError(_("The last day has been already."))
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise WorksError(
            _("Nobody signs in as %(name)s. Whoever runs the installation adds people.")
            % {"name": username.strip()}
        )
    if roles_for(project, today).filter(user=user, role=role).exists():
        raise WorksError(_("%(name)s holds this role already.") % {"name": user})
    try:
        return grant_role(
            user, role=Role(role), target=(PROJECT, project.code), valid_from=today, valid_to=valid_to, by=str(by.pk),
            seen_in=paths_of(project),
        )  # fmt: skip
    except NotYourself as error:
        raise WorksError(_("Nobody gives a role to themselves. Ask a colleague.")) from error
    except ValidationError as error:
        raise WorksError(" ".join(error.messages)) from error


@transaction.atomic
def end_project_role(project: Project, *, number: int, by: User, today: datetime.date) -> None:
    """Let a role for this project end: yesterday was its last day; one event. Raises WorksError for one not held today."""
    _only_officers(project, by, today)
    grant = roles_for(project, today).filter(pk=number).first()
    if grant is None:
        raise WorksError(_("Nobody holds this role today."))
    end_grant(grant, by=str(by.pk), today=today, seen_in=paths_of(project))
