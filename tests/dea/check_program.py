"""The contract of `greenfront dea`: exit codes, nothing on standard output after an error, the shape of its JSON."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
FILE = """city,year,k,l,y,b
b,2001,2,3,4,1
a,2001,4,3,4,2
c,2001,6,9,8,NA
a,2000,4,3,3,2
b,2000,1,5,5,1
"""
BASE = ["--unit", "city", "--time", "year", "--inputs", "k,l", "--good", "y", "--bad", "b"]


def run(folder, *args, text=FILE):
    path = os.path.join(folder, "panel.csv")
    with open(path, "w") as f:
        f.write(text)
    return subprocess.run([PROGRAM, "dea", path, *args], capture_output=True, text=True)


def refused(folder, code, hint, *args, text=FILE):
    result = run(folder, *args, text=text)
    assert result.returncode == code, (args, result.returncode, result.stderr)
    assert result.stdout == "", args
    assert hint in result.stderr, (args, result.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for option, value in (("--model", "additiv"), ("--returns", "irs"), ("--orientation", "graph"),
                              ("--disposability", "weak"), ("--zeros", "keep"), ("--slacks", "max"),
                              ("--reference", "pooled"), ("--reference", "window"), ("--reference", "trailing:x")):
            args = [*BASE, "--model", "sbm"] if option != "--model" else BASE
            refused(folder, 64, value.split(":")[0], *args, option, value)
        refused(folder, 64, "orientation", *BASE, "--model", "radial", "--orientation", "none")
        refused(folder, 64, "two roles", *BASE[:-2], "--bad", "y", "--model", "sbm")
        refused(folder, 64, "two roles", "--unit", "city", "--inputs", "k", "--good", "city", "--model", "sbm")
        refused(folder, 64, "period", "--unit", "city", "--inputs", "k", "--good", "y", "--model", "sbm", "--reference",
                "sequential", text="city,k,y\na,1,2\n")
        refused(folder, 65, "capital", *BASE[:-2], "--bad", "capital", "--model", "sbm")
        refused(folder, 65, "a", *BASE, "--model", "sbm", text=FILE.replace("a,2000,4", "a,2000,-4"))
        refused(folder, 65, "", "--unit", "city", "--inputs", "k", "--good", "y", "--model", "sbm",
                text="city,k,y\na,NA,2\nb,1,NA\n")

        shown = run(folder, *BASE, "--model", "sbm", "--slacks", "mean", "--peers", "--prices", "--targets", "--format",
                    "json")
        assert shown.returncode == 0, shown.stderr
        result = json.loads(shown.stdout)
        assert [result[k] for k in ("model", "orientation", "returns", "reference", "convention")] == \
            ["sbm", "none", "crs", "contemporaneous", "farrell"]
        units = result["units"]
        assert [(u["unit"], u["time"]) for u in units] == \
            [("b", 2001), ("a", 2001), ("c", 2001), ("a", 2000), ("b", 2000)]
        missing = units[2]
        assert missing["status"] == "undefined" and missing["score"] is None and missing["peers"] == []
        assert set(missing["slack"].values()) == {None}
        for unit, x, y, b in ((units[1], (4, 3), 4, 2), (units[3], (4, 3), 3, 2)):
            s = unit["slack"]
            rho = (1 - (s["k"] / x[0] + s["l"] / x[1]) / 2) / (1 + (s["y"] / y + s["b"] / b) / 2)
            assert abs(rho - unit["score"]) < 1e-12, unit
            assert abs(unit["target"]["k"] - (x[0] - s["k"])) < 1e-12
            assert abs(unit["target"]["y"] - (y + s["y"])) < 1e-12
            assert {p["unit"] for p in unit["peers"]} == {"b"} and set(unit["price"]) == {"k", "l", "y", "b"}

        plain = run(folder, "--unit", "city", "--inputs", "k", "--good", "y", "--model", "radial", "--format", "json",
                    text="city,k,y\nb,1,2\na,1,1\n")
        result = json.loads(plain.stdout)
        assert result["orientation"] == "input"
        assert [(u["unit"], u["time"], u["score"]) for u in result["units"]] == [("b", None, 1.0), ("a", None, 0.5)]
        assert "slack" not in result["units"][0] and "peers" not in result["units"][0]

        one = run(folder, *BASE, "--model", "sbm", "--threads", "1", "--format", "csv").stdout
        two = run(folder, *BASE, "--model", "sbm", "--threads", "2", "--format", "csv").stdout
        assert one == two and one.startswith("unit,time,score,status")
    print("greenfront dea keeps its contract")
    return 0


if __name__ == "__main__":
    sys.exit(main())
