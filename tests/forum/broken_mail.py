"""A post office that is closed."""

from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    """Refuses every letter."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError
