"""Which tests answer for a source file: its kernel's own test program first, then the tests of the same folder."""

import re

# The first pattern that matches says it. The bootstraps of efficiency stand among the kernels of DEA and are
# tested beside the other bootstraps.
OWNERS = [
    (r"kernels/dea/(.*_bootstrap|joint_smoothing|score_smoothing|subsampling|two_stage|separability|returns_test|"
     r"partial_frontier|radial_sample|rays|facet_scores)\.", ["resample", "dea"]),
    (r"kernels/(dea|lp)/", ["dea"]),
    (r"kernels/panel/", ["panel"]),
    (r"kernels/limited/", ["limited", "resample"]),
    (r"kernels/resample/", ["resample"]),
    (r"kernels/(rng|stats)/", ["resample", "panel", "scenarios"]),
    (r"kernels/index/", ["scenarios"]),
    (r"kernels/[^/]*$", ["dea", "panel", "resample"]),
    (r"scenarios/(formula|design|transforms|groups)", ["panel", "scenarios"]),  # tested where they are estimated
    (r"scenarios/", ["scenarios", "engine"]),
]


def folders(file):
    for pattern, names in OWNERS:
        if re.match(pattern, file):
            return names
    raise LookupError(f"no tests are named for {file}; add a line to OWNERS in {__file__}")


def ctest_pattern(file):
    """All tests of the folders, and for scenarios the program's tests of what is built of them."""
    pattern = "|".join(folders(file))
    also = r"|program\.check_(sweep|twin|run|winsorize|readme)" if file.startswith("scenarios/") else ""
    return rf"^(({pattern})(\.|$){also})"
