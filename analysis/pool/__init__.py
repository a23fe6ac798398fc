"""Pooling: one number from many, with what it rests on.

univariate.py          rma_uni: random effects, moderators, Knapp-Hartung
tau2.py, heterogeneity.py, predict.py, fit.py   estimators, Q-profile, prediction intervals, the record of a fit
moderators.py, subgroups.py, robust.py, sensitivity.py   what can be asked of a fit
mantel_haenszel.py, cochran.py, strata.py       pools of the counts themselves
glmm*.py               exact likelihoods by quadrature
"""
