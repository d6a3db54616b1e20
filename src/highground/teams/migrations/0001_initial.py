import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('areas', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('woman', models.BooleanField(verbose_name='woman')),
                ('born', models.PositiveSmallIntegerField(null=True, verbose_name='year of birth')),
                ('occupation', models.CharField(blank=True, max_length=80, verbose_name='occupation')),
                ('skills', models.JSONField(default=list, verbose_name='skills')),
                ('languages', models.JSONField(default=list, verbose_name='languages')),
                ('may_lead', models.BooleanField(verbose_name='qualified as first secretary')),
                ('frail', models.BooleanField(default=False, verbose_name='health keeps from remote villages')),
                ('limit', models.PositiveIntegerField(null=True, verbose_name='at most so many kilometres from home')),
                ('kin', models.JSONField(default=list, verbose_name='villages where kin hold office')),
                ('spouse', models.CharField(blank=True, max_length=40, verbose_name='spouse among the candidates')),
                ('trained', models.JSONField(default=list, verbose_name='training received')),
                ('withdrawn_on', models.DateField(null=True, verbose_name='withdrawn')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='lives in')),
                ('home', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='home village')),
            ],
            options={
                'verbose_name': 'candidate',
                'verbose_name_plural': 'candidates',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('norms', models.CharField(max_length=40, verbose_name='norms')),
                ('weights', models.JSONField(default=dict, verbose_name='weights')),
                ('mode', models.CharField(default='plan', max_length=8)),
                ('pool', models.BooleanField(default=False, verbose_name='one pool')),
                ('pairings', models.JSONField(default=list)),
                ('withdrawn', models.JSONField(default=list)),
                ('status', models.CharField(choices=[('waiting', 'waiting'), ('running', 'being worked out'), ('failed', 'not worked out'), ('draft', 'draft'), ('approved', 'approved'), ('published', 'published')], default='waiting', max_length=10, verbose_name='status')),
                ('share', models.FloatField(default=0)),
                ('heard_at', models.DateTimeField(null=True)),
                ('problem', models.TextField(blank=True)),
                ('course', models.JSONField(default=list)),
                ('certificate', models.JSONField(default=dict)),
                ('findings', models.JSONField(default=list)),
                ('barred', models.JSONField(default=dict)),
                ('weighed', models.JSONField(default=dict)),
                ('made_on', models.DateField(verbose_name='made')),
                ('by', models.CharField(max_length=80)),
                ('approved_by', models.CharField(blank=True, max_length=80)),
                ('approved_on', models.DateField(null=True, verbose_name='approved')),
                ('published_on', models.DateField(null=True, verbose_name='published')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='teams.plan')),
            ],
            options={
                'verbose_name': 'plan',
                'verbose_name_plural': 'plans',
                'constraints': [models.UniqueConstraint(fields=('area', 'number'), name='plan_numbers_of_an_area'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'failed', 'draft', 'approved', 'published'])), name='plan_status_is_known'), models.CheckConstraint(condition=models.Q(('approved_by', ''), models.Q(('approved_by', models.F('by')), _negated=True), _connector='OR'), name='plan_approved_by_another')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('first_secretary', 'first secretary'), ('member', 'member')], max_length=16, verbose_name='role')),
                ('since', models.DateField(verbose_name='since')),
                ('until', models.DateField(null=True, verbose_name='until')),
                ('norms', models.CharField(max_length=40, verbose_name='norms')),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='teams.candidate')),
                ('plan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='teams.plan')),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'indexes': [models.Index(fields=['village', 'until'], name='post_by_village')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('candidate',), name='post_one_at_a_time'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='post_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('role__in', ['first_secretary', 'member'])), name='post_role_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='DaysThere',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('days', models.PositiveSmallIntegerField(verbose_name='days')),
                ('by', models.CharField(max_length=80)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='months', to='teams.post')),
            ],
            options={
                'verbose_name': 'days in the village',
                'verbose_name_plural': 'days in the village',
                'constraints': [models.UniqueConstraint(fields=('post', 'month'), name='days_there_once_a_month'), models.CheckConstraint(condition=models.Q(('days__lte', 31)), name='days_there_fit_a_month')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('first_secretary', 'first secretary'), ('member', 'member')], max_length=16, verbose_name='role')),
                ('locked', models.BooleanField(default=False, verbose_name='locked by hand')),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='teams.candidate')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='teams.plan')),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
            options={
                'verbose_name': 'posting',
                'verbose_name_plural': 'postings',
                'indexes': [models.Index(fields=['plan', 'village'], name='posting_by_village')],
                'constraints': [models.UniqueConstraint(fields=('plan', 'candidate'), name='posting_one_for_each_person'), models.CheckConstraint(condition=models.Q(('role__in', ['first_secretary', 'member'])), name='posting_role_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='SendingUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('level', models.CharField(choices=[('county', 'county unit'), ('prefecture', 'prefecture unit'), ('province', 'province unit'), ('central', 'central unit')], max_length=12, verbose_name='level')),
                ('cap', models.PositiveIntegerField(verbose_name='may release at most')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
                ('paired', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='paired village')),
            ],
            options={
                'verbose_name': 'sending unit',
                'verbose_name_plural': 'sending units',
                'constraints': [models.CheckConstraint(condition=models.Q(('level__in', ['county', 'prefecture', 'province', 'central'])), name='unit_level_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Fund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('first_secretary', "first secretary's fund"), ('unit', 'sending unit')], max_length=16, verbose_name='source')),
                ('amount', models.PositiveBigIntegerField(verbose_name='amount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('purpose', models.CharField(max_length=200, verbose_name='used for')),
                ('day', models.DateField(verbose_name='day')),
                ('by', models.CharField(max_length=80)),
                ('village', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='village')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='funds', to='teams.sendingunit', verbose_name='sending unit')),
            ],
            options={
                'verbose_name': 'fund',
                'verbose_name_plural': 'funds',
                'indexes': [models.Index(fields=['village', 'day'], name='fund_by_village')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['first_secretary', 'unit'])), name='fund_source_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('source', 'unit'), ('unit__isnull', False)), models.Q(('source', 'first_secretary'), ('unit__isnull', True)), _connector='OR'), name='fund_of_a_unit_names_it')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='candidate',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='teams.sendingunit'),
        ),
        migrations.CreateModel(
            name='Training',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('skill', models.CharField(max_length=40, verbose_name='skill')),
                ('day', models.DateField(verbose_name='ended on')),
                ('days', models.PositiveSmallIntegerField(verbose_name='days')),
                ('given_by', models.CharField(blank=True, max_length=120, verbose_name='given by')),
                ('by', models.CharField(max_length=80)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainings', to='teams.post')),
            ],
            options={
                'verbose_name': 'training',
                'verbose_name_plural': 'trainings',
                'constraints': [models.UniqueConstraint(fields=('post', 'skill', 'day'), name='training_once'), models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 366)), name='training_has_days')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='VillageNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('types', models.JSONField(default=list, verbose_name='type of village')),
                ('first_secretaries', models.PositiveSmallIntegerField(default=1, verbose_name='first secretaries')),
                ('members', models.PositiveSmallIntegerField(verbose_name='members')),
                ('needs', models.JSONField(default=list, verbose_name='needed skills')),
                ('language', models.CharField(blank=True, max_length=40, verbose_name='language')),
                ('remoteness', models.FloatField(default=0, verbose_name='remoteness')),
                ('at_risk', models.PositiveIntegerField(default=0, verbose_name='people at risk')),
                ('village', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='village')),
            ],
            options={
                'verbose_name': 'need of a village',
                'verbose_name_plural': 'needs of villages',
                'constraints': [models.CheckConstraint(condition=models.Q(('first_secretaries__lte', 1)), name='village_has_one_first_secretary'), models.CheckConstraint(condition=models.Q(('members__lte', 20)), name='village_members_are_few'), models.CheckConstraint(condition=models.Q(('remoteness__gte', 0), ('remoteness__lte', 1)), name='village_remoteness_is_a_share')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
    ]
