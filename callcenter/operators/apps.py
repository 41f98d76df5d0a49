from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "callcenter.operators"
    label = "operators"
    default_auto_field = "django.db.models.BigAutoField"
