from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.deletion import PROTECT


def name_senders(apps, _schema):
    """Whoever the phone acted for sent the form."""
    devices = apps.get_model("accounts", "Device").objects.filter(pk=OuterRef("device"))
    rows = apps.get_model("field", "Submission")._base_manager.filter(sender=None)
    rows.update(sender=Subquery(devices.values("user")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0003_devices"),
        ("field", "0003_who_else_needs_a_visit"),
    ]

    operations = [
        migrations.AddField(
            "submission",
            "sender",
            models.ForeignKey(on_delete=PROTECT, null=True, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(name_senders, migrations.RunPython.noop),
    ]
