"""A case of the bad-input suite, and the panel and study that most cases spoil."""

USAGE, DATA, NO_INPUT, CANNOT_CREATE, IO, STUDY = 64, 65, 66, 73, 74, 78

PANEL = ("city,year,y,x,k,z,g,word\nA,2011,1,2,5,1,0,p\nA,2012,2,3,4,2,0,q\nB,2011,4,1,6,5,0,p\nB,2012,3,5,7,3,0,p\n"
         "C,2011,5,4,3,8,1,q\nC,2012,7,6,9,2,1,q\nD,2011,6,2,8,4,1,q\nD,2012,8,9,2,6,1,p\n")
STUDY_TEXT = """name = "s"
[panel]
file = "p.csv"
unit = "city"
time = "year"
[dea.eff]
inputs = ["k"]
good = ["y"]
[regression.base]
formula = "y ~ x"
"""

REGRESS = ["regress", "p.csv", "y ~ x", "--unit", "city", "--time", "year"]
DEA = ["dea", "p.csv", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y", "--model", "radial"]
PRODUCTIVITY = ["productivity", "p.csv", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y",
                "--measure", "malmquist"]
BOOT_DEA = ["boot-dea", "p.csv", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y", "--replicates", "20"]
PARTIAL = ["partial-frontier", "p.csv", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y", "--model", "order-m"]
TWO_STAGE = ["two-stage", "p.csv", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y", "--environment", "z",
             "--algorithm", "1", "--replicates", "20"]
INDEX = ["index", "p.csv", "--unit", "city", "--time", "year", "--positive", "y,x"]
BOOTSTRAP = ["bootstrap", "p.csv", "y ~ x", "--unit", "city", "--time", "year", "--cluster", "city", "--replicates", "19"]
PLACEBO = ["placebo", "p.csv", "y ~ x", "--unit", "city", "--time", "year", "--treatment", "x", "--replicates", "19"]
GROUPS = ["group-difference", "p.csv", "y ~ x", "--unit", "city", "--time", "year", "--term", "x", "--group", "g",
          "--replicates", "19"]
PLAN = ["plan", "s.toml"]
ON_PANEL = {command[0]: command for command in
            (REGRESS, DEA, PRODUCTIVITY, BOOT_DEA, PARTIAL, TWO_STAGE, INDEX, BOOTSTRAP, PLACEBO, GROUPS)}


class Case:
    """One run in a folder of its own, which holds p.csv, s.toml and `files`.

    exit: the code, or several of them. says: what the message must contain. files: contents by name; None removes the
    file, "/" makes a folder, a function of (folder, fixtures) makes what it likes.
    """

    def __init__(self, name, command, exit, *says, files=None, environment=None):
        self.name, self.command, self.says, self.environment = name, list(command), says, environment or {}
        self.rare = False  # with --all only
        self.exit = exit if isinstance(exit, tuple) else (exit,)
        self.files = {"p.csv": PANEL, "s.toml": STUDY_TEXT, **(files or {})}


def panel(name, contents, *says, command=REGRESS, exit=DATA):
    return Case("csv: " + name, command, exit, *says, files={"p.csv": contents})


def study(name, text, *says, command=PLAN, exit=STUDY, files=None):
    return Case("study: " + name, command, exit, *says, files={"s.toml": text, **(files or {})})


def replaced(command, **options):
    """The command with options changed or added: replaced(DEA, model="sbm", super=True)."""
    result = list(command)
    for key, value in options.items():
        flag = "--" + key.replace("_", "-")
        if flag in result:
            result[result.index(flag) + 1] = value
        else:
            result += [flag] if value is True else [flag, value]
    return result


def without(command, flag):
    at = command.index(flag)
    return command[:at] + command[at + 2:]
