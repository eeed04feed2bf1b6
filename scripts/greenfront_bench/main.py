"""The words of scripts/bench that Python serves."""

from . import compare, measure, rivals


def main(arguments):
    if arguments[:1] == ["compare"]:
        return compare.main(arguments[1:])
    if arguments[:2] == ["rivals", "--scripts"]:
        return rivals.main(arguments[2:])
    return measure.main(arguments)
