"""Can the number be right? Named questions, each answered with the sum shown. Pure: records in, verdicts out.

context.py   what a check gets: a figure in its study
figures.py   questions to a figure alone, and the table CHECKS of all questions
beside.py    questions to a figure beside the other figures of its study
spread.py    questions to an SD: is it one, does it fit the others
intervals.py questions to an estimate, its interval and its p
arms.py      questions to a p that compares two groups
statistic.py a question to a p that is printed with its test statistic
study.py     questions to a figure beside its paper and its registry entry
printed.py   what is printed of a figure: signed numbers, its p, its sentence
typed.py     the same arithmetic on numbers typed at the command line
"""
