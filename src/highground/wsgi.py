"""What a web server calls: `granian --interface wsgi highground.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")

application = get_wsgi_application()


def _settle() -> None:
    """Read in what every answer needs, and keep it out of the collector's way.

    Modules and routes stay as long as the process. Looked through again and again they would cost a large page a tenth
    of a second each time that the collector passes.
    """
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()


_settle()
