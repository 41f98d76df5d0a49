from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="presence",
            name="wrapped_since",
            field=models.DateTimeField(help_text="Since when they wrapped up another call as they took this one.", null=True),
        ),
    ]
