"""What scripts/mutate takes for code, and that each mutant is one edit of one line."""

import os
import sys
from pathlib import Path

SOURCE = Path(os.environ["GREENFRONT_SOURCE"])
sys.path.insert(0, str(SOURCE / "scripts"))

from greenfront_mutants import sites, tests  # noqa: E402  (the path has to be known first)

TEXT = '''#include <a < b>
// a < b && c + 1
/* x < y
   x < y */
const char* text = "a < b";  // a < b
std::vector<int> list;
if (a < b && !done) total += 2 * x;
assert(a < b);
out.reserve(n + 1);
    sum.add(value);
constexpr double tolerance = 1e-9, half = 0.5;
R"(a < b
a < b)";
return true;
'''


def main():
    found = sites.of_file("kernels/a.cpp", TEXT)
    shown = {(m.line + 1, m.kind, m.applied(TEXT).split("\n")[m.line].strip()) for m in found}
    wanted = {
        (7, "comparison", "if (a <= b && !done) total += 2 * x;"),
        (7, "logic", "if (a < b || !done) total += 2 * x;"),
        (7, "negation", "if (a < b && done) total += 2 * x;"),
        (7, "assignment", "if (a < b && !done) total -= 2 * x;"),
        (7, "arithmetic", "if (a < b && !done) total += 2 / x;"),
        (7, "number", "if (a < b && !done) total += 3 * x;"),
        (10, "statement", ";"),
        (11, "number", "constexpr double tolerance = 1e-9, half = 1.5;"),
        (14, "logic", "return false;"),
    }
    assert shown == wanted, (shown - wanted, wanted - shown)
    for mutant in found:
        changed = [a != b for a, b in zip(TEXT.split("\n"), mutant.applied(TEXT).split("\n"))]
        assert sum(changed) == 1 and changed[mutant.line], mutant
    # Every file of the two layers has tests that answer for it.
    files = [f.relative_to(SOURCE) for layer in ("kernels", "scenarios") for f in (SOURCE / layer).rglob("*.?pp")]
    assert len(files) > 100
    for file in files:
        for folder in tests.folders(str(file)):
            assert (SOURCE / "tests" / folder).is_dir(), (file, folder)


if __name__ == "__main__":
    main()
