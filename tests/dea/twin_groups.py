"""`greenfront dea --groups` against programs within each group, written out here and solved by HiGHS (scipy)."""
import os
import subprocess
import sys
import tempfile

from linear_programs import directional, radial, sbm
from twin_models import PROGRAM, Tester, matrices, vectors, write

GROUPS = {"east": range(0, 5), "west coast": range(5, 9), "north": range(9, 11)}  # P11 has none


def group_of(row):
    number = int(row["city"][1:])
    return next((name for name, members in GROUPS.items() if number in members), "")


def main():
    with tempfile.TemporaryDirectory() as folder:
        t = Tester(folder)
        path = os.path.join(folder, "groups.csv")
        with open(t.path) as f:
            head, *lines = f.read().splitlines()
        with open(path, "w") as f:
            f.write(head + ",group\n")
            f.writelines(f"{line},{group_of(row)}\n" for line, row in zip(lines, t.rows))
        theta = lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], "crs")
        phi = lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], "vrs", "output")
        rho = lambda row, peers: sbm(*vectors(row), *matrices(peers), "crs")
        beta = lambda row, peers: directional(*vectors(row), *matrices(peers),
                                              [0, 0, *vectors(row)[1], *vectors(row)[2]], "crs", True)
        same_year = lambda a, b: a["year"] == b["year"]
        everyone = lambda a, b: True
        models = ((["--model", "radial"], theta, lambda s: s), (["--model", "radial", "--orientation", "output",
                  "--returns", "vrs"], phi, lambda s: 1 / s), (["--model", "sbm", "--bad", "b,c"], rho, lambda s: s),
                  (["--model", "ddf", "--bad", "b,c"], beta, lambda s: 1 / (1 + s)))
        below = 0
        for rule, within in (("contemporaneous", same_year), ("global", everyone)):
            for args, score, efficiency in models:
                units = t.run(*args, "--reference", rule, "--groups", "group", path=path)
                for row, unit in zip(t.rows, units):
                    peers = [peer for peer in t.rows if within(row, peer)]
                    own = [peer for peer in peers if group_of(peer) == group_of(row)]
                    t.close(unit["score"], score(row, peers), (args, rule))
                    if not group_of(row):
                        assert unit["group"] is None and unit["score_group"] is None and unit["technology_gap"] is None
                        continue
                    assert unit["group"] == group_of(row)
                    t.close(unit["score_group"], score(row, own), (args, rule, "group"))
                    gap = efficiency(unit["score"]) / efficiency(unit["score_group"])
                    t.close(unit["technology_gap"], min(1, gap), (args, rule, "gap"))
                    assert unit["technology_gap"] <= 1
                    below += unit["technology_gap"] < 0.999
        assert below > 20
        _, errors = t.run("--model", "radial", "--groups", "group", path=path, errors=True)
        assert "3 rows have no value of group" in errors, errors
        base = [PROGRAM, "dea", path, "--unit", "city", "--time", "year", "--inputs", "k,l", "--good", "y", "--groups"]
        for args, code in ((["group", "--model", "additive"], 64), (["group", "--model", "sbm", "--super"], 64),
                           (["group", "--model", "sbm", "--reference-panel", path], 64), (["gruop", "--model", "sbm"], 65)):
            done = subprocess.run([*base, *args], capture_output=True, text=True)
            assert done.returncode == code and not done.stdout, (args, done)
        # One group for all: the metafrontier itself.
        write(path, [{**row, "pk": 1} for row in t.rows])
        for unit in t.run("--model", "sbm", "--groups", "pk", path=path):
            assert unit["technology_gap"] == 1 and unit["score_group"] == unit["score"], unit
    print(f"{t.figures} figures as HiGHS has them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
