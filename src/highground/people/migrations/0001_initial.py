import django.db.models.deletion
import django.db.models.manager
import highground.people.sealed
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('areas', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='OwnFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('rulebook', models.CharField(max_length=60)),
                ('entry', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=12, unique=True, verbose_name='household')),
                ('register', models.CharField(default='main', max_length=40, verbose_name='register')),
                ('number', models.CharField(max_length=60, verbose_name='household number')),
                ('status', models.CharField(choices=[('active', 'on the register'), ('merged', 'merged into another household'), ('split', 'split into other households'), ('moved', 'moved away')], default='active', max_length=8, verbose_name='status')),
                ('synthetic', models.BooleanField(default=False, verbose_name='invented')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'household',
                'verbose_name_plural': 'households',
                'constraints': [models.UniqueConstraint(fields=('register', 'number'), name='household_number_once'), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'merged', 'split', 'moved'])), name='household_status_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='HouseholdLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('split', 'split off'), ('merge', 'merged')], max_length=8, verbose_name='kind')),
                ('day', models.DateField(verbose_name='day')),
                ('recorded_at', models.DateTimeField()),
                ('by', models.CharField(max_length=80)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='later_links', to='people.household')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='earlier_links', to='people.household')),
            ],
            options={
                'verbose_name': 'household link',
                'verbose_name_plural': 'household links',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=12, unique=True, verbose_name='member')),
                ('register', models.CharField(default='main', max_length=40, verbose_name='register')),
                ('number', models.CharField(max_length=121, verbose_name='member number')),
                ('present', models.BooleanField(default=True, verbose_name='still a member')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='people.household')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'constraints': [models.UniqueConstraint(fields=('register', 'number'), name='member_number_once')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Authorisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_on', models.DateField(verbose_name='given on')),
                ('how', models.CharField(choices=[('signature', 'signature'), ('thumbprint', 'thumbprint'), ('witnessed', 'said before a witness')], max_length=10, verbose_name='signed how')),
                ('helped', models.BooleanField(default=False, verbose_name='somebody else wrote it')),
                ('helper', highground.people.sealed.SealedField(blank=True, tied_to='household_id', verbose_name='who wrote it')),
                ('read_back', models.BooleanField(default=False, verbose_name='read back before signing')),
                ('evidence', models.CharField(blank=True, max_length=64, verbose_name='picture of the paper')),
                ('withdrawn_on', models.DateField(blank=True, null=True, verbose_name='withdrawn on')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('by', models.CharField(max_length=80)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='people.household')),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.member', verbose_name='signed by')),
            ],
            options={
                'verbose_name': 'authorisation',
                'verbose_name_plural': 'authorisations',
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['signature', 'thumbprint', 'witnessed'])), name='authorisation_how_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('helped', False), ('helper', '')), models.Q(('helped', True), ('read_back', True), models.Q(('helper', ''), _negated=True)), _connector='OR'), name='authorisation_helper_is_named_and_read_it_back'), models.CheckConstraint(condition=models.Q(('withdrawn_on__isnull', True), ('withdrawn_on__gte', models.F('given_on')), _connector='OR'), name='authorisation_ends_after_it_begins')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('recorded_at', models.DateTimeField()),
                ('by', models.CharField(max_length=80)),
                ('household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.household')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='people.member')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'indexes': [models.Index(fields=['member', 'valid_from'], name='membership_of_member')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Residence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('recorded_at', models.DateTimeField()),
                ('by', models.CharField(max_length=80)),
                ('area', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='residences', to='people.household')),
            ],
            options={
                'verbose_name': 'residence',
                'verbose_name_plural': 'residences',
                'indexes': [models.Index(fields=['household', 'valid_from'], name='residence_of_household')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('household', 'the household itself'), ('visit', 'a visit'), ('department', 'a department'), ('import', 'an import'), ('synthetic', 'invented for the demonstration')], max_length=12, verbose_name='kind')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('day', models.DateField(verbose_name='day')),
            ],
            options={
                'verbose_name': 'source',
                'verbose_name_plural': 'sources',
                'constraints': [models.UniqueConstraint(fields=('kind', 'name', 'day'), name='source_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['household', 'visit', 'department', 'import', 'synthetic'])), name='source_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='ProtectedValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('name', 'name'), ('identity_number', 'identity number'), ('phone', 'phone'), ('bank_account', 'bank account')], max_length=16, verbose_name='kind')),
                ('sealed', models.BinaryField()),
                ('key_id', models.CharField(db_index=True, max_length=16)),
                ('lookup', models.CharField(max_length=64)),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='protected_values', to='people.household')),
                ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='protected_values', to='people.member')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.source')),
            ],
            options={
                'verbose_name': 'protected value',
                'verbose_name_plural': 'protected values',
                'indexes': [models.Index(fields=['kind', 'lookup'], name='protected_lookup')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('member__isnull', True)), fields=('household', 'kind'), name='protected_once_household'), models.UniqueConstraint(condition=models.Q(('member__isnull', False)), fields=('member', 'kind'), name='protected_once_member'), models.CheckConstraint(condition=models.Q(('kind__in', ['name', 'identity_number', 'phone', 'bank_account'])), name='protected_kind_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Observation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(max_length=60, verbose_name='fact')),
                ('value', models.TextField(null=True, verbose_name='value')),
                ('valid_from', models.DateField(verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('by', models.CharField(max_length=80)),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='people.household')),
                ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='people.member')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.source')),
            ],
            options={
                'verbose_name': 'observation',
                'verbose_name_plural': 'observations',
                'indexes': [models.Index(condition=models.Q(('member__isnull', True)), fields=['household', 'fact', 'valid_from'], name='observation_of_household'), models.Index(condition=models.Q(('member__isnull', False)), fields=['member', 'fact', 'valid_from'], name='observation_of_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='observation_ends_after_it_begins')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
    ]
