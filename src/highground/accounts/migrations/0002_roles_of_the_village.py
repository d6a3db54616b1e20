from django.db import migrations, models

BEFORE, NOW = "village_team", "village_worker"
ROLES = [
    ("village_worker", "village worker"),
    ("first_secretary", "first secretary"),
    ("contact_officer", "household contact officer"),
    ("township_officer", "township officer"),
    ("county_officer", "county officer"),
    ("province_officer", "province officer"),
    ("analyst", "analyst"),
    ("auditor", "auditor"),
    ("operator", "administrator"),
]


def forwards(apps, schema_editor):
    apps.get_model("accounts", "Grant").objects.filter(role=BEFORE).update(role=NOW)


def backwards(apps, schema_editor):
    # The version before knew one role in the village.
    village = [NOW, "first_secretary", "contact_officer"]
    apps.get_model("accounts", "Grant").objects.filter(role__in=village).update(role=BEFORE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("grant", "grant_role_is_known"),
        migrations.AlterField(
            "grant", "role", models.CharField(choices=ROLES, max_length=24, verbose_name="role")
        ),
        migrations.RunPython(forwards, backwards),
        migrations.AddConstraint(
            "grant",
            models.CheckConstraint(
                condition=models.Q(role__in=[role for role, _label in ROLES]), name="grant_role_is_known"
            ),
        ),
    ]
