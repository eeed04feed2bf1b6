"""Command lines: no command, unknown ones, and every option of every command with values that it cannot take."""

from case import (BOOT_DEA, BOOTSTRAP, CANNOT_CREATE, Case, DATA, DEA, GROUPS, INDEX, IO, NO_INPUT, ON_PANEL, PANEL, PARTIAL, PLACEBO,
                  PRODUCTIVITY, REGRESS, TWO_STAGE, USAGE, replaced, without)

RESULT = {"r.h5": lambda folder, fixtures: (fixtures / "r.h5").read_bytes()}
REPLAY = ["replay", "failed.json"]
FAILED = {"failed.json": lambda folder, fixtures: (fixtures / "failed.json").read_bytes()}
RUN = ["run", "s.toml", "-o", "out.h5"]
PLAN = ["plan", "s.toml"]
MERGE = ["merge", "-o", "out.h5", "r.parts"]
SHOW, COMPARE, EXPORT = ["show", "r.h5"], ["compare", "r.h5"], ["export", "r.h5", "panel"]
REPORT, VERIFY = ["report", "r.h5", "-o", "r.html"], ["verify", "r.h5"]
PREPARE, SYNTH, LEVERS = ["prepare", "s.toml", "-o", "o.csv"], ["synth", "-o", "o.csv", "--cities", "10"], ["levers"]
WHOLE = ["run", "plan", "merge", "replay", "show", "compare", "export", "report", "verify", "prepare", "synth", *ON_PANEL]
ALL = [RUN, PLAN, MERGE, REPLAY, SHOW, COMPARE, EXPORT, REPORT, VERIFY, PREPARE, SYNTH, LEVERS, *ON_PANEL.values()]

NOT_COUNTS = ("abc", "1.5", "-1", "1e3", "99999999999999999999", "")
NOT_SHARES = ("abc", "nan", "inf", "1e400", "-0.5", "0", "1", "95")
# option: (commands, values); every value is refused with the option's name in the message
OPTIONS = {
    "--threads": ([RUN, PLAN, MERGE, REPLAY, DEA, PRODUCTIVITY, BOOT_DEA, PARTIAL, TWO_STAGE, REGRESS, BOOTSTRAP, PLACEBO, GROUPS],
                  ("abc", "0", "-1", "4097", "1.5")),
    "--format": ([PLAN, REPLAY, COMPARE, EXPORT, DEA, PRODUCTIVITY, BOOT_DEA, PARTIAL, TWO_STAGE, INDEX, REGRESS, BOOTSTRAP, PLACEBO,
                  GROUPS, LEVERS], ("xml", "JSON!", "")),
    "--isa": ([RUN, MERGE, REPLAY, DEA], ("avx512", "", "native;ls")),
    "--progress": ([RUN, MERGE], ("loud", "")),
    "--seed": ([BOOT_DEA, PARTIAL, TWO_STAGE, BOOTSTRAP, PLACEBO, GROUPS, SYNTH], ("abc", "-1", "1.5", "99999999999999999999")),
    "--replicates": ([BOOT_DEA, PARTIAL, TWO_STAGE, BOOTSTRAP, PLACEBO, GROUPS], NOT_COUNTS),
    "--confidence": ([BOOT_DEA, PARTIAL, TWO_STAGE, BOOTSTRAP], NOT_SHARES),
    "--orientation": ([DEA, PRODUCTIVITY, BOOT_DEA, PARTIAL, TWO_STAGE], ("inward", "")),
    "--returns": ([DEA, PRODUCTIVITY, BOOT_DEA, TWO_STAGE], ("ccr", "")),
    "--reference": ([DEA, BOOT_DEA, PARTIAL, TWO_STAGE], ("all", "window:", "window:x", "trailing:-1", "window:99999999999999999999")),
    "--model": ([DEA, PRODUCTIVITY, BOOT_DEA, PARTIAL, REGRESS], ("dea", "")),
    "--vcov": ([REGRESS, PLACEBO], ("cluster", "cluster:", "cluster:no_such", "hc9", "nw:-1", "dk:x", "conley:x,z", "conley:x,z,-5",
                                    "jackknife:")),
    "--ssc": ([REGRESS, BOOTSTRAP, PLACEBO, GROUPS], ("stata", "")),
    "--digits": ([DEA], ("17", "0", "abc", "1000")),
    "--weights": ([DEA], ("1,2", "x")),
    "--direction-inputs": ([replaced(DEA, model="ddf")], ("1,2", "nan", "up", "")),
    "--direction-good": ([replaced(DEA, model="ddf")], ("1,2", "inf", "-1", "1e400")),
    "--disposability": ([replaced(DEA, model="ddf"), PRODUCTIVITY], ("soft", "")),
    "--slacks": ([DEA], ("median",)),
    "--zeros": ([DEA], ("keep",)),
    "--super-bads": ([replaced(DEA, model="sbm", super=True)], ("middle",)),
    "--super-leave": ([replaced(DEA, super=True)], ("all",)),
    "--measure": ([PRODUCTIVITY], ("tfp", "")),
    "--frontier": ([PRODUCTIVITY], ("local", "")),
    "--decomposition": ([PRODUCTIVITY], ("full",)),
    "--bandwidth": ([BOOT_DEA], ("wide", "-1", "0", "nan", "inf")),
    "--kappa": ([replaced(BOOT_DEA, method="subsample")], ("0", "1.5", "nan", "x")),
    "--rate": ([replaced(BOOT_DEA, method="subsample")], ("0", "-1", "nan", "x")),
    "--metric": ([BOOT_DEA], ("shephard",)),
    "--order": ([BOOT_DEA], ("shrink",)),
    "--test": ([BOOT_DEA], ("t",)),
    "--splits": ([replaced(BOOT_DEA, test="separability", environment="z")], ("0", "-1", "x")),
    "--m": ([PARTIAL], ("0", "-1", "x", "1.5")),
    "--alpha": ([replaced(PARTIAL, model="order-alpha")], ("0", "-1", "1.5", "nan", "x")),
    "--algorithm": ([TWO_STAGE], ("0", "3", "x")),
    "--replicates-bias": ([replaced(TWO_STAGE, algorithm="2")], ("-1", "x", "1.5")),
    "--method": ([BOOT_DEA, INDEX, BOOTSTRAP, PLACEBO, GROUPS], ("best", "")),
    "--shift": ([INDEX], ("x", "nan", "inf")),
    "--estimator": ([replaced(REGRESS)], ("3sls",)),
    "--lower": ([replaced(REGRESS, model="tobit")], ("x", "nan")),
    "--aweights": ([REGRESS], ("no_such", "word")),
    "--fweights": ([REGRESS], ("no_such", "word")),
    "--block": ([replaced(without(BOOTSTRAP, "--cluster"), method="moving-block")], ("0", "-1", "x")),
    "--null": ([BOOTSTRAP], ("x", "nan", "inf")),
    "--type": ([replaced(BOOTSTRAP, method="wild-cluster")], ("12", "x")),
    "--boot-cluster": ([replaced(BOOTSTRAP, method="wild-cluster")], ("word", "no_such")),
    "--keep": ([BOOTSTRAP, PLACEBO], ("all",)),
    "--treatment": ([PLACEBO], ("z", "no_such")),
    "--within": ([PLACEBO], ("no_such",)),
    "--statistic": ([PLACEBO], ("p",)),
    "--compat": ([PLACEBO], ("R",)),
    "--term": ([GROUPS, replaced(BOOTSTRAP, method="wild-cluster")], ("z", "no_such")),
    "--group": ([GROUPS], ("no_such",)),
    "--split": ([GROUPS], ("thirds",)),
    "--cities": ([SYNTH], ("0", "9", "-1", "x", "1e9")),
    "--years": ([SYNTH], ("2011", "2012:2011", "a:b", ":", "2011:99999999999", "2011:2012:2013")),
    "--time-limit": ([RUN], ("10", "1:2:3:4", "-1:0:0", "00:61:00", "x", "")),
    "--shard": ([RUN], ("0/2", "3/2", "1/0", "1", "a/b", "1/2/3", "slurm", "")),
    "--stars": ([SHOW, EXPORT, REPORT], ("x", "2", "0.1,,0.2", "-1", "nan")),
    "--below": ([SHOW, EXPORT, REPORT], ("z", "")),
    "--decimals": ([SHOW, EXPORT, REPORT], ("-1", "13", "x", "1.5")),
    "--sweep": ([COMPARE], ("no_such",)),
    "--by": ([COMPARE], ("colour",)),
    "--top": ([COMPARE], ("-1", "x", "1.5")),
    "--only": ([["export", "r.h5", "tidy"]], ("no_such", "")),
    "--python": ([REPORT], ("/no/such/python", ".", "p.csv")),
    "--draws": ([["levers", "carbon_price"]], ("-1", "x", "9999999999")),
    "--study": ([LEVERS], ("no_such.toml",)),
}
# What is found out when data are there, or is a file, has another code.
CODES = (USAGE, DATA, NO_INPUT, CANNOT_CREATE)


def files_for(command):
    return {**(RESULT if "r.h5" in command else {}), **(FAILED if "failed.json" in command else {}),
            **({"r.parts": "/"} if command[0] == "merge" else {})}


def options():
    for option, (commands, values) in OPTIONS.items():
        for command in commands:
            for rank, value in enumerate(values):
                words = list(command)
                if option in words:
                    at = words.index(option)
                    words[at:at + 2] = [f"{option}={value}"]
                else:
                    words.append(f"{option}={value}")
                # A column that is not there is named itself.
                named = "no_such" if "no_such" in value else value if value in ("word", "z", "stata") else option.lstrip("-")
                case = Case(f"option {command[0]} {option}={value}", words, CODES, named, files=files_for(command))
                case.rare = rank % 2 == 1
                yield case


def sizes():
    """Numbers that are numbers, and that no sum can hold."""
    def weighted(number):
        return {"p.csv": "city,year,y,x,w\n" + "".join(f"{c},2011,{y},{x},{number}\n" for c, y, x in
                                                      (("A", 1, 2), ("B", 2, 3), ("C", 4, 1), ("D", 5, 7)))}

    for number in ("1e308", "9223372036854775807", "9007199254740993", "1e16"):
        yield Case(f"size: frequency weights of {number}", [*REGRESS, "--fweights", "w"], DATA, "w", "2^53", files=weighted(number))
    for number in ("1e308", "1e61", "1e-61", "5e-324"):
        yield Case(f"size: analytic weights of {number}", [*REGRESS, "--aweights", "w"], DATA, "weights w", files=weighted(number))
    for number in ("5e-324", "1e-200", "1e200", "1e308"):
        yield Case(f"size: a direction of {number}", [*replaced(DEA, model="ddf"), "--direction-good", number], DATA, "direction of the good")
        yield Case(f"size: a weight of {number} in nddf", [*replaced(DEA, model="nddf"), "--weights", f"{number},{number}"], DATA, "weights")
        yield Case(f"size: a weight of {number} in the additive model", [*replaced(DEA, model="additive"), "--weights", f"{number},1"],
                   (DATA, USAGE), "weights")


def words():
    yield Case("command: none", [], USAGE, "a command is needed")
    yield Case("command: empty", [""], USAGE, "is not a command")
    yield Case("command: near", ["regres"], USAGE, "regress")
    yield Case("command: in capitals", ["RUN"], USAGE, "RUN")
    yield Case("command: a path", ["../../bin/sh"], USAGE, "is not a command")
    yield Case("command: control characters", ["\x1b[2J"], USAGE, "is not a command")
    yield Case("command: a hundred thousand letters", ["x" * 100000], USAGE, "is not a command")
    yield Case("command: no UTF-8", [b"\xff\xfe"], USAGE, "is not a command")
    yield Case("command: an option first", ["--threads", "2"], USAGE)
    yield Case("command: two of them", ["show", "r.h5", "show", "plan"], USAGE, "plan", files=RESULT)
    for command in ALL:
        files, name = files_for(command), command[0]
        yield Case(f"command: {name} with an unknown option", [*command, "--no-such-option"], USAGE, "--no-such-option", files=files)
        yield Case(f"command: {name} with a word too many", [*command, *["surplus"] * 3], (USAGE, NO_INPUT, DATA),
                   "r.parts" if name == "merge" else "surplus", files=files)
        if name != "levers":
            yield Case(f"command: {name} with nothing", [name], USAGE, "required")
        if "--format" in OPTIONS and command in OPTIONS["--format"][0]:
            yield Case(f"command: {name} with half an option", [*command, "--format"], USAGE, "--format", files=files)
    for command in ON_PANEL.values():
        for option in ("--unit", "--inputs", "--good", "--model", "--measure", "--algorithm", "--environment", "--treatment", "--term",
                       "--group", "--cluster"):
            if option in command and not (option == "--unit" and command[0] in ("regress", "bootstrap", "group-difference")):
                yield Case(f"command: {command[0]} without {option}", without(command, option), USAGE, option.lstrip("-"))
        for option in ("--inputs", "--good", "--positive", "--environment"):
            if option in command:
                for what, value in (("commas", ",,"), ("nothing", ""), ("a comma behind", "k,")):
                    yield Case(f"command: {command[0]} {option} of {what}", replaced(command, **{option[2:]: value}), USAGE, option)
                yield Case(f"command: {command[0]} {option} of one twice", replaced(command, **{option[2:]: "x,x"}), (USAGE, DATA), "x")


def contradictions():
    for name, command, *says in (
        ("bad outputs of the additive model", replaced(DEA, model="additive", bad="z"), "bad"),
        ("disposability of sbm", replaced(DEA, model="sbm", bad="z", disposability="weak"), "disposability"),
        ("weak with nirs", replaced(DEA, model="ddf", bad="z", disposability="weak", returns="nirs"), "weak-naive"),
        ("super of the additive model", replaced(DEA, model="additive", super=True), "super"),
        ("super-bads without super", replaced(DEA, model="sbm", super_bads="numerator"), "super"),
        ("cost without prices", replaced(DEA, model="cost"), "prices"),
        ("prices of the radial model", replaced(DEA, prices_inputs="z"), "prices"),
        ("prices of the wrong number", replaced(DEA, model="cost", prices_inputs="z,x"), "prices"),
        ("direction of the radial model", replaced(DEA, direction_good="ones"), "direction"),
        ("directions all zero", replaced(DEA, model="ddf", direction_good="zeros"), "direction"),
        ("window without time", replaced(without(DEA, "--time"), reference="window:2"), "time"),
        ("orientation of a directional measure", replaced(PRODUCTIVITY, measure="luenberger", orientation="input"), "orientation"),
        ("bootstrap of global productivity", replaced(PRODUCTIVITY, replicates="20"), "adjacent"),
        ("scale of fdh", replaced(DEA, model="fdh", scale_efficiency=True), "scale-efficiency"),
        ("estimator without instruments", replaced(REGRESS, estimator="liml"), "instruments"),
        ("first stages without instruments", [*REGRESS, "--first"], "first"),
        ("lower limit of ols", replaced(REGRESS, lower="0"), "lower"),
        ("limits of tobit crossed", replaced(REGRESS, model="tobit", lower="3", upper="1"), "upper"),
        ("both kinds of weights", replaced(REGRESS, aweights="k", fweights="k"), "weights"),
        ("test of an absent term", [*REGRESS, "--test", "z"], "z"),
        ("lag without unit", without(without(REGRESS[:2] + ["y ~ l(x, 1)"] + REGRESS[3:], "--unit"), "--time"), "unit"),
        ("weights of the pairs bootstrap", replaced(BOOTSTRAP, weights="webb"), "weights"),
        ("two clusters of the pairs bootstrap", replaced(BOOTSTRAP, cluster="city+year"), "city+year"),
        ("draws that were not kept", [*BOOTSTRAP, "--draws", "--keep", "quantiles", "--format", "json"], "draws"),
        ("fixed weights without numbers", replaced(INDEX, method="fixed"), "weights"),
        ("numbers without fixed weights", replaced(INDEX, weights="1,2"), "weights"),
        ("fixed weights of the wrong number", replaced(INDEX, method="fixed", weights="1"), "weights"),
        ("fixed weights all zero", replaced(INDEX, method="fixed", weights="0,0"), "weights"),
        ("index of nothing", without(INDEX, "--positive"), "positive"),
        ("reference panel not there", replaced(DEA, reference_panel="no_such.csv"), "no_such.csv"),
        ("reference panel of other columns", replaced(DEA, reference_panel="s.toml"), "s.toml"),
        ("draws without a lever", ["levers", "--draws", "3"], "draws"),
        ("group-difference of two terms", replaced(GROUPS, term="x,z"), "x,z"),
        ("treatment's lag", PLACEBO[:2] + ["y ~ l(x, 1)"] + PLACEBO[3:], "x"),
    ):
        yield Case("contradiction: " + name, command, CODES, *says)


def cases():
    for part in (words, options, sizes, contradictions):
        yield from part()
