"""What departments send: only what a rule in use needs, checked, matched to households, summed by month."""
