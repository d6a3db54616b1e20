"""Who is visited although nothing flags them: the random audit, who was never seen, and who is missed."""
