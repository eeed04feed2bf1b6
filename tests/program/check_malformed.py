"""Malformed inputs at the level of the program: the exit code, one clear message on standard error that names the
file (and the place where there is one), nothing on standard output, and never a crash."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "")
if not os.access(PROGRAM, os.X_OK):
    print("SKIPPED: the program is not built:", PROGRAM)
    sys.exit(77)

USAGE, DATA, NO_INPUT, CANNOT_CREATE, STUDY = 64, 65, 66, 73, 78
REGRESS = ["regress", "{file}", "y ~ x", "--unit", "city", "--time", "year"]
DEA = ["dea", "{file}", "--unit", "city", "--time", "year", "--inputs", "k", "--good", "y", "--model", "sbm"]
GOOD = "city,year,y,x,k\nA,2011,1,2,5\nA,2012,2,3,4\nB,2011,4,1,6\nB,2012,3,5,7\nC,2011,5,4,3\nC,2012,7,6,9\n"
STUDY_TEXT = ('name = "s"\n[panel]\nfile = "panel.csv"\nunit = "city"\ntime = "year"\n'
              '[dea.eff]\ninputs = ["k"]\ngood = ["y"]\n[regression.base]\nformula = "y ~ x"\n')


class Case:
    """One run. `says`: parts of the message; `exit`: 0 means that the answer must be there."""

    def __init__(self, name, bytes_, command, exit, *says, name_of_file="panel.csv", study=None, check=None):
        self.name, self.command, self.exit, self.says, self.check = name, command, exit, says, check
        self.bytes = bytes_.encode() if isinstance(bytes_, str) else bytes_
        self.file, self.study = name_of_file, study


def study_case(name, text, exit, *says, command=("plan", "{study}")):
    return Case(name, GOOD, list(command), exit, *says, study=text)


def scored(text):
    return json.loads(text)["units"]


def undefined_where_good_is_zero(text):
    units = scored(text)
    hit = [u for u in units if u["unit"] == "A" and u["time"] == 2011]
    assert hit[0]["status"] == "undefined" and hit[0]["score"] is None, hit


def same_estimate(text):
    terms = {t["term"]: t["estimate"] for t in json.loads(text)["terms"]}
    # The least-squares slope of the six observations of GOOD, by hand: Sxy / Sxx = 12 / 17.5.
    assert abs(terms["x"] - 12 / 17.5) < 1e-12, terms


def one_optimal(text):
    assert all(u["status"] == "optimal" and abs(u["score"] - 1) < 1e-9 for u in scored(text)), text


WEIGHTED = GOOD.replace("A,2011,1,2,5", "A,2011,0,2,5")
CASES = [
    # the file as such
    Case("missing file", None, REGRESS, NO_INPUT, "panel.csv"),
    Case("directory", None, ["regress", "{folder}", "y ~ x"], NO_INPUT, "directory"),
    Case("empty", "", REGRESS, DATA, "panel.csv:1:1", "empty"),
    Case("header only", "city,year,y,x\n", REGRESS, DATA, "panel.csv:1:1", "no rows"),
    Case("ragged row", GOOD + "D,2011,1\n", REGRESS, DATA, "panel.csv:8:", "3 fields"),
    Case("text in a number", GOOD + "".join(f"D{i},2011,1,2,3\n" for i in range(9)) + "E,2011,oops,2,3\n", REGRESS, DATA,
         "panel.csv:17:3", "oops"),
    Case("decimal comma", GOOD.replace(",", ";").replace("1;2;5", "1,5;2;5"), REGRESS, DATA, "panel.csv:2:3", "decimal"),
    Case("GBK", b"city,year,y,x\n\xb1\xb1\xbe\xa9,2011,1,2\n\xc9\xcf\xba\xa3,2011,2,3\n", REGRESS, DATA, "panel.csv:2:", "GB18030"),
    Case("UTF-16", GOOD.encode("utf-16"), REGRESS, DATA, "panel.csv", "UTF-16"),
    Case("1e999", GOOD.replace("A,2011,1,", "A,2011,1e999,"), REGRESS, DATA, "panel.csv:2:3", "1e999"),
    Case("infinite", GOOD.replace("A,2011,1,", "A,2011,-inf,"), REGRESS, DATA, "panel.csv:2:3", "infinite"),
    Case("unterminated quote", GOOD + '"D,2011,1,2,3\n', REGRESS, DATA, "panel.csv:8:1", "never closed"),
    Case("duplicate header", GOOD.replace("y,x,k", "y,x,x"), REGRESS, DATA, "panel.csv:1:5", '"x"'),
    Case("binary garbage", bytes(range(256)) * 20, REGRESS, DATA, "panel.csv"),
    Case("NUL byte", GOOD.replace("A,2011", "A\0,2011"), REGRESS, DATA, "panel.csv:2:", "NUL"),
    Case("percent", GOOD.replace("A,2011,1,", "A,2011,1%,"), REGRESS, DATA, "panel.csv:2:3", "percentage"),
    # accepted dialects
    Case("as it should be", GOOD, REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("semicolons", GOOD.replace(",", ";"), REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("tabs", GOOD.replace(",", "\t"), REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("byte order mark", b"\xef\xbb\xbf" + GOOD.encode(), REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("CRLF", GOOD.replace("\n", "\r\n"), REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("quoted newline", GOOD.replace("C,", '"C\nD",'), REGRESS + ["--format", "json"], 0, check=same_estimate),
    Case("rows in another order", "\n".join([GOOD.split("\n")[0]] + GOOD.strip().split("\n")[:0:-1]) + "\n",
         REGRESS + ["--format", "json"], 0, check=same_estimate),
    # the panel
    Case("duplicate unit and time", GOOD + "A,2011,9,9,9\n", REGRESS, DATA, "panel.csv", "2011"),
    Case("time with decimals", GOOD.replace("A,2011", "A,2011.5"), REGRESS, DATA, "panel.csv:2:2", "2011.5"),
    Case("time as text", GOOD.replace("A,2011", "A,first"), REGRESS, DATA, "panel.csv:2:2", "first"),
    Case("missing unit", GOOD.replace("A,2011", ",2011"), REGRESS, DATA, "panel.csv:2:1", "unit"),
    Case("unknown unit column", GOOD, ["regress", "{file}", "y ~ x", "--unit", "ctiy", "--time", "year"], DATA,
         "panel.csv", "ctiy", "city"),
    Case("unknown column", GOOD, ["regress", "{file}", "y ~ zz", "--unit", "city", "--time", "year"], DATA, "zz"),
    Case("text column as a regressor", GOOD.replace("city,", "city,").replace("k\n", "k,word\n", 1).replace("5\n", "5,a\n", 1)
         .replace("4\n", "4,b\n", 1).replace("6\n", "6,a\n", 1).replace("7\n", "7,c\n", 1).replace("3\n", "3,d\n", 1)
         .replace("9\n", "9,e\n", 1), ["regress", "{file}", "y ~ word"], DATA, "word"),
    Case("missing everywhere", "city,year,y,x\nA,2011,NA,1\nA,2012,NA,2\nB,2011,NA,3\n", REGRESS, DATA, "y"),
    Case("numbers beyond squares", GOOD.replace("A,2011,1,", "A,2011,1e308,").replace("B,2011,4,", "B,2011,-1e308,"),
         REGRESS + ["--format", "json"], (0, DATA)),
    # efficiency
    Case("unknown model", GOOD, DEA[:-1] + ["sbmx"], USAGE, "sbmx"),
    Case("column in two roles", GOOD, ["dea", "{file}", "--unit", "city", "--inputs", "k", "--good", "k", "--model", "sbm"],
         USAGE, "k"),
    Case("negative input", GOOD.replace("1,2,5", "1,2,-5"), DEA, DATA, "k"),
    Case("zero good output", WEIGHTED, DEA + ["--format", "json"], 0, check=undefined_where_good_is_zero),
    Case("unknown input", GOOD, ["dea", "{file}", "--unit", "city", "--time", "year", "--inputs", "kk", "--good", "y", "--model", "sbm"],
         DATA, "kk"),
    Case("one unit", "city,year,y,k\nA,2011,1,2\n", DEA + ["--format", "json"], 0, check=one_optimal),
    Case("one year", "city,year,y,k\nA,2011,1,2\nB,2011,2,4\n", DEA + ["--format", "json"], 0, check=one_optimal),
    Case("no complete row", "city,year,y,k\nA,2011,NA,2\nB,2011,1,\n", DEA, DATA, "y"),
    Case("one year, unit effects", "city,year,y,x\nA,2011,1,2\nB,2011,2,4\n",
         ["regress", "{file}", "y ~ x | city", "--unit", "city", "--time", "year"], DATA),
    # formulas and options
    Case("bad formula", GOOD, ["regress", "{file}", "y ~ x +", "--unit", "city"], USAGE),
    Case("formula without outcome", GOOD, ["regress", "{file}", "~ x", "--unit", "city"], USAGE),
    Case("bad variance", GOOD, REGRESS + ["--vcov", "cluster"], USAGE, "cluster"),
    Case("unknown option", GOOD, REGRESS + ["--colour"], USAGE, "colour"),
    Case("no subcommand", GOOD, [], USAGE),
    Case("unknown subcommand", GOOD, ["regres", "{file}", "y ~ x"], USAGE),
    # studies
    study_case("a good study", STUDY_TEXT, 0),
    study_case("unknown key", STUDY_TEXT.replace("inputs", "input"), STUDY, "study.toml:7:1", 'did you mean "inputs"'),
    study_case("bad TOML", STUDY_TEXT.replace('"s"', '"s'), STUDY, "study.toml:1:"),
    study_case("wrong type", STUDY_TEXT.replace('["k"]', "3"), STUDY, "study.toml:7:10", "list"),
    study_case("unknown column in a study", STUDY_TEXT.replace('["k"]', '["kk"]'), (DATA, STUDY), "kk"),
    study_case("unknown model in a study", STUDY_TEXT.replace('["y"]', '["y"]\nmodel = "sbn"'), STUDY, "sbn", "sbm"),
    study_case("bad formula in a study", STUDY_TEXT.replace("y ~ x", "y ~"), STUDY, "base"),
    study_case("unknown stage", STUDY_TEXT + '[bootstrap.b]\nregression = "bse"\ncluster = "city"\n', STUDY, "bse"),
    study_case("unknown stage in a sweep", STUDY_TEXT + '[sweep.s]\ndea = "ef"\n', STUDY, "ef"),
    study_case("no study", None, NO_INPUT, "study.toml"),
    study_case("study without its panel", STUDY_TEXT.replace("panel.csv", "other.csv"), NO_INPUT, "other.csv"),
    study_case("unknown key by --set", STUDY_TEXT, STUDY, "--set sead=1", command=("plan", "{study}", "--set", "sead=1")),
    study_case("--set without a value", STUDY_TEXT, USAGE, "--set", command=("plan", "{study}", "--set", "seed")),
    study_case("output in no folder", STUDY_TEXT, CANNOT_CREATE, "nowhere",
               command=("run", "{study}", "-o", "{folder}/nowhere/r.h5")),
    Case("text as results", GOOD, ["show", "{file}"], DATA, "panel.csv"),
    Case("no results", None, ["show", "{file}"], NO_INPUT, "panel.csv"),
]
if os.geteuid() != 0:
    CASES.append(Case("unreadable", GOOD, REGRESS, NO_INPUT, "panel.csv"))


def problems_of(case, folder):
    path, study = os.path.join(folder, case.file), os.path.join(folder, "study.toml")
    if case.bytes is not None:
        with open(path, "wb") as f:
            f.write(case.bytes)
        if case.name == "unreadable":
            os.chmod(path, 0)
    if case.study is not None:
        with open(study, "w") as f:
            f.write(case.study)
    command = [part.format(file=path, study=study, folder=folder) for part in case.command]
    try:
        run = subprocess.run([PROGRAM] + command, capture_output=True, timeout=60, cwd=folder)
    except subprocess.TimeoutExpired:
        return ["did not end within 60 s"]
    out, err = run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")
    found = []
    expected = case.exit if isinstance(case.exit, tuple) else (case.exit,)
    if run.returncode < 0:
        found.append(f"killed by signal {-run.returncode}")
    if run.returncode not in expected:
        found.append(f"exit code {run.returncode}, expected {case.exit}")
    if run.returncode == 0:
        if case.check and not found:
            try:
                case.check(out)
            except (AssertionError, ValueError, KeyError, TypeError, IndexError) as error:
                found.append(f"wrong answer: {error!r}")
    else:
        if out:
            found.append(f"something on standard output: {out[:200]!r}")
        if not err.strip():
            found.append("no message")
        if "terminate called" in err or "Sanitizer" in err or "internal error" in err or "HDF5-DIAG" in err:
            found.append("not a message for a user")
        found += [f"the message does not name {part!r}" for part in case.says if part not in err]
    if found:
        found.append("standard error: " + err.strip()[:600])
    return found


def main():
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            found = problems_of(case, folder)
        if found:
            failed += 1
            print(f"FAILED {case.name}: " + " ".join(case.command))
            for line in found:
                print("   ", line.replace("\n", "\n      "))
    if os.geteuid() == 0:
        print("SKIPPED: unreadable file (root reads it)")
    print(f"{len(CASES) - failed} of {len(CASES)} malformed and odd inputs are met as promised")
    sys.exit(1 if failed else 0)


main()
