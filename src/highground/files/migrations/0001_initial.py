import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.CharField(db_index=True, max_length=64)),
                ('media', models.CharField(max_length=40, verbose_name='media type')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('kind', models.CharField(max_length=40, verbose_name='given for')),
                ('behind', models.CharField(default='households', max_length=24)),
                ('area_path', models.CharField(db_index=True, max_length=200)),
                ('kept_on', models.DateField(verbose_name='given on')),
                ('by', models.CharField(max_length=80)),
            ],
            options={
                'verbose_name': 'upload',
                'verbose_name_plural': 'uploads',
                'default_manager_name': 'unscoped_internal',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
    ]
