"""Numbers in, numbers out: numpy and scipy only, metafor's names. A leaf that knows neither texts nor databases.

effects/      effect sizes        pool/      pooling and what can be asked of a pool        bias/   small studies
integrity/    can printed numbers be right?        survival/   time to event        plots/   SVG from numbers
proportions.py, convert.py, fivenumber.py    intervals; medians and ranges to means
unseen.py, agreement.py    what screening has likely missed; how far two readers agree
change.py, attrition.py    before and after over every correlation; what the missing could have done
records.py    what all of them share

A result says every drop, correction and convention that it rests on.
"""
