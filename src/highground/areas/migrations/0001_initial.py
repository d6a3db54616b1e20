import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('level', models.CharField(choices=[('country', 'country'), ('province', 'province'), ('city', 'city'), ('county', 'county'), ('township', 'township'), ('village', 'village'), ('group', 'village group')], max_length=12, verbose_name='level')),
                ('path', models.CharField(max_length=48, unique=True)),
                ('depth', models.PositiveSmallIntegerField()),
                ('names', models.JSONField(default=dict, verbose_name='names')),
                ('iso', models.CharField(blank=True, max_length=8, verbose_name='ISO 3166-2 code')),
                ('latitude', models.FloatField(blank=True, null=True, verbose_name='latitude')),
                ('longitude', models.FloatField(blank=True, null=True, verbose_name='longitude')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('verified', models.BooleanField(default=True, verbose_name='checked against a source')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('synthetic', models.BooleanField(default=False, verbose_name='invented')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='areas.area', verbose_name='part of')),
            ],
            options={
                'verbose_name': 'area',
                'verbose_name_plural': 'areas',
                'ordering': ['path'],
                'constraints': [models.CheckConstraint(condition=models.Q(('level__in', ['country', 'province', 'city', 'county', 'township', 'village', 'group'])), name='area_level_is_known'), models.CheckConstraint(condition=models.Q(('valid_from__isnull', True), ('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='area_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='area_point_is_on_earth')],
            },
        ),
        migrations.CreateModel(
            name='AreaCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(max_length=40, verbose_name='scheme')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='to')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='areas.area')),
            ],
            options={
                'verbose_name': 'area code',
                'verbose_name_plural': 'area codes',
                'ordering': ['scheme', 'code'],
                'constraints': [models.UniqueConstraint(fields=('scheme', 'code', 'area'), name='area_code_once')],
            },
        ),
        migrations.CreateModel(
            name='FormerPath',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=48, unique=True)),
                ('until', models.DateField()),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area')),
            ],
        ),
    ]
