"""Studies that are no TOML, contradict themselves, or name what is not there."""

from case import CANNOT_CREATE, Case, DATA, NO_INPUT, PANEL, PLAN, STUDY, STUDY_TEXT, USAGE, study

RUN = ["run", "s.toml", "-o", "r.h5"]
SWEEP = """[lever.push]
[[lever.push.operations]]
type = "scale"
variable = "x"
per_unit = 0.1
[sweep.few]
regression = "base"
[[sweep.few.levers]]
lever = "push"
intensities = [0, 1]
"""
BOOT = '[bootstrap.b]\nregression = "base"\ncluster = "city"\nreplicates = 20\n'


def more(name, text, *says, **options):
    return study(name, STUDY_TEXT + text, *says, **options)


def changed(name, old, new, *says, **options):
    assert old in STUDY_TEXT
    return study(name, STUDY_TEXT.replace(old, new), *says, **options)


def toml():
    yield study("empty", "", "s.toml:1:1", "panel")
    yield study("text", "hello\n", "s.toml:1:")
    yield study("NUL", STUDY_TEXT.replace('"s"', '"\0"'), "s.toml:1:")
    yield study("GBK", STUDY_TEXT.replace('"s"', '"\u5317\u4eac"').encode("gbk"), "s.toml:1:")
    yield study("UTF-16", STUDY_TEXT.encode("utf-16"), "s.toml:1:")
    yield study("JSON", '{"name": "s"}', "s.toml:1:")
    yield study("quote open", STUDY_TEXT.replace('"s"', '"s'), "s.toml:1:")
    yield study("bracket open", STUDY_TEXT.replace('["k"]', '["k"'), "s.toml:")
    yield study("key twice", STUDY_TEXT.replace('name = "s"', 'name = "s"\nname = "t"'), "s.toml:2:")
    yield study("table twice", STUDY_TEXT + '[panel]\nfile = "q.csv"\n', "s.toml:11:")
    yield study("value missing", STUDY_TEXT.replace('"s"', ""), "s.toml:1:")
    yield study("number too large", 'seed = 99999999999999999999\n' + STUDY_TEXT, "s.toml:1:")
    yield study("lists a thousand deep", "a = " + "[" * 1000 + "]" * 1000 + "\n" + STUDY_TEXT, "s.toml:1:")
    yield study("lists a hundred thousand deep", "a = " + "[" * 100000 + "\n", "s.toml:1:")
    yield study("tables deep", "[" + ".".join(["a"] * 5000) + "]\n" + STUDY_TEXT, "s.toml:1:")
    yield study("keys deep", ".".join(["a"] * 20000) + " = 1\n" + STUDY_TEXT, "s.toml:1:")
    yield study("ten thousand unknown keys", "".join(f"a{i} = 1\n" for i in range(10000)) + STUDY_TEXT, "s.toml:1:1")
    yield study("a long key", "a" * 100000 + " = 1\n" + STUDY_TEXT, "s.toml:1:1")
    yield study("a panel for a study", PANEL, "s.toml:1:")
    yield study("invisible key", '"\u200b" = 1\n' + STUDY_TEXT, "s.toml:1:")
    yield study("binary", bytes(range(256)) * 8, "s.toml:1:")
    yield study("HDF5", b"\x89HDF\r\n\x1a\n" + bytes(100), "s.toml", "HDF5")
    yield Case("study: not there", PLAN, NO_INPUT, "s.toml", files={"s.toml": None})
    yield Case("study: a folder", PLAN, NO_INPUT, "s.toml", "directory", files={"s.toml": "/"})
    yield Case("study: not there for prepare", ["prepare", "s.toml", "-o", "o.csv"], NO_INPUT, "s.toml", files={"s.toml": None})
    yield Case("study: not there for levers", ["levers", "--study", "no.toml"], NO_INPUT, "no.toml")


def names():
    for name in ("a-b", "1st", "a.b", "a b", "a/b", "../../x", "", "\\u4e00", "a\\nb", "\\u0000", "\\u001b[2J", "$(id)", "<script>"):
        quoted = f'"{name}"'
        yield more(f"stage named {name[:12]!r}", f'[dea.{quoted}]\ninputs = ["k"]\ngood = ["y"]\n', "s.toml:11:", "letters")
    yield more("two stages of one name", '[index.eff]\npositive = ["x"]\n', "index.eff", "dea.eff")
    yield more("stage of a column's name", '[dea.x]\ninputs = ["k"]\ngood = ["y"]\n', "dea.x", exit=(STUDY, DATA))
    yield more("stage of the time's name", '[dea.year]\ninputs = ["k"]\ngood = ["y"]\n', "year", exit=(STUDY, DATA))
    yield changed("panel without unit", 'unit = "city"\n', "", "s.toml:2:1", '"unit" is missing')
    yield changed("empty file name", '"p.csv"', '""', "s.toml:3:", "panel.file")
    yield changed("panel not there", '"p.csv"', '"q.csv"', "q.csv", exit=NO_INPUT)
    yield changed("panel a folder", '"p.csv"', '"."', "directory", exit=NO_INPUT)
    yield changed("panel by a shell", '"p.csv"', '"$(touch gone)"', "$(touch gone)", exit=NO_INPUT)
    yield changed("panel by a pipe", '"p.csv"', '"| cat p.csv"', "| cat p.csv", exit=NO_INPUT)
    yield changed("panel by address", '"p.csv"', '"https://127.0.0.1/p.csv"', "https:", exit=NO_INPUT)
    yield changed("panel a device", '"p.csv"', '"/dev/null"', "/dev/null", "device", exit=NO_INPUT)
    yield changed("panel with a NUL in its name", '"p.csv"', '"p\\u0000.csv"', "u0000")
    yield changed("panel far away", '"p.csv"', '"' + "../" * 500 + 'p.csv"', "p.csv", exit=NO_INPUT)
    yield changed("panel with a long name", '"p.csv"', '"' + "p" * 400 + '"', "too long", exit=NO_INPUT)
    yield changed("panel is a result", '"p.csv"', '"r.h5"', "r.h5", exit=(NO_INPUT, DATA))
    for text in ("synth:", "synth:10", "synth:0x2011-2012", "synth:10x2012-2011", "synth:ax2011-2012", "synth:-5x2011-2012",
                 "synth:99999999999x2011-2012", "synth:20x2011-99999999999", "synth:20x2011-2012@", "synth:20x2011-2012@x",
                 "synth:20x2011-2012@-1", "synth:2000000000x2011-2022"):
        yield changed(f"panel {text}", '"p.csv"', f'"{text}"', "synth", exit=(STUDY, USAGE, DATA))
    yield changed("unit not there", '"city"', '"ctiy"', "p.csv", "ctiy", "city", exit=(DATA, STUDY))
    yield changed("unit and time are one", '"city"', '"year"', "year", exit=(DATA, STUDY, USAGE))


def references():
    yield more("bootstrap of no regression", BOOT.replace('"base"', '"bsae"'), "bootstrap.b.regression", "bsae", "base")
    yield more("bootstrap without cluster", BOOT.replace('cluster = "city"\n', ""), "cluster")
    yield more("bootstrap by no column", BOOT.replace('"city"', '"ctiy"'), "ctiy", exit=(STUDY, DATA))
    yield more("bootstrap draws of itself", BOOT + 'draws = "b"\n', "draws")
    yield more("bootstraps draw of each other", BOOT + 'draws = "c"\n' + BOOT.replace("bootstrap.b", "bootstrap.c") +
               'draws = "b"\n', "draws")
    yield more("bootstrap of no replicates", BOOT.replace("20", "0"), "replicates")
    yield more("bootstrap of endless replicates", BOOT.replace("20", "9000000000000000000"), "replicates")
    yield more("bootstrap of minus one", BOOT.replace("20", "-1"), "replicates")
    yield more("block without moving-block", BOOT + "block = 3\n", "block")
    yield more("confidence of 95", BOOT + "confidence = 95\n", "confidence")
    yield more("confidence of 1", BOOT + "confidence = 1\n", "confidence")
    yield more("confidence nan", BOOT + "confidence = nan\n", "confidence")
    yield more("confidence inf", BOOT + "confidence = inf\n", "confidence")
    yield more("placebo of no term", '[placebo.p]\nregression = "base"\ntreatment = "z"\n', "z")
    yield more("placebo of no regression", '[placebo.p]\nregression = "b"\ntreatment = "x"\n', "placebo.p.regression")
    yield more("mediation by its treatment", '[mediation.m]\nregression = "base"\ntreatment = "x"\nmediator = "x"\n', "x")
    yield more("mediation of no term", '[mediation.m]\nregression = "base"\ntreatment = "q"\nmediator = "z"\n', "q")
    yield more("two stages of nothing", '[two_stage.t]\ndea = "ef"\nenvironment = ["z"]\nalgorithm = 1\n', "ef", "eff")
    yield more("algorithm 3", '[dea.rad]\ninputs = ["k"]\ngood = ["y"]\nmodel = "radial"\n[two_stage.t]\ndea = "rad"\nenvironment = ["z"]\nalgorithm = 3\n',
               "algorithm")
    yield more("curve of nothing", '[curve.c]\n', "curve.c")
    yield more("published not there", '[published]\nfile = "q.csv"\n', "q.csv", exit=(NO_INPUT, STUDY))
    yield more("published is the panel", '[published]\nfile = "p.csv"\n', "p.csv", exit=(DATA, STUDY))
    yield changed("score of a score of itself", '["k"]', '["eff"]', "eff", exit=(STUDY, DATA))
    yield more("indices of each other", '[index.a]\npositive = ["b", "x"]\n[index.b]\npositive = ["a", "x"]\n', exit=(STUDY, DATA))
    yield changed("regression of a stage that is not", '"y ~ x"', '"coor ~ x"', "coor", exit=(STUDY, DATA))
    yield changed("formula spoilt", '"y ~ x"', '"y ~ x +"', "regression.base")
    yield changed("formula crosses without end", '"y ~ x"', '"y ~ ' + "*".join(["x"] * 50) + '"', "too many")
    yield changed("where spoilt", '"y ~ x"', '"y ~ x"\nwhere = "x >"', "where")
    yield changed("where selects nothing", '"y ~ x"', '"y ~ x"\nwhere = "x > 100"', "no", command=RUN, exit=DATA)
    yield changed("panel where spoilt", '"year"', '"year"\nwhere = "xx > 1"', "xx")
    yield changed("panel where selects nothing", '"year"', '"year"\nwhere = "x > 100"', "where", exit=(STUDY, DATA))
    yield changed("column in two roles", '["k"]', '["y"]', "y")
    yield changed("input twice", '["k"]', '["k", "k"]', "k")
    yield changed("inputs empty", '["k"]', "[]", "s.toml:7:", "inputs")
    yield changed("input without a name", '["k"]', '[""]', 'no column ""')
    yield changed("digits of 17", '["y"]', '["y"]\ndigits = 17', "digits")
    yield changed("model unknown", '["y"]', '["y"]\nmodel = "sbmm"', "s.toml:9:", "sbmm", "sbm")
    yield changed("winsorize backwards", '["y"]', '["y"]\nwinsorize = [99, 1]', "winsorize")
    yield changed("winsorize by one number", '["y"]', '["y"]\nwinsorize = [1]', "winsorize")
    yield changed("weights of the wrong number", '["y"]', '["y"]\nmodel = "nddf"\nweights = [1, 2, 3, 4, 5]', "weights")
    yield changed("weights all zero", '["y"]', '["y"]\nmodel = "nddf"\nweights = [0, 0]', "weights")
    yield changed("weights negative", '["y"]', '["y"]\nmodel = "nddf"\nweights = [-1, 1]', "weights")
    yield changed("weights infinite", '["y"]', '["y"]\nmodel = "nddf"\nweights = [inf, 1]', "weights")
    yield changed("window of nothing", '["y"]', '["y"]\nreference = "window:-1"', "window")
    yield changed("window of words", '["y"]', '["y"]\nreference = "window:two"', "window")
    yield changed("reference panel not there", '["y"]', '["y"]\nreference_panel = "q.csv"', "q.csv", exit=(NO_INPUT, STUDY))
    yield changed("reference panel of other columns", '["y"]', '["y"]\nreference_panel = "q.csv"', "q.csv", 'no column "k"', exit=(DATA, STUDY),
                  files={"q.csv": "city,year,a\nA,2011,1\n"})
    yield changed("vcov unknown", '"y ~ x"', '"y ~ x"\nvcov = "clutser:city"', "vcov")
    yield changed("vcov of no column", '"y ~ x"', '"y ~ x"\nvcov = "cluster:ctiy"', "ctiy", exit=(STUDY, DATA))
    yield changed("both weights", '"y ~ x"', '"y ~ x"\naweights = "k"\nfweights = "k"', "weights")


def preparation():
    yield more("order with a stranger", '[prepare]\norder = ["derive", "delete"]\n', "delete")
    yield more("order twice", '[prepare]\norder = ["derive", "derive"]\n', "derive")
    yield more("winsorize backwards in preparation", '[[prepare.winsorize]]\ncolumns = ["x"]\nlow = 99\nhigh = 1\n', "low")
    yield more("winsorize beyond", '[[prepare.winsorize]]\ncolumns = ["x"]\nhigh = 101\n', "high")
    yield more("winsorize text", '[[prepare.winsorize]]\ncolumns = ["word"]\n', "word", exit=(STUDY, DATA))
    yield more("interpolate nothing", '[[prepare.interpolate]]\ncolumns = ["qq"]\n', "qq", exit=(STUDY, DATA))
    yield more("lag by nothing", '[[prepare.lag]]\nname = "l"\ncolumn = "x"\nperiods = 0\n', "periods")
    yield more("depreciation of 2", '[[prepare.perpetual_inventory]]\nname = "c"\ninvestment = "x"\ndepreciation = 2\n', "depreciation")
    yield more("depreciation nan", '[[prepare.perpetual_inventory]]\nname = "c"\ninvestment = "x"\ndepreciation = nan\n', "depreciation")
    yield more("group by nothing", '[[prepare.group]]\nname = "m"\ncolumn = "x"\nstatistic = "mean"\nby = "prov"\n', "prov",
               exit=(STUDY, DATA))


def sweeps():
    yield more("lever not there", SWEEP.replace('lever = "push"', 'lever = "psuh"'), "psuh", "push")
    yield more("lever of itself", SWEEP.replace('variable = "x"', 'variable = "x"\ndriver = "x"'), "driver")
    yield more("lever of no variable", SWEEP.replace('variable = "x"', 'variable = "xx"'), "xx", exit=(STUDY, DATA))
    yield more("lever of text", SWEEP.replace('variable = "x"', 'variable = "word"'), "word", exit=(STUDY, DATA))
    yield more("intensities empty", SWEEP.replace("[0, 1]", "[]"), "intensities")
    yield more("intensity infinite", SWEEP.replace("[0, 1]", "[0, inf]"), "intensit")
    yield more("intensity nan", SWEEP.replace("[0, 1]", "[0, nan]"), "intensit")
    yield more("distribution unknown", SWEEP.replace("0.1", '{ distribution = "cauchy", low = 1 }'), "cauchy")
    yield more("distribution backwards", SWEEP.replace("0.1", '{ distribution = "uniform", low = 1, high = 0 }'), "low")
    yield more("sweep of no stage", SWEEP.replace('"base"', '"bsae"'), "bsae", "base")
    yield more("sweep of nothing", SWEEP.replace('regression = "base"\n', ""), "sweep.few")
    yield more("grid without end", SWEEP + "".join(
        f'[[sweep.few.levers]]\nlever = "push"\nintensities = {list(range(1000))}\n' for _ in range(7)), "sweep.few")
    yield more("points negative", SWEEP.replace('"base"', '"base"\ndesign = "sobol"\npoints = -5'), "points")
    yield more("points without end", SWEEP.replace('"base"', '"base"\ndesign = "sobol"\npoints = 9000000000000000000').replace("intensities = [0, 1]\n", ""), "points")
    yield more("replicates without bootstrap", SWEEP.replace('"base"', '"base"\nreplicates = 10'), "replicates")
    yield more("package of nothing", SWEEP + "[package.p]\n", "package.p")
    yield more("package of itself", SWEEP + '[package.p]\n[[package.p.levers]]\nlever = "p"\nintensity = 1\n', "package p", "neither")
    yield more("lever and package at once", SWEEP.replace('lever = "push"', 'lever = "push"\npackage = "push"'), "package")
    yield more("lever's where spoilt", SWEEP.replace('lever = "push"', 'lever = "push"\nwhere = "x >"'), "sweep.few.levers", "position 4")
    yield more("lever's where without end", SWEEP.replace('lever = "push"', 'lever = "push"\nwhere = "' + "not " * 20000 + 'x"'),
               "sweep.few.levers", "too long")
    yield Case("lever unknown by name", ["levers", "no_such"], USAGE, "no_such")
    yield Case("lever by an odd name", ["levers", "../../etc/passwd"], USAGE, "../../etc/passwd")
    yield Case("lever of a spoilt study", ["levers", "--study", "s.toml"], STUDY, "s.toml:", files={
        "s.toml": STUDY_TEXT + SWEEP.replace("type", "tpye")})


def sets():
    for text, exit, *says in (
        ("seed", USAGE, "="), ("=3", USAGE, "empty"), ("a..b=3", USAGE, "empty"), ("seed=", STUDY, "seed"),
        ("seed=x", STUDY, "seed"), ("seed=-1", STUDY, "seed"), ("seed=1.5", STUDY, "seed"), ("sede=1", STUDY, "sede", "seed"),
        ("seed=[1", STUDY, "seed"), ("dea.eff.inputs.5=k", STUDY, "inputs"), ("dea.eff.inputs.x=k", STUDY, "inputs"),
        ("name.x=1", STUDY, "name"), ("dea=1", STUDY, "dea"), ("dea.eff=1", STUDY, "dea.eff"), ("panel=[]", STUDY, "panel"),
        ("seed=1\nname=2", STUDY, "seed"), ("." * 10000 + "=1", USAGE, "empty"), ("a." * 10000 + "a=1", STUDY, "a"),
        ("dea.eff.model=" + "x" * 50000, STUDY, "dea.eff.model"),
    ):
        yield Case(f"--set {text[:24]!r}", [*PLAN, "--set", text], exit, "--set", *says)
    yield Case("--set for prepare", ["prepare", "s.toml", "-o", "o.csv", "--set", "sede=1"], STUDY, "sede")
    yield Case("--set for run", [*RUN, "--set", "dea.eff.model=x"], STUDY, "dea.eff.model")
    yield Case("--set to another study", ["merge", "-o", "r.h5", "--set", "seed", "p.parts"], (USAGE, NO_INPUT))


def outputs():
    for command in (RUN, ["prepare", "s.toml", "-o", "r.h5"], ["synth", "-o", "r.h5", "--cities", "10"]):
        what = command[0]
        yield Case(f"output exists for {what}", command, CANNOT_CREATE, "r.h5", "--force", files={"r.h5": "precious"})
        yield Case(f"output a folder for {what}", [*command, "--force"], CANNOT_CREATE, "r.h5", files={"r.h5": "/"})
        for where in ("gone/r.h5", "p.csv/r.h5", "/proc/r.h5", "x" * 255, "x" * 300):
            words = [where if word == "r.h5" else word for word in command]
            yield Case(f"output {where[:9]!r} of {len(where)} letters for {what}", words, CANNOT_CREATE, where[:50])
        yield Case(f"output without a name for {what}", ["" if word == "r.h5" else word for word in command], USAGE, "empty")
    for command in (RUN, ["prepare", "s.toml", "-o", "r.h5"]):
        for name in ("p.csv", "s.toml", "./p.csv", "link.csv"):
            words = [name if word == "r.h5" else word for word in command]
            yield Case(f"output is the input {name} for {command[0]}", [*words, "--force"], CANNOT_CREATE, name,
                       files={"link.csv": lambda folder, _: (folder / "link.csv").symlink_to("p.csv")})


def cases():
    for part in (toml, names, references, preparation, sweeps, sets, outputs):
        yield from part()
