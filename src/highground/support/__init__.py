"""Help that reaches the family: the measure catalogue, plans, budgets, deliveries, payments out.

catalogue.py   what can be given, and which risk it answers (data, no database)
findings.py    what a plan leaves open (pure)
actions/       verbs: plan, budgets, deliveries, credits and claims, payment batches
automatic.py   what Highground does by itself, and why
"""
