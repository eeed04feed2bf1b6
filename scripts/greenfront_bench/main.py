"""The words of scripts/bench that Python serves."""

from . import compare, measure, report, rivals, scaling

WORDS = {"compare": compare.main, "scaling": scaling.main, "report": report.main}


def main(arguments):
    if arguments and arguments[0] in WORDS:
        return WORDS[arguments[0]](arguments[1:])
    if arguments[:2] == ["rivals", "--scripts"]:
        return rivals.main(arguments[2:])
    if arguments:
        return measure.main(arguments)
    # Everything: the table of all benchmarks, then how they scale, then the pictures.
    return measure.main([]) or scaling.main([]) or report.main([])
