from django.urls import path

from callcenter.api.application import api

urlpatterns = [path("", api.urls)]
