"""Pages of the console."""

from django.urls import path, register_converter

from callcenter.console import recordings, views


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
    path("calls/", views.history, name="history"),
    path("calls/<call_id:call_uuid>/recordings/<str:recording>/", recordings.recording, name="recording"),
    path("calls/<call_id:call_uuid>/", views.call, name="call"),
]
