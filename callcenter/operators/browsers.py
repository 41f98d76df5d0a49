"""Every POST of a person is a sign that their browser is there."""

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from callcenter.operators import presence
from callcenter.operators.models import Operator


class NotePresence(MiddlewareMixin):
    """Middleware. Requests without a session, such as those of providers, cost nothing."""

    def process_request(self, request: HttpRequest) -> None:
        if request.method == "POST" and SESSION_KEY in request.session and isinstance(request.user, Operator):
            presence.seen([request.user.pk], timezone.now())
