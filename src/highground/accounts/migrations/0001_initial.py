import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('areas', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=80, unique=True, verbose_name='user name')),
                ('display_name', models.CharField(blank=True, max_length=120, verbose_name='name shown to others')),
                ('language', models.CharField(blank=True, max_length=16, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
            },
        ),
        migrations.CreateModel(
            name='SignInFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['key', 'at'], name='sign_in_failure_recent')],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='device')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('issued_on', models.DateField(verbose_name='issued')),
                ('until', models.DateField(verbose_name='valid until')),
                ('revoked_on', models.DateField(blank=True, null=True, verbose_name='revoked')),
                ('seen_on', models.DateField(blank=True, null=True, verbose_name='last contact')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'device',
                'verbose_name_plural': 'devices',
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('issued_on'))), name='device_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('village_worker', 'village worker'), ('first_secretary', 'first secretary'), ('contact_officer', 'household contact officer'), ('township_officer', 'township officer'), ('county_officer', 'county officer'), ('province_officer', 'province officer'), ('analyst', 'analyst'), ('auditor', 'auditor'), ('operator', 'administrator'), ('curator', 'curator of knowledge'), ('organiser', 'forum organiser')], max_length=24, verbose_name='role')),
                ('target_kind', models.CharField(blank=True, max_length=40)),
                ('target_id', models.CharField(blank=True, max_length=64)),
                ('valid_from', models.DateField(verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'grant',
                'verbose_name_plural': 'grants',
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['village_worker', 'first_secretary', 'contact_officer', 'township_officer', 'county_officer', 'province_officer', 'analyst', 'auditor', 'operator', 'curator', 'organiser'])), name='grant_role_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('area__isnull', False), ('target_id', ''), ('target_kind', '')), models.Q(('area__isnull', True), models.Q(('target_kind', ''), _negated=True), models.Q(('target_id', ''), _negated=True)), models.Q(('area__isnull', True), ('role__in', ['auditor', 'curator', 'operator', 'organiser']), ('target_id', ''), ('target_kind', '')), _connector='OR'), name='grant_has_a_place'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='grant_ends_after_it_begins')],
            },
        ),
    ]
