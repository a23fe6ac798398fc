"""Can the number be right? Named questions, each answered with the sum shown. Pure: records in, verdicts out.

context.py   what a check gets: a figure in its study
figures.py   questions to a figure alone, and the table CHECKS of all questions
beside.py    questions to a figure beside the other figures of its study
typed.py     the same arithmetic on numbers typed at the command line
"""
