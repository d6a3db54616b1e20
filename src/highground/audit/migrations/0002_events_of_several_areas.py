"""An event may touch several areas. Events from before keep their hash: one of a single area hashes as it always did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="also_in",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
