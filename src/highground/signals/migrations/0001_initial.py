import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('areas', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RulebookVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.CharField(max_length=64, unique=True)),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('version', models.CharField(max_length=40, verbose_name='version')),
                ('title', models.JSONField(default=dict, verbose_name='title')),
                ('content', models.JSONField()),
                ('synthetic', models.BooleanField(default=False, verbose_name='invented')),
            ],
            options={
                'verbose_name': 'rulebook version',
                'verbose_name_plural': 'rulebook versions',
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('folder', models.CharField(max_length=120, unique=True)),
                ('snapshot', models.CharField(max_length=120)),
                ('counts', models.JSONField(default=dict)),
                ('manifest', models.JSONField(default=dict)),
                ('content_hash', models.CharField(max_length=64)),
                ('seconds', models.FloatField(verbose_name='seconds')),
                ('created_at', models.DateTimeField(verbose_name='when')),
                ('by', models.CharField(max_length=80)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
                ('previous', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
                ('rulebook_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='signals.rulebookversion')),
            ],
            options={
                'verbose_name': 'screening run',
                'verbose_name_plural': 'screening runs',
                'indexes': [models.Index(fields=['rulebook', 'area', '-id'], name='run_last')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='HouseholdVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('class_id', models.CharField(blank=True, max_length=80, verbose_name='class')),
                ('class_verdict', models.CharField(choices=[('yes', 'possible'), ('no', 'no class'), ('cannot_tell', 'cannot tell')], max_length=12, verbose_name='verdict')),
                ('queue', models.CharField(blank=True, choices=[('', 'no queue'), ('cannot_tell', 'cannot tell'), ('unseen', 'in no data')], max_length=12, verbose_name='queue')),
                ('fired', models.JSONField(default=list)),
                ('undecided', models.JSONField(default=list)),
                ('unknown', models.JSONField(default=list)),
                ('missing', models.JSONField(default=list)),
                ('stale', models.JSONField(default=list)),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='people.household')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
            ],
            options={
                'verbose_name': 'household verdict',
                'verbose_name_plural': 'household verdicts',
                'indexes': [models.Index(condition=models.Q(('queue', ''), _negated=True), fields=['queue', 'household'], name='verdict_in_queue')],
                'constraints': [models.UniqueConstraint(fields=('household', 'rulebook'), name='verdict_once'), models.CheckConstraint(condition=models.Q(('class_verdict__in', ['yes', 'no', 'cannot_tell'])), name='class_verdict_is_known'), models.CheckConstraint(condition=models.Q(('queue__in', ['', 'cannot_tell', 'unseen'])), name='verdict_queue_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Clue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('rule', models.CharField(max_length=80, verbose_name='rule')),
                ('kind', models.CharField(choices=[('class', 'possible class'), ('rule', 'another reason to knock')], max_length=8, verbose_name='kind')),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'low'), (2, 'medium'), (3, 'high')], verbose_name='severity')),
                ('status', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=8, verbose_name='status')),
                ('opened_on', models.DateField(verbose_name='opened')),
                ('due_on', models.DateField(verbose_name='visit due')),
                ('stale', models.BooleanField(default=False, verbose_name='can no longer be told')),
                ('evidence', models.JSONField(default=dict)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clues', to='people.household')),
                ('cleared_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
                ('run_last', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
                ('run_opened', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
            ],
            options={
                'verbose_name': 'clue',
                'verbose_name_plural': 'clues',
                'indexes': [models.Index(fields=['status', 'due_on', 'household'], name='clue_by_deadline')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('household', 'rulebook', 'rule'), name='clue_once_open'), models.CheckConstraint(condition=models.Q(('kind__in', ['class', 'rule'])), name='clue_kind_is_known'), models.CheckConstraint(condition=models.Q(('status__in', ['open', 'closed'])), name='clue_status_is_known'), models.CheckConstraint(condition=models.Q(('severity__in', [1, 2, 3])), name='clue_severity_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='AreaTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('households', models.PositiveIntegerField()),
                ('possible', models.PositiveIntegerField()),
                ('cannot_tell', models.PositiveIntegerField()),
                ('unseen', models.PositiveIntegerField()),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
            ],
            options={
                'verbose_name': 'tally of an area',
                'verbose_name_plural': 'tallies of areas',
                'constraints': [models.UniqueConstraint(fields=('area', 'rulebook'), name='tally_once')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.CharField(choices=[('new', 'new'), ('continuing', 'continuing'), ('cleared', 'cleared')], max_length=10, verbose_name='change')),
                ('stale', models.BooleanField(default=False, verbose_name='can no longer be told')),
                ('clue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='sightings', to='signals.clue')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='signals.run')),
            ],
            options={
                'verbose_name': 'sighting',
                'verbose_name_plural': 'sightings',
                'indexes': [models.Index(fields=['run', 'change'], name='sighting_of_run')],
                'constraints': [models.UniqueConstraint(fields=('clue', 'run'), name='sighting_once'), models.CheckConstraint(condition=models.Q(('change__in', ['new', 'continuing', 'cleared'])), name='sighting_change_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
    ]
