import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('areas', '0001_initial'),
        ('cases', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='TakenForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_id', models.CharField(max_length=60, verbose_name='form')),
                ('version', models.CharField(max_length=40, verbose_name='version')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('xml', models.TextField()),
                ('workbook_hash', models.CharField(max_length=64)),
                ('mapping', models.JSONField(default=dict)),
                ('beyond', models.JSONField(default=list)),
                ('taken_at', models.DateTimeField(verbose_name='taken in')),
                ('withdrawn_on', models.DateField(blank=True, null=True, verbose_name='withdrawn')),
                ('by', models.CharField(max_length=80)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'form',
                'verbose_name_plural': 'forms',
                'constraints': [models.UniqueConstraint(fields=('area', 'form_id', 'version'), name='taken_form_version_once')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('instance', models.CharField(max_length=80, unique=True)),
                ('form', models.CharField(max_length=60)),
                ('xml', models.TextField()),
                ('area_path', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('applied', 'taken in'), ('conflict', 'taken in, a value to decide'), ('flagged', 'to be looked at')], max_length=10, verbose_name='state')),
                ('problems', models.JSONField(default=list)),
                ('someone_else', models.TextField(blank=True, verbose_name='who else needs a visit')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('seen_by', models.CharField(blank=True, max_length=80, verbose_name='looked at by')),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.device')),
                ('household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.household')),
                ('need', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.need')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.visit')),
                ('taken_form', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='field.takenform')),
            ],
            options={
                'verbose_name': 'submission',
                'verbose_name_plural': 'submissions',
                'indexes': [models.Index(fields=['state', 'received_at'], name='submission_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['applied', 'conflict', 'flagged'])), name='submission_state_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='FormFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('content', models.TextField()),
                ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='field.takenform')),
            ],
            options={
                'verbose_name': 'file of a form',
                'verbose_name_plural': 'files of forms',
                'constraints': [models.UniqueConstraint(fields=('form', 'name'), name='form_file_once')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(max_length=60, verbose_name='fact')),
                ('at_the_door', models.TextField(verbose_name='at the door')),
                ('day', models.DateField(verbose_name='day')),
                ('chosen', models.CharField(blank=True, max_length=8)),
                ('reason', models.TextField(blank=True, verbose_name='why')),
                ('decided_by', models.CharField(blank=True, max_length=80)),
                ('decided_on', models.DateField(null=True)),
                ('at_the_office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.observation')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.household')),
                ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.member')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='field.submission')),
            ],
            options={
                'verbose_name': 'conflict',
                'verbose_name_plural': 'conflicts',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('chosen', ''), ('decided_on__isnull', True)), models.Q(('chosen__in', ['door', 'office']), ('decided_on__isnull', False)), _connector='OR'), name='conflict_is_decided_by_somebody')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='SubmissionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('hash', models.CharField(blank=True, max_length=64)),
                ('problem', models.TextField(blank=True)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='field.submission')),
            ],
            options={
                'verbose_name': 'file of a submission',
                'verbose_name_plural': 'files of submissions',
                'constraints': [models.UniqueConstraint(fields=('submission', 'name'), name='submission_file_once')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
    ]
