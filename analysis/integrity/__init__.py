"""Can printed numbers be right? Numbers arrive as text, because decimals count.

printed.py             a number as printed: its value and how far it was rounded
granularity.py, existence.py   GRIM, GRIMMER, DEBIT, exact possibility on a scale
consistency.py         percentages, denominators, spreads, intervals, survivors
recompute.py, reach.py p values from statistics, and which p a test can reach
"""
