"""Pages of the console."""

from django.urls import include, path, register_converter

from callcenter.console import recordings, views
from callcenter.console.calldesk import views as calldesk


class CallId:
    """A provider's id may hold anything, slashes and line breaks included: a row that has no address would break its floor."""

    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CallId, "call_id")

urlpatterns = [
    path("", views.floor, name="floor"),
    path("favicon.ico", views.icon, name="icon"),
    path("", include("callcenter.console.team.urls")),
    path("whatsapp/", include("callcenter.console.whatsapp.urls")),
    path("calls/", views.history, name="history"),
    path("calls/<call_id:call_uuid>/recordings/<str:recording>/", recordings.recording, name="recording"),
    path("calls/<call_id:call_uuid>/give/", calldesk.give, name="call_giving"),
    path("calls/<call_id:call_uuid>/do/<slug:action>/", calldesk.act, name="call_action"),
    path("calls/<call_id:call_uuid>/", views.call, name="call"),
]
