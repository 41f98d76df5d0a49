from typing import Any

from django.db import migrations, models


def believe_those_heard(apps: Any, _editor: Any) -> None:
    """Nobody noted who took commands; a bridge on whose socket nothing happens must not be told that it only listens."""
    apps.get_model("journal", "Connection").objects.filter(heard_at__isnull=False).update(took_commands=True)


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="took_commands",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, help_text="A socket that takes commands was open some time."
            ),
        ),
        migrations.RunPython(believe_those_heard, migrations.RunPython.noop),
    ]
