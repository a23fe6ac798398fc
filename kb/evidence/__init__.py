"""Checked figures → what analysis wants. Pure: records in, records out.

standing.py    which study, arm and window a figure belongs to, which numbers can be joined to it
speaking.py    which figure speaks where several say the same thing: people first, then agreement, then the sheet
sizes.py       from printed numbers to yi and vi, one function a way
effects.py     speaking figures → effects with a variance (or the word that there is none)
risk.py         which studies are not at low risk of bias, and why
pools.py       effects → estimates: one intervention class, one design, one effect per cohort
over_r.py       pooled changes at every correlation of the topic's range
certainty.py    what GRADE asks of an estimate, as far as numbers and sheets go; people rate
forests.py      an estimate as the rows of a forest plot
screening.py   what screeners' votes on a record come to; flow.py which documents are one record
relevance.py   which unscreened records are likely relevant, learned from those settled
reanalysis.py  what the printed numbers of one study allow: exact intervals, every correlation, attrition bounds
"""
