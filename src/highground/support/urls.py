from django.urls import path

from highground.support.pages import follow_ups, line, lists, money, plan

app_name = "support"
urlpatterns = [
    path("support/", lists.measures, name="measures"),
    path("support/loans/", lists.loans, name="loans"),
    path("support/follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("support/by-itself/", lists.automatic, name="automatic"),
    path("support/cases/<int:number>/", plan.plan, name="plan"),
    path("support/cases/<int:number>/write/", plan.write, name="write"),
    path("support/lines/<int:number>/", line.line, name="line"),
    path("support/lines/<int:number>/arrived/", line.arrived, name="arrived"),
    path("support/deliveries/<int:number>/evidence/", line.evidence, name="evidence"),
    path("support/budgets/", money.budgets, name="budgets"),
    path("support/payments/", money.payments, name="payments"),
    path("support/payments/<int:number>/", money.batch, name="batch"),
    path("support/payments/<int:number>/file/", money.batch_file, name="batch_file"),
    path("support/payments/<int:number>/rejects/", money.rejects, name="rejects"),
]
