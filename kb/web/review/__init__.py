"""Where reviewers judge figures. Nobody sees another's answer before giving an own one.

    /-/review                    queue.py      what awaits me, what matters most first
    /-/review/<figure>           one.py        one figure in its whole text, and the form
    /-/review/text/<document>    text.py       add what the machine missed, finish a text
    /-/review/agreement          agreement.py  two readers, Cohen's kappa, conflicts, what awaits whom

state.py tells what may be shown to whom; forms.py turns fields into figures. A page reads the served database and the
file of decisions beside it; what it takes from there is the reader's own answers, what is disclosed, and on
agreement.py how many figures each reviewer has answered: how many, never which or what.
"""
