from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0003_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="unanswered_since",
            field=models.DateTimeField(help_text="Arrival of the contact's first words that nobody has answered.", null=True),
        ),
    ]
