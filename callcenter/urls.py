"""Every HTTP address of the console; each package lists its own."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(template_name="console/login.html", redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("api/v1/", include("callcenter.api.urls")),
    path("", include("callcenter.ingest.urls")),
    path("", include("callcenter.console.urls")),
]
