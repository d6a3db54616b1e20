import django.db.models.deletion
import django.db.models.expressions
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
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(max_length=40, verbose_name='family of measures')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('committed', models.BigIntegerField(default=0, verbose_name='promised')),
                ('spent', models.BigIntegerField(default=0, verbose_name='spent')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='county')),
            ],
            options={
                'verbose_name': 'budget',
                'verbose_name_plural': 'budgets',
                'constraints': [models.UniqueConstraint(fields=('area', 'family', 'year'), name='budget_once_a_year'), models.CheckConstraint(condition=models.Q(('amount__gte', django.db.models.expressions.CombinedExpression(models.F('committed'), '+', models.F('spent')))), name='budget_is_not_overspent'), models.CheckConstraint(condition=models.Q(('committed__gte', 0), ('spent__gte', 0)), name='budget_is_not_below_zero')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PaymentBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(blank=True, max_length=40, verbose_name='family of measures')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('created_on', models.DateField(verbose_name='made')),
                ('created_by', models.CharField(max_length=80)),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='payments')),
                ('total', models.BigIntegerField(default=0, verbose_name='total')),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('status', models.CharField(choices=[('open', 'waiting for the return'), ('reconciled', 'reconciled')], default='open', max_length=12, verbose_name='status')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='areas.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'payment batch',
                'verbose_name_plural': 'payment batches',
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['open', 'reconciled'])), name='batch_status_is_known')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('quantity', models.PositiveIntegerField(verbose_name='how many')),
                ('amount', models.BigIntegerField(null=True, verbose_name='amount')),
                ('cash', models.BooleanField(default=False, verbose_name='paid to the household')),
                ('evidence', models.CharField(blank=True, max_length=64, verbose_name='evidence')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('by', models.CharField(max_length=80)),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='support.paymentbatch')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PaymentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('status', models.CharField(choices=[('pending', 'not answered yet'), ('paid', 'paid'), ('failed', 'came back')], default='pending', max_length=12, verbose_name='status')),
                ('answered_on', models.DateField(null=True, verbose_name='answered')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='support.paymentbatch')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='support.delivery')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.household')),
            ],
            options={
                'verbose_name': 'payment',
                'verbose_name_plural': 'payments',
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['pending', 'paid'])), fields=('delivery',), name='payment_once'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'paid', 'failed'])), name='payment_status_is_known'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_of_something')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_on', models.DateField(verbose_name='made')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('by', models.CharField(max_length=80)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='plan', to='cases.case')),
            ],
            options={
                'verbose_name': 'support plan',
                'verbose_name_plural': 'support plans',
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PlanLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=60, verbose_name='measure')),
                ('family', models.CharField(max_length=40, verbose_name='family of measures')),
                ('risk', models.CharField(blank=True, max_length=40, verbose_name='risk')),
                ('due_on', models.DateField(verbose_name='due')),
                ('quantity', models.PositiveIntegerField(default=1, verbose_name='how many')),
                ('amount', models.BigIntegerField(null=True, verbose_name='amount')),
                ('committed', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('planned', 'planned'), ('delivered', 'delivered'), ('dropped', 'dropped')], default='planned', max_length=12, verbose_name='state')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('dropped_because', models.TextField(blank=True, verbose_name='why dropped')),
                ('budget', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='support.budget')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='support.plan')),
                ('responsible', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person responsible')),
            ],
            options={
                'verbose_name': 'line of a plan',
                'verbose_name_plural': 'lines of plans',
                'indexes': [models.Index(condition=models.Q(('state', 'planned')), fields=['responsible', 'due_on'], name='line_by_deadline')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'delivered', 'dropped'])), name='line_state_is_known'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='line_amount'), models.CheckConstraint(condition=models.Q(('committed', 0), models.Q(('budget__isnull', False), ('committed__gt', 0), ('state', 'planned')), _connector='OR'), name='line_promises_while_planned'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'dropped'), _negated=True), models.Q(('dropped_because', ''), _negated=True), _connector='OR'), name='line_dropped_for_a_reason')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='delivery',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='support.planline'),
        ),
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal', models.BigIntegerField(verbose_name='principal')),
                ('granted_on', models.DateField(verbose_name='granted')),
                ('due_on', models.DateField(verbose_name='due')),
                ('repaid', models.BigIntegerField(default=0, verbose_name='repaid')),
                ('repaid_on', models.DateField(null=True, verbose_name='last repaid')),
                ('by', models.CharField(max_length=80)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='support.planline')),
            ],
            options={
                'verbose_name': 'microcredit',
                'verbose_name_plural': 'microcredits',
                'indexes': [models.Index(fields=['due_on'], name='credit_by_due_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('principal__gt', 0), ('repaid__gte', 0), ('repaid__lte', models.F('principal'))), name='credit_amounts'), models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('granted_on'))), name='credit_is_due_later')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(verbose_name='claimed')),
                ('sent_on', models.DateField(verbose_name='sent')),
                ('paid', models.BigIntegerField(null=True, verbose_name='paid')),
                ('paid_on', models.DateField(null=True, verbose_name='paid on')),
                ('by', models.CharField(max_length=80)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='support.planline')),
            ],
            options={
                'verbose_name': 'claim',
                'verbose_name_plural': 'claims',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='claim_of_something'), models.CheckConstraint(condition=models.Q(models.Q(('paid__isnull', True), ('paid_on__isnull', True)), models.Q(('paid__gte', 0), ('paid_on__gte', models.F('sent_on'))), _connector='OR'), name='claim_is_paid_after_it_was_sent')],
            },
            managers=[
                ('unscoped_internal', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('batch', None), ('cash', True)), fields=['line'], name='delivery_to_be_paid'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gte', 0), _connector='OR'), name='delivery_amount'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('cash', False), ('amount__gt', 0), _connector='OR'), name='delivery_cash_has_amount'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='delivery_of_something'),
        ),
    ]
