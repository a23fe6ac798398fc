"""Time to event: Kaplan-Meier, log-rank, Cox with one factor, and curves read back into patients (Guyot 2012)."""
