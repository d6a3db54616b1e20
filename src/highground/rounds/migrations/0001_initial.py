import django.db.models.deletion
import django.db.models.manager
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('areas', '0001_initial'),
        ('cases', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditDraw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rulebook', models.CharField(max_length=60, verbose_name='rulebook')),
                ('drawn_on', models.DateField(verbose_name='drawn')),
                ('seed', models.BigIntegerField(verbose_name='seed')),
                ('share', models.FloatField(verbose_name='share')),
                ('population', models.PositiveIntegerField(verbose_name='households that nothing flagged')),
                ('drawn', models.PositiveIntegerField(verbose_name='households drawn')),
                ('cells', models.JSONField(default=list)),
                ('by', models.CharField(max_length=80)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'draw of the audit',
                'verbose_name_plural': 'draws of the audit',
                'constraints': [models.CheckConstraint(condition=models.Q(('drawn__gte', 1), ('drawn__lte', models.F('population'))), name='audit_draws_of_its_population'), models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='audit_share_is_a_share'), models.CheckConstraint(condition=models.Q(('seed__gte', 0)), name='audit_seed_is_a_seed')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='AuditVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stratum', models.CharField(max_length=80, verbose_name='stratum')),
                ('cell', models.PositiveIntegerField()),
                ('probability', models.FloatField(verbose_name='probability')),
                ('outcome', models.CharField(blank=True, choices=[('yes', 'in difficulty'), ('no', 'not in difficulty'), ('cannot_tell', 'cannot tell')], max_length=12, verbose_name='outcome')),
                ('day', models.DateField(null=True, verbose_name='day')),
                ('by', models.CharField(blank=True, max_length=80)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='rounds.auditdraw')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audits', to='people.household')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audits', to='cases.visit')),
            ],
            options={
                'verbose_name': 'visit of the audit',
                'verbose_name_plural': 'visits of the audit',
                'indexes': [models.Index(fields=['outcome', 'household'], name='audit_to_visit')],
                'constraints': [models.UniqueConstraint(fields=('draw', 'household'), name='audit_draws_a_household_once'), models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'yes', 'no', 'cannot_tell'])), name='audit_outcome_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('day__isnull', True), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('day__isnull', False)), _connector='OR'), name='audit_outcome_has_a_day'), models.CheckConstraint(condition=models.Q(('probability__gt', 0), ('probability__lte', 1)), name='audit_probability_is_one')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='MovedVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=80, unique=True)),
                ('day', models.DateField(null=True, verbose_name='day')),
                ('set_on', models.DateField(verbose_name='set')),
                ('by', models.CharField(max_length=80)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moved_visits', to='people.household')),
                ('visitor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'visit set by hand',
                'verbose_name_plural': 'visits set by hand',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PlanSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visits_a_day', models.PositiveSmallIntegerField(verbose_name='visits a day')),
                ('share', models.FloatField(verbose_name='share')),
                ('set_on', models.DateField(verbose_name='set')),
                ('by', models.CharField(max_length=80)),
                ('area', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'setting of the plan',
                'verbose_name_plural': 'settings of the plan',
                'constraints': [models.CheckConstraint(condition=models.Q(('visits_a_day__range', (1, 20))), name='plan_visits_a_day'), models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 0.5)), name='plan_share_is_a_share')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.DateField(verbose_name='from')),
                ('last', models.DateField(null=True, verbose_name='to')),
                ('set_on', models.DateField(verbose_name='set')),
                ('by', models.CharField(max_length=80)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'absence',
                'verbose_name_plural': 'absences',
                'constraints': [models.CheckConstraint(condition=models.Q(('last__isnull', True), ('last__gte', models.F('first')), _connector='OR'), name='absence_ends_after_it_begins')],
            },
        ),
    ]
