"""The table of measures: here, and nowhere else, a measure is a function and a row.

`MEASURES[name]` gives the title, the columns, the null value and the back transformation; a new measure is a formula in
one of the modules above it and one row in this file. Kinds of data (families) are in `analysis.effects.families`.
"""

from analysis.effects import back, correlations, one_group, prepost, rates, two_by_two, two_group
from analysis.effects.families import (
    CHANGE,
    CHANGE_OR_D,
    CORRELATION,
    MATCHED_TABLE,
    MEAN,
    PAIR,
    PROPORTION,
    RATE,
    TWO_MEANS,
    TWO_MEANS_OR_D,
    TWO_RATES,
    TWO_TABLE,
    positive_mean,
    same_sign,
)
from analysis.effects.measure import Measure

TABLE = ("ai", "bi", "ci", "di")
MEANS = ("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i")
RATES = ("x1i", "x2i", "t1i", "t2i")
PAIRS = ("m1i", "m2i", "sd1i", "sd2i", "ri", "ni")

ZERO = "a zero count that was not corrected"
MARGIN = "a row or column of the table is empty"
ARM = "an arm without patients"
TWICE = "too few patients (none, or a single one with vtype UB)"
FEW = "too few patients: no degrees of freedom are left"
SMALL = "ni is too small for a variance (more than 3 are wanted, 4 for UCOR)"
PERFECT = "a perfect correlation has no finite z"
G = "Hedges' exact small-sample factor applied"
LOG_SD = "bias of the log SD corrected by 1/(2(n - 1))"
LOG_MEAN = "bias of the log mean corrected by CV^2/(2n)"

# a table is read as a table
# fmt: off
_ROWS = (
    # two groups, dichotomous
    Measure("RR", "log risk ratio", TWO_TABLE, TABLE, two_by_two.risk_ratio,
            back.exp, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("OR", "log odds ratio", TWO_TABLE, TABLE, two_by_two.odds_ratio,
            back.exp, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("RD", "risk difference", TWO_TABLE, TABLE, two_by_two.risk_difference,
            undefined=TWICE, vtypes=("LS", "UB", "AV")),
    Measure("AS", "arcsine square root risk difference", TWO_TABLE, TABLE, two_by_two.arcsine_difference,
            undefined=ARM, add=0.0),
    Measure("PETO", "log odds ratio (Peto)", TWO_TABLE, TABLE, two_by_two.peto,
            back.exp, undefined=ZERO),
    Measure("PHI", "phi coefficient", TWO_TABLE, TABLE, two_by_two.phi,
            undefined=MARGIN, vtypes=("LS", "CS", "ST"), add=0.0),
    Measure("ZPHI", "Fisher's z of phi", TWO_TABLE, TABLE, two_by_two.fisher_phi,
            back.tanh, undefined=MARGIN, vtypes=("LS", "CS", "ST"), add=0.0),
    Measure("YUQ", "Yule's Q", TWO_TABLE, TABLE, two_by_two.yule_q, undefined=ZERO),
    Measure("YUY", "Yule's Y", TWO_TABLE, TABLE, two_by_two.yule_y, undefined=ZERO),
    Measure("PBIT", "standardised mean difference from probits", TWO_TABLE, TABLE, two_by_two.probit_difference,
            undefined=ZERO),
    Measure("OR2D", "standardised mean difference from the log odds ratio, logistic", TWO_TABLE, TABLE,
            two_by_two.odds_ratio_to_d_logistic, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("OR2DL", "standardised mean difference from the log odds ratio, logistic", TWO_TABLE, TABLE,
            two_by_two.odds_ratio_to_d_logistic, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("OR2DN", "standardised mean difference from the log odds ratio, normal", TWO_TABLE, TABLE,
            two_by_two.odds_ratio_to_d_normal, undefined=ZERO, vtypes=("LS", "AV")),
    # one group twice, dichotomous
    Measure("MPRD", "matched risk difference", MATCHED_TABLE, TABLE, two_by_two.matched_risk_difference,
            undefined=ARM),
    Measure("MPRR", "matched log risk ratio", MATCHED_TABLE, TABLE, two_by_two.matched_risk_ratio,
            back.exp, undefined=ZERO),
    Measure("MPOR", "matched marginal log odds ratio", MATCHED_TABLE, TABLE, two_by_two.matched_odds_ratio,
            back.exp, undefined=ZERO),
    Measure("MPORC", "matched conditional log odds ratio", MATCHED_TABLE, TABLE,
            two_by_two.matched_conditional_odds_ratio, back.exp, undefined=ZERO),
    Measure("MPPETO", "matched conditional log odds ratio (Peto)", MATCHED_TABLE, TABLE, two_by_two.matched_peto,
            back.exp, undefined=ZERO),
    # two groups, events over time
    Measure("IRR", "log incidence rate ratio", TWO_RATES, RATES, rates.rate_ratio, back.exp, undefined=ZERO),
    Measure("IRD", "incidence rate difference", TWO_RATES, RATES, rates.rate_difference),
    Measure("IRSD", "square root incidence rate difference", TWO_RATES, RATES, rates.root_rate_difference, add=0.0),
    # two groups, means
    Measure("MD", "mean difference", TWO_MEANS, MEANS, two_group.mean_difference,
            undefined=FEW, vtypes=("LS", "UB", "HO")),
    Measure("SMD", "standardised mean difference (Hedges' g)", TWO_MEANS_OR_D, MEANS,
            two_group.standardised_difference, undefined=FEW, vtypes=("LS", "LS2", "UB", "AV"), correction=G),
    Measure("SMDH", "standardised mean difference, unequal variances", TWO_MEANS, MEANS,
            two_group.standardised_difference_heteroscedastic,
            undefined=FEW, vtypes=("LS", "LS2", "LS3"), correction=G),
    Measure("SMD1", "standardised mean difference over the SD of group 2", TWO_MEANS,
            ("m1i", "m2i", "sd2i", "n1i", "n2i"), two_group.glass_difference,
            undefined=FEW, vtypes=("LS", "LS2", "UB", "AV"), correction=G),
    Measure("SMD1H", "standardised mean difference over the SD of group 2, unequal variances", TWO_MEANS, MEANS,
            two_group.glass_difference_heteroscedastic, undefined=FEW, correction=G),
    Measure("ROM", "log ratio of means", TWO_MEANS, MEANS, two_group.ratio_of_means, back.exp, undefined=FEW,
            vtypes=("LS", "HO", "AV", "AVHO"), correction=LOG_MEAN, limits=(same_sign(),)),
    Measure("VR", "log variability ratio", TWO_MEANS, ("sd1i", "sd2i", "n1i", "n2i"), two_group.variability_ratio,
            back.exp, undefined=FEW, correction=LOG_SD),
    Measure("CVR", "log ratio of coefficients of variation", TWO_MEANS, MEANS, two_group.variation_ratio, back.exp,
            undefined=FEW, correction=f"{LOG_SD}; {LOG_MEAN}", limits=(positive_mean("m1i"), positive_mean("m2i"))),
    Measure("D2OR", "log odds ratio from the standardised mean difference, logistic", TWO_MEANS_OR_D, MEANS,
            two_group.d_to_odds_ratio_logistic, back.exp, undefined=FEW),
    Measure("D2ORL", "log odds ratio from the standardised mean difference, logistic", TWO_MEANS_OR_D, MEANS,
            two_group.d_to_odds_ratio_logistic, back.exp, undefined=FEW),
    Measure("D2ORN", "log odds ratio from the standardised mean difference, normal", TWO_MEANS_OR_D, MEANS,
            two_group.d_to_odds_ratio_normal, back.exp, undefined=FEW),
    Measure("RPB", "point-biserial correlation", TWO_MEANS_OR_D, MEANS, two_group.point_biserial,
            undefined=FEW, vtypes=("LS", "ST", "CS")),
    Measure("RBIS", "biserial correlation", TWO_MEANS_OR_D, MEANS, two_group.biserial, undefined=FEW),
    Measure("ZPB", "Fisher's z of the point-biserial correlation", TWO_MEANS_OR_D, MEANS,
            two_group.fisher_point_biserial, back.tanh, undefined=FEW, vtypes=("LS", "ST", "CS")),
    Measure("ZBIS", "Fisher's z of the biserial correlation", TWO_MEANS_OR_D, MEANS, two_group.fisher_biserial,
            back.tanh, undefined="a biserial correlation of 1 or more has no finite z"),
    # correlations
    Measure("COR", "correlation", CORRELATION, ("ri", "ni"), correlations.correlation,
            undefined=SMALL, vtypes=("LS", "AV")),
    Measure("UCOR", "correlation without bias", CORRELATION, ("ri", "ni"), correlations.unbiased_correlation,
            undefined=SMALL, vtypes=("LS", "UB", "AV")),
    Measure("ZCOR", "Fisher's z", CORRELATION, ("ri", "ni"), correlations.fisher_z,
            back.tanh, undefined=f"{SMALL}, or {PERFECT}"),
    # one group, dichotomous
    Measure("PR", "proportion", PROPORTION, ("xi", "ni"), one_group.proportion,
            null=None, undefined=TWICE, vtypes=("LS", "UB", "AV")),
    Measure("PLN", "log proportion", PROPORTION, ("xi", "ni"), one_group.log_proportion,
            back.exp, null=None, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("PLO", "logit proportion", PROPORTION, ("xi", "ni"), one_group.logit_proportion,
            back.logistic, null=None, undefined=ZERO, vtypes=("LS", "AV")),
    Measure("PRZ", "probit proportion", PROPORTION, ("xi", "ni"), one_group.probit_proportion,
            back.normal, null=None, undefined=ZERO),
    Measure("PAS", "arcsine square root proportion", PROPORTION, ("xi", "ni"), one_group.arcsine_proportion,
            back.sine_squared, null=None, add=0.0),
    Measure("PFT", "Freeman-Tukey double arcsine proportion", PROPORTION, ("xi", "ni"), one_group.double_arcsine,
            back.double_arcsine, back_by="ni", null=None, add=0.0),
    # one group, events over time
    Measure("IR", "incidence rate", RATE, ("xi", "ti"), rates.rate, null=None),
    Measure("IRLN", "log incidence rate", RATE, ("xi", "ti"), rates.log_rate,
            back.exp, null=None, undefined=ZERO),
    Measure("IRS", "square root incidence rate", RATE, ("xi", "ti"), rates.root_rate,
            back.square, null=None, add=0.0),
    Measure("IRFT", "Freeman-Tukey incidence rate", RATE, ("xi", "ti"), rates.freeman_tukey_rate,
            back.freeman_tukey_rate, back_by="ti", null=None, add=0.0),
    # one group, means
    Measure("MN", "mean", MEAN, ("mi", "sdi", "ni"), one_group.mean, null=None, vtypes=("LS", "HO")),
    Measure("SMN", "standardised mean", MEAN, ("mi", "sdi", "ni"), one_group.standardised_mean,
            undefined=FEW, correction=G),
    Measure("MNLN", "log mean", MEAN, ("mi", "sdi", "ni"), one_group.log_mean,
            back.exp, null=None, limits=(positive_mean("mi"),)),
    Measure("CVLN", "log coefficient of variation", MEAN, ("mi", "sdi", "ni"), one_group.log_variation,
            back.exp, null=None, undefined=FEW, correction=LOG_SD, limits=(positive_mean("mi"),)),
    Measure("SDLN", "log standard deviation", MEAN, ("sdi", "ni"), one_group.log_sd,
            back.exp, null=None, undefined=FEW, correction=LOG_SD),
    # one group twice, means
    Measure("MC", "mean change", CHANGE, PAIRS, prepost.mean_change),
    Measure("SMCC", "standardised mean change over the SD of change", CHANGE_OR_D, PAIRS,
            prepost.change_over_sd_of_change, undefined=FEW, vtypes=("LS", "LS2", "UB"), correction=G),
    Measure("SMCR", "standardised mean change over sd1i", PAIR, ("m1i", "m2i", "sd1i", "ri", "ni"),
            prepost.change_over_raw_sd, undefined=FEW, vtypes=("LS", "LS2", "UB"), correction=G),
    Measure("SMCRH", "standardised mean change over sd1i, unequal variances", PAIR, PAIRS,
            prepost.change_over_raw_sd_heteroscedastic, undefined=FEW, vtypes=("LS", "LS2"), correction=G),
    Measure("SMCRP", "standardised mean change over the average SD", PAIR, PAIRS, prepost.change_over_average_sd,
            undefined=FEW, correction=G),
    Measure("SMCRPH", "standardised mean change over the average SD, unequal variances", PAIR, PAIRS,
            prepost.change_over_average_sd_heteroscedastic, undefined=FEW, vtypes=("LS", "LS2"), correction=G),
    Measure("ROMC", "log ratio of means, one group twice", PAIR, PAIRS, prepost.ratio_of_means, back.exp,
            undefined=FEW, correction=LOG_MEAN, limits=(same_sign(),)),
    Measure("VRC", "log variability ratio, one group twice", PAIR, ("sd1i", "sd2i", "ri", "ni"),
            prepost.variability_ratio, back.exp, undefined=FEW),
    Measure("CVRC", "log ratio of coefficients of variation, one group twice", PAIR, PAIRS, prepost.variation_ratio,
            back.exp, undefined=FEW, correction=LOG_MEAN, limits=(positive_mean("m1i"), positive_mean("m2i"))),
)
# fmt: on

MEASURES: dict[str, Measure] = {row.name: row for row in _ROWS}
