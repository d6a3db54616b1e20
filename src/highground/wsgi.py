"""What a web server calls: `granian --interface wsgi highground.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")

application = get_wsgi_application()
