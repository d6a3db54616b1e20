"""A rulebook's own facts may be on the register, each with what it means."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_authorisation")]

    operations = [
        migrations.CreateModel(
            name="OwnFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("rulebook", models.CharField(max_length=60)),
                ("entry", models.JSONField()),
            ],
        ),
    ]
