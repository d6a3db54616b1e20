"""The office's day of every step, kept beside the moment it was recorded."""

from django.db import migrations, models
from django.utils import timezone

BATCH = 2000


def fill(apps, schema_editor):
    """The local day of each moment, in batches."""
    model = apps.get_model("cases", "CaseStep")
    steps = model._base_manager.using(schema_editor.connection.alias)
    last = 0
    while batch := list(steps.filter(pk__gt=last).order_by("pk").only("pk", "recorded_at")[:BATCH]):
        for one in batch:
            one.entered_on = timezone.localtime(one.recorded_at).date()
        steps.bulk_update(batch, ["entered_on"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_who_wrote_a_verdict_down")]

    operations = [
        migrations.RemoveIndex(model_name="casestep", name="step_entered"),
        migrations.AddField(
            model_name="casestep",
            name="entered_on",
            field=models.DateField(null=True, verbose_name="entered on"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="casestep",
            name="entered_on",
            field=models.DateField(verbose_name="entered on"),
        ),
        migrations.AddIndex(
            model_name="casestep",
            index=models.Index(fields=["case", "entered_on", "day"], name="step_entered"),
        ),
    ]
