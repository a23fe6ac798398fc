"""Effect sizes from summary data: metafor's escalc, every drop and correction told.

escalc.py              the entry point: columns by metafor's names -> yi, vi
measures.py            the table of measures: here, and nowhere else, a measure is a function and a row
measure.py, families.py  what a measure is; columns, faults and zero rules that several share
two_by_two.py, two_group.py, one_group.py, rates.py, prepost.py, correlations.py   the formulas
back.py                from the analysis scale back to the reader's
"""
