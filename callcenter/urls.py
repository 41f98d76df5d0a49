"""Every HTTP address of the console; each package lists its own."""

from django.contrib import admin
from django.urls import include, path

from callcenter.api import health, metrics
from callcenter.operators.signing import SignIn, SignOut

urlpatterns = [
    # Before the admin's own, so that whoever comes and goes there is in the audit trail too.
    path("admin/login/", SignIn.as_view()),
    path("admin/logout/", admin.site.admin_view(SignOut.as_view())),
    path("admin/", admin.site.urls),
    path("login/", SignIn.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("api/v1/", include("callcenter.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("callcenter.ingest.urls")),
    path("", include("callcenter.console.urls")),
]
