import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AccessLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('by', models.CharField(max_length=80)),
                ('page', models.CharField(max_length=80)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.CharField(max_length=80)),
                ('area_path', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name': 'access',
                'verbose_name_plural': 'accesses',
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'at'], name='access_to_subject'), models.Index(fields=['by', 'at'], name='access_by_person')],
            },
        ),
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_chain_head')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('sequence', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=80)),
                ('by', models.CharField(max_length=80)),
                ('subject_kind', models.CharField(max_length=40)),
                ('subject_id', models.CharField(max_length=80)),
                ('area_path', models.CharField(blank=True, max_length=200)),
                ('also_in', models.TextField(blank=True, db_default='', default='')),
                ('data', models.JSONField(default=dict)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'ordering': ['sequence'],
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'sequence'], name='event_of_subject'), models.Index(fields=['kind', 'sequence'], name='event_of_kind')],
            },
        ),
    ]
