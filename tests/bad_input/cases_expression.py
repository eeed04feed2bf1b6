"""Formulas, selectors and expressions that cannot be read, or that would read for ever."""

from case import BOOTSTRAP, Case, DATA, GROUPS, PANEL, PLACEBO, REGRESS, STUDY, STUDY_TEXT, USAGE, replaced, study


def formula(name, text, *says, exit=USAGE, command=REGRESS):
    return Case("formula: " + name, command[:2] + [text] + command[3:], exit, *says)


def where(name, text, *says, exit=USAGE):
    return Case("selector: " + name, REGRESS + ["--where", text], exit, *says)


def derive(name, expression, *says, exit=STUDY, column="d"):
    quoted = expression.replace("\\", "\\\\").replace('"', '\\"')
    return study("derive " + name, STUDY_TEXT + f'[[prepare.derive]]\nname = "{column}"\nexpression = "{quoted}"\n', *says,
                 exit=exit, command=["prepare", "s.toml", "-o", "out.csv"])


def formulas():
    yield formula("empty", "", "position 1", "y ~ x1 + x2")
    yield formula("blanks", "   ", "position", "y ~ x1 + x2")
    yield formula("no tilde", "y x", "position 4", "y ~ x1 + x2")
    yield formula("two tildes", "y ~ x ~ z", "position 7")
    yield formula("no outcome", "~ x", "position 1", "outcome")
    yield formula("no regressor", "y ~", "position 4", "regressor is missing")
    yield formula("sum ends", "y ~ x +", "position 8", "regressor is missing")
    yield formula("sum begins", "y ~ * x", "position", "missing")
    yield formula("two plus signs", "y ~ x + + z", "position 9", "missing")
    yield formula("parenthesis open", "y ~ log(x", "position 8", "not closed")
    yield formula("parenthesis closed twice", "y ~ log(x))", "position 11", "closes nothing")
    yield formula("bracket for parenthesis", "y ~ log(x]", "position 10", "closes nothing")
    yield formula("effect missing", "y ~ x |", "position 8", "fixed effect is missing")
    yield formula("effect a number", "y ~ x | 3", "position 9", "fixed effect is a column")
    yield formula("effect twice", "y ~ x | city + city", "position 16", "stands twice")
    yield formula("effect of an expression", "y ~ x | log(k)", "position 9", "prepare the column")
    yield formula("slope missing", "y ~ x | city[]", "position", "slope variable is missing")
    yield formula("slope open", "y ~ x | city[x", "position", "not closed")
    yield formula("interaction of nothing", "y ~ x | city^", "position", "missing")
    yield formula("four parts", "y ~ x | city | z ~ k | year", "position 24", "nothing can follow")
    yield formula("instruments without tilde", "y ~ x | city | z", "position", "endogenous ~ instruments")
    yield formula("instruments missing", "y ~ x | 0 | z ~", "position", "missing")
    yield formula("no name for the instrument", "y ~ x | 0 | z ~ qq", "qq", exit=DATA)
    yield formula("endogenous a number", "y ~ x | 0 | 3 ~ z", "position 13", "number")
    yield formula("unknown outcome", "gdp ~ x", "gdp", "p.csv", exit=DATA)
    yield formula("unknown regressor", "y ~ xx", "xx", "p.csv", exit=DATA)
    yield formula("unknown names in an interaction", "y ~ aa:bb", "aa", exit=DATA)
    yield formula("unknown effect", "y ~ x | ctiy", "ctiy", "city", exit=DATA)
    yield formula("unknown slope", "y ~ x | city[ww]", "ww", exit=DATA)
    yield formula("text as outcome", "word ~ x", "word", exit=DATA)
    yield formula("text as regressor", "y ~ word", "word", exit=DATA)
    yield formula("unknown function", "y ~ logg(x)", "logg", "log", exit=(USAGE, DATA))
    yield formula("Stata's factor", "y ~ i.year", "position 5", "fixed effects")
    yield formula("Stata's lag", "y ~ L.x", "position 5", "lag(x, 1)")
    yield formula("Stata's interaction", "y ~ c.x#c.z", "position", "a:b")
    yield formula("R's factor", "y ~ factor(city)", "position 5", "fixed effects")
    yield formula("a regressor taken away", "y ~ x - z", "position 9", "leaves nothing out")
    yield formula("lag by nothing", "y ~ l(x, 0)", "periods", exit=(USAGE, DATA))
    yield formula("lag by half a period", "y ~ l(x, 1.5)", "periods", exit=(USAGE, DATA))
    yield formula("lag by a huge number", "y ~ l(x, 99999999999999999999)", "periods", exit=(USAGE, DATA))
    yield formula("assignment", "y ~ x = 3", "position", exit=(USAGE, DATA))
    yield formula("semicolon", "y ~ x; z", "position", exit=(USAGE, DATA))
    yield formula("shell", "y ~ $(touch gone)", "position", exit=(USAGE, DATA))
    yield formula("backquote", "y ~ `touch gone", "position", exit=(USAGE, DATA))
    yield formula("no letters", "y ~ \u221ax", "\u221ax", exit=(USAGE, DATA))
    yield formula("no UTF-8", "y ~ \udcff", "position", exit=(USAGE, DATA))
    yield formula("brackets a hundred thousand deep", "y ~ " + "(" * 60000 + "x" + ")" * 60000, "too long", exit=(USAGE, DATA))
    yield formula("brackets never closed", "y ~ " + "(" * 100000, "not closed")
    yield formula("crossing of sixty", "y ~ " + "*".join(["x"] * 60), "position 5", "too many")
    yield formula("crossing of twenty-five", "y ~ " + " * ".join(f"a{i}" for i in range(25)), "position 5", "too many")
    yield formula("twenty thousand terms", "y ~ " + " + ".join(f"x{i}" for i in range(12000)), "x0", exit=(USAGE, DATA))
    yield formula("sum of a thousand", "y ~ " + "x/" * 20000 + "x", "too long", exit=(USAGE, DATA))
    yield formula("outcome as its own instrument", "y ~ 1 | city | x ~ z + y", "y cannot be an instrument")
    yield formula("name that is never closed", "y ~ `x", "never closed", exit=(USAGE, DATA))
    yield formula("a name in quotes that is not there", "y ~ `a|b` + x", "a|b", exit=DATA)
    yield formula("a fixed effect in quotes that is not there", "y ~ x | `a^b`", "a^b", exit=DATA)
    for command in (BOOTSTRAP, PLACEBO, GROUPS):
        yield formula(f"no tilde for {command[0]}", "y x", "position 4", command=command)
        yield formula(f"unknown regressor for {command[0]}", "y ~ x + xx", "xx", exit=DATA, command=command)
        yield formula(f"crossing for {command[0]}", "y ~ " + "*".join(["x"] * 40), "too many", command=command)


def selectors():
    yield where("nothing complete", "x > 100", "no row meets", exit=DATA)
    yield where("unknown column", "xx > 1", "position 1", "xx")
    yield where("one equals sign", "x = 1", "position 3", "==")
    yield where("text against a number", 'x is "A"', "position 6", "numbers")
    yield where("number against a text", "word == 3", "position 9", "quotes")
    yield where("bare text", '"A"', "position 1", "compared with a column")
    yield where("quote never closed", 'word is "p', "position 9", "never closed")
    yield where("list never closed", 'word in ["p"', "position", "]")
    yield where("list without commas", 'word in ["p" "q"]', "position 14", "comma")
    yield where("list of nothing", "word in []", "position 10", "list is empty")
    yield where("no list", "word in x", "position 9", "list")
    yield where("comparisons in a row", "1 < x < 3", "position 7", "and")
    yield where("operand missing", "x > ", "position")
    yield where("operator missing", "x y", "position 3", "operator is missing")
    yield where("two operators", "x * / 3", "position", "operand")
    yield where("parenthesis open", "(x > 1", "position", "parenthesis")
    yield where("parenthesis closed", "x > 1)", "position 6", "never opened")
    yield where("choice without else", "x ? 1", "position", "condition ? value")
    yield where("comma", "x, z", "position 2", "comma")
    yield where("unknown function", "system(x)", "position 1", 'no function "system"')
    yield where("function of a file", 'read("/etc/passwd")', "position 1", 'no function "read"')
    yield where("function without arguments", "log()", "position")
    yield where("function of two", "log(x, z)", "position", "arguments")
    yield where("statistic of an expression", "mean(x + z) > 1", "position", "column")
    yield where("statistic of text", "mean(word) > 1", "position 6", "text")
    yield where("statistic by nothing", "mean(x, ) > 1", "position", "grouping column")
    yield where("minimum of one", "min(x) > 1", "position 1", "min_of")
    yield where("a number too large", "x > 1e999", "position 5", "double")
    yield where("a number cut short", "x > 1.2.3", "position 5")
    yield where("a dollar", "x > $HOME", "position 5", "unexpected character")
    yield where("a semicolon", "x > 1; x < 3", "position 6", "unexpected character")
    yield where("one ampersand", "x > 1 & z > 1", "position 7", "and")
    yield where("NUL in a text", 'word is "\x01"', "no row meets", exit=DATA)
    yield where("brackets deep", "(" * 60000 + "x" + ")" * 60000, "too long")
    yield where("signs without end", "-" * 60000 + "x", "position")
    yield where("not without end", "not " * 30000 + "x", "position")
    yield where("sum without end", "+".join(["x"] * 40000), "too long")
    yield where("powers without end", "^".join(["x"] * 40000), "too long")
    yield where("choices without end", "x?" * 20000 + "1" + ":0" * 20000, "position")
    yield where("a name without end", "x" * 100000 + " > 1", "position 1", "no column")
    yield where("a number without end", "9" * 100000 + " > x", "position 1", "double")
    yield where("a text without end", 'word is "' + "p" * 100000 + '"', "no row meets", exit=DATA)


def derived():
    yield derive("from itself", "d + 1", "d")
    yield derive("a column that exists", "x", column="x", exit=(0, STUDY, DATA))
    yield derive("nothing", "", "expression")
    yield derive("unknown", "xx", "xx")
    yield derive("a command", "system('touch gone')", "system")
    yield derive("a word", "word", "word")
    yield derive("a name with a slash", "x", column="../d", exit=(0, STUDY))
    yield derive("a name with a quote", "x", column="a'b", exit=(0, STUDY))
    yield derive("no name", "x", "name", column="")
    yield Case("derive: circle", ["plan", "s.toml"], STUDY, "a", "b", files={"s.toml": STUDY_TEXT + (
        '[[prepare.derive]]\nname = "a"\nexpression = "b"\n[[prepare.derive]]\nname = "b"\nexpression = "a"\n')})


def cases():
    for part in (formulas, selectors, derived):
        yield from part()
