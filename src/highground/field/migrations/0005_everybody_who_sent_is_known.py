from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import PROTECT


class Migration(migrations.Migration):
    # By itself: PostgreSQL changes no table in the transaction in which its rows were written.

    dependencies = [("field", "0004_who_sent_it")]

    operations = [
        migrations.AlterField(
            "submission",
            "sender",
            models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            "submission",
            "device",
            models.ForeignKey(on_delete=PROTECT, null=True, related_name="+", to="accounts.device"),
        ),
    ]
