"""Every option of `greenfront dea`: its default, the models that take it, and the refusal everywhere else."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
FILE = """city,year,k,l,y,z,b,c,pk,pl,py,pz
a,2000,4,3,3,2,2,1,1,2,3,1
b,2000,1,5,5,1,1,3,1,2,3,1
c,2000,3,2,4,3,2,2,2,1,1,1
a,2001,4,3,4,2,2,1,1,2,3,1
b,2001,2,3,4,1,1,2,1,2,3,1
c,2001,6,9,8,5,3,2,2,1,1,1
"""
ALL = ("radial", "sbm", "additive", "ddf", "nddf", "fdh", "cost", "revenue")
EXTRA = {"cost": ["--prices-inputs", "pk,pl"], "revenue": ["--prices-good", "py,pz"]}
HAS_BADS = tuple(model for model in ALL if model != "additive")


class Program:
    def __init__(self, folder):
        self.panel = os.path.join(folder, "panel.csv")
        with open(self.panel, "w") as f:
            f.write(FILE)

    def run(self, model, *args, bads=True, extra=True):
        call = [PROGRAM, "dea", self.panel, "--unit", "city", "--time", "year", "--inputs", "k,l", "--good", "y,z",
                "--model", model, "--format", "json"]
        call += ["--bad", "b,c"] if bads and model in HAS_BADS else []
        call += EXTRA.get(model, []) if extra else []
        return subprocess.run([*call, *args], capture_output=True, text=True)

    def refused(self, model, *args, hint="", **options):
        done = self.run(model, *args, **options)
        assert done.returncode == 64, (model, args, done.returncode, done.stderr)
        assert done.stdout == "", (model, args)
        assert hint in done.stderr, (model, args, hint, done.stderr)

    def taken(self, model, *args, **options):
        done = self.run(model, *args, **options)
        assert done.returncode == 0, (model, args, done.stderr)
        return json.loads(done.stdout)


def only(program, models, *args, hint, need=(), **options):
    """The option is taken by these models and refused by the others, with what there is."""
    for model in ALL:
        if model in models:
            program.taken(model, *need, *args, **options)
        else:
            program.refused(model, *args, hint=hint, **options)


def scores(result):
    return [unit["score"] for unit in result["units"]]


def same(program, model, args, other, **options):
    one, two = program.taken(model, *args, **options), program.taken(model, *other, **options)
    for answer in (one, two):  # how weights and directions were named is part of the answer
        for key in ("weights", "direction_inputs", "direction_good", "direction_bad", "bads_as_inputs", "disposability"):
            answer.pop(key, None)
    assert one == two, (model, args, other)


def check_which_models(program):
    only(program, ("radial", "sbm"), "--scale-efficiency", hint="radial, sbm")
    only(program, ("radial", "sbm", "ddf", "nddf"), "--super", hint="radial, sbm, ddf, nddf")
    only(program, ("sbm",), "--combine", hint="sbm")
    only(program, ("sbm",), "--super-bads", "numerator", hint="sbm", need=("--super",))
    only(program, ("sbm",), "--zeros", "drop", hint="sbm")
    only(program, ("ddf", "nddf"), "--disposability", "weak-naive", hint="strong")
    for flag in ("--direction-inputs", "--direction-good", "--direction-bad"):
        only(program, ("ddf", "nddf"), flag, "observed", hint="nddf")
    for model in ALL:
        for orientation in ("input", "output"):
            taken = model in ("radial", "sbm", "additive", "fdh")
            (program.taken if taken else program.refused)(model, "--orientation", orientation)
        (program.refused if model in ("radial", "fdh") else program.taken)(model, "--orientation", "none")
        program.taken(model, "--disposability", "strong")
        program.taken(model, "--slacks", "mean", "--peers", "--targets")
        (program.refused if model == "fdh" else program.taken)(model, "--prices")
    only(program, ("cost",), "--prices-inputs", "pk,pl", hint="cost", extra=False)
    only(program, ("revenue",), "--prices-good", "py,pz", hint="revenue", extra=False)


def check_words(program):
    for option, value in (("--orientation", "graph"), ("--returns", "irs"), ("--disposability", "free"),
                          ("--reference", "pooled"), ("--super-bads", "above"), ("--super-leave", "city"),
                          ("--slacks", "max"), ("--zeros", "keep"), ("--weights", "equal"),
                          ("--direction-good", "data")):
        model = "nddf" if option in ("--weights", "--direction-good", "--disposability") else "sbm"
        program.refused(model, *(["--super"] if "super" in option else []), option, value, hint=value)
    for model, words in (("nddf", ("thirds", "halves", "ones")), ("sbm", ("items", "groups")),
                         ("additive", ("ones", "mip", "ram", "bam", "normalized"))):
        for word in words:
            program.taken(model, "--weights", word)
        for word in {"thirds", "items", "mip"} - set(words):
            program.refused(model, "--weights", word, hint=words[0])
    for model in ("radial", "ddf", "fdh", "cost", "revenue"):
        program.refused(model, "--weights", "ones", hint="nddf, additive and sbm")


def check_lists(program):
    program.refused("nddf", "--weights", "1,2,3", hint="6 variables")
    program.refused("nddf", "--weights", "1,1,1,1,1,-1", hint="-1")
    program.refused("nddf", "--weights", "0,0,0,0,0,0", hint="weight")
    program.refused("nddf", "--weights", "1,1,0,0,0,0", hint="both a weight and a direction")
    program.refused("additive", "--weights", "1,2,3", hint="4 variables")
    program.refused("sbm", "--weights", ".5,.5,.25,.25,.25,.5", hint="add up to 1")
    program.refused("sbm", "--weights", ".4,.4,.25,.25,.25,.25", hint="add up to 1")
    program.refused("ddf", "--direction-inputs", "1", hint="2 variables")
    program.refused("ddf", "--direction-good", "1,nan", hint="at least 0")
    program.refused("ddf", "--direction-good", "zeros", "--direction-bad", "zeros", hint="zero for every variable")
    program.refused("ddf", "--direction-good", "0,0", "--direction-bad", "zeros", hint="zero for every variable")
    program.refused("ddf", "--direction-good", "zeros", hint="zero for every variable", bads=False)
    program.refused("ddf", "--direction-bad", "ones", hint="no bad output", bads=False)
    program.refused("cost", hint="2 variables", extra=False)
    program.refused("cost", "--prices-inputs", "pk", hint="2 variables", extra=False)
    program.refused("cost", "--prices-inputs", "pk,y", hint="two roles", extra=False)
    program.refused("cost", "--prices-inputs", "pk,year", hint="two roles", extra=False)


def check_combinations(program):
    for model in ("ddf", "nddf"):
        for returns in ("nirs", "ndrs"):
            program.refused(model, "--returns", returns, hint="weak-naive")
            program.refused(model, "--returns", returns, "--disposability", "weak", hint="weak-naive")
            program.taken(model, "--returns", returns, "--disposability", "weak-naive")
            program.taken(model, "--returns", returns, "--disposability", "strong")
            program.taken(model, "--returns", returns, bads=False)  # nothing to dispose of
        program.refused(model, "--bads-as-inputs", "--disposability", "weak", hint="strong")
    program.refused("additive", "--bad", "b", hint="--bads-as-inputs")
    program.taken("additive", "--bad", "b", "--bads-as-inputs")
    program.refused("cost", "--bads-as-inputs", hint="prices")
    program.refused("sbm", "--bads-as-inputs", hint="no bad output", bads=False)
    program.refused("sbm", "--super-leave", "unit", hint="super-efficiency")
    program.refused("sbm", "--super-bads", "numerator", hint="super-efficiency")
    program.refused("sbm", "--super", "--super-bads", "numerator", "--orientation", "input", hint="denominator")
    program.refused("sbm", "--super", "--super-bads", "numerator", "--weights", "groups", hint="items")
    program.refused("sbm", "--super", "--bads-as-inputs", "--super-bads", "numerator", hint="inputs")
    program.refused("sbm", "--super", "--scale-efficiency", hint="super-efficiency")
    program.refused("sbm", "--reference", "window", hint="window:1")


def own_choices(model):
    """What a model says of itself beyond the common header, by default."""
    directions = {"direction_inputs": "zeros", "direction_good": "observed", "direction_bad": "observed"}
    own = {"disposability": "weak" if model in ("ddf", "nddf") else "strong"} if model != "additive" else {}
    if model in ("ddf", "nddf"):
        own.update(directions)
    if model in ("sbm", "additive", "nddf"):
        own["weights"] = {"sbm": "items", "additive": "ones", "nddf": "thirds"}[model]
    if model == "sbm":
        own["item_weights"] = [1 / 2] * 2 + [1 / 4] * 4
    if model == "nddf":
        own["item_weights"] = [1 / 6] * 6
    if model == "additive":
        own["item_weights"] = [1] * 4
    if model in ("cost", "revenue"):
        own["prices"] = ["pk", "pl"] if model == "cost" else ["py", "pz"]
    return own


def check_defaults(program):
    answers = {model: program.taken(model) for model in ALL}
    for model, answer in answers.items():
        assert ("work" in answer) == ("certificate" in answer) == (model != "fdh"), answer
        if model != "fdh":
            assert answer["work"]["programs"] >= len(answer["units"]) and answer["certificate"]["gap"] <= 1e-9
    head = {model: {k: v for k, v in answer.items() if k not in ("units", "work", "certificate")}
            for model, answer in answers.items()}
    for model, header in head.items():
        assert header == {"model": model, "orientation": "input" if model in ("radial", "fdh") else "none",
                          "returns": "vrs" if model == "fdh" else "crs", "reference": "contemporaneous",
                          "convention": "farrell", "inputs": ["k", "l"], "good": ["y", "z"],
                          "bad": [] if model == "additive" else ["b", "c"], "bads_as_inputs": False, "super": False,
                          "combine": False, **own_choices(model)}, header
    for model in ("ddf", "nddf"):
        for returns in ("crs", "vrs"):
            same(program, model, ["--returns", returns], ["--returns", returns, "--disposability", "weak"])
        same(program, model, [], ["--direction-inputs", "zeros", "--direction-good", "observed", "--direction-bad",
                                  "observed"])
        same(program, model, ["--bads-as-inputs"], ["--disposability", "strong"])
    same(program, "nddf", [], ["--weights", "thirds"])
    same(program, "nddf", ["--weights", "halves"], ["--weights", "0,0,.25,.25,.25,.25"])
    same(program, "nddf", ["--weights", "ones"], ["--weights", "1,1,1,1,1,1"])
    same(program, "sbm", [], ["--weights", ".5,.5,.25,.25,.25,.25"])
    same(program, "sbm", ["--weights", "groups"], ["--weights", "items"])  # as many goods as bads
    same(program, "additive", ["--weights", "ones"], ["--weights", "1,1,1,1"])
    same(program, "ddf", ["--direction-good", "ones"], ["--direction-good", "1, 1"])
    same(program, "sbm", ["--super"], ["--super", "--super-bads", "denominator", "--super-leave", "row"])
    same(program, "sbm", ["--combine"], ["--super", "--combine"])
    for model in ("radial", "ddf"):
        mean, raw = (program.taken(model, "--slacks", word) for word in ("mean", "raw"))
        assert scores(mean) == scores(raw)
    for bads in ("denominator", "numerator"):
        assert program.taken("sbm", "--super", "--super-bads", bads)["super_bads"] == bads
    assert "super_bads" not in program.taken("radial", "--super")


def check_fields(program):
    """Which fields a unit has, by what was asked for."""
    base = {"unit", "time", "score", "status", "unique"}
    for model in ALL:
        fields = base | ({"beta"} if model == "nddf" else set())
        asked = [[], ["--slacks", "raw"], ["--targets"], ["--peers"]] + ([["--prices"]] if model != "fdh" else [])
        more = [set(), {"slack"}, {"target"}, {"peers"}, {"price", "returns_price", "shadow_price"}]
        for args, extra in zip(asked, more):
            for unit in program.taken(model, *args)["units"]:
                assert set(unit) == fields | extra, (model, args, set(unit))
                assert unit["unique"] in (True, False, None)
    unit = program.taken("sbm", "--scale-efficiency")["units"][0]
    assert set(unit) == base | {"scale_efficiency", "returns_direction", "score_crs", "score_vrs", "score_nirs"}
    unit = program.taken("ddf", "--prices", "--peers", "--returns", "vrs")["units"][0]
    assert set(unit["price"]) == {"k", "l", "y", "z", "b", "c"} and set(unit["shadow_price"]) == {"b", "c"}
    assert all(set(peer) == {"unit", "time", "lambda", "idle"} for peer in unit["peers"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder)
        for check in (check_which_models, check_words, check_lists, check_combinations, check_defaults,
                      check_fields):
            check(program)
    print("every option of greenfront dea is taken or refused as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
