"""The differences of doc/differences.md, as far as an answer shows them: of(kind, answer) is the answer without them."""


def of(kind, answer):
    return answer
