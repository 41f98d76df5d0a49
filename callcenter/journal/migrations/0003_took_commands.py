from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_initial")]

    operations = [
        migrations.AddField(
            "connection",
            "took_commands",
            models.BooleanField(default=False, editable=False, help_text="A socket that takes commands was open some time."),
        ),
    ]
