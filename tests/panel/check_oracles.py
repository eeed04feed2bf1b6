#!/usr/bin/env python3
"""Published figures on well-known panels, through the program.

The data are read where they are present (GREENFRONT_SHARED/data/econometrics), each set skipped by name where not.
Every set names its printed source and the digits that it prints. Digits beyond those in print were computed with R's
plm 2.6-2 and sandwich on the same files.
"""
import json
import math
import os
import subprocess
import sys

SHARED = os.environ.get("GREENFRONT_SHARED", "../shared")
PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
FOLDER = os.path.join(SHARED, "data", "econometrics")
COUNT, SKIPPED, FAILED = 0, [], []


def present(name):
    if os.path.exists(os.path.join(FOLDER, name)):
        return True
    SKIPPED.append(name)
    return False


def regress(name, formula, vcov, *flags):
    words = [PROGRAM, "regress", os.path.join(FOLDER, name), formula, "--vcov", vcov, "--format", "json", *flags]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    result = json.loads(done.stdout)
    result["by"] = {t["term"]: t for t in result["terms"]}
    return result


def near(what, got, want, digits):
    """Agreement to so many significant digits of what was printed."""
    global COUNT
    COUNT += 1
    unit = 10.0 ** (math.floor(math.log10(abs(want))) + 1 - digits)
    if not abs(got - want) <= 0.51 * unit:
        FAILED.append(f"{what}: {got!r} instead of {want}")


def petersen():
    """M. Petersen, "Test data and results" on his page of programming advice at Kellogg, for the article in the Review of
    Financial Studies 22 (2009), prints four digits: b 1.0348, 0.0297; standard errors of (x, _cons) OLS 0.0286, 0.0284;
    White 0.0284, 0.0284; by firm 0.0506, 0.0670; by year 0.0334, 0.0234; by both 0.0536, 0.0651."""
    name = "sandwich-PetersenCL.csv"
    if not present(name):
        return
    errors = {"iid": (0.02835932, 0.02858329), "robust": (0.02836067, 0.02839516),
              "cluster:firm": (0.06701270, 0.05059573), "cluster:year": (0.02338672, 0.03338891)}
    squares = {}
    for vcov, (constant, slope) in errors.items():
        fit = regress(name, "y ~ x", vcov)
        near("Petersen b", fit["by"]["x"]["estimate"], 1.0348334, 8)
        near("Petersen constant", fit["by"]["_cons"]["estimate"], 0.02967972, 7)
        for term, want in (("_cons", constant), ("x", slope)):
            near(f"Petersen {vcov} {term}", fit["by"][term]["std_error"], want, 6)
            squares[vcov, term] = fit["by"][term]["std_error"] ** 2
    both = regress(name, "y ~ x", "cluster:firm+year")
    # Petersen adds the three variances each with its own factor; reghdfe and ivreg2 scale their sum once.
    for term, separate, once in (("_cons", 0.06506392, 0.0681), ("x", 0.05355802, 0.0553)):
        sum_of_three = squares["cluster:firm", term] + squares["cluster:year", term] - squares["robust", term]
        near(f"Petersen two-way, own factors, {term}", math.sqrt(sum_of_three), separate, 6)
        near(f"Petersen two-way, one factor, {term}", both["by"][term]["std_error"], once, 3)


def plm_cluster(fit, groups):
    """plm's clustered error times sqrt(G/(G-1)) has no (N-1)/(N-k)."""
    return math.sqrt(groups / (groups - 1) / fit["small_sample_factor"])


def fatalities():
    """J. Stock, M. Watson, Introduction to Econometrics (3rd ed.), Table 10.1, columns 1 to 3, prints two digits: 0.36,
    -0.66 (0.29), -0.64 (0.36), the last standard error with (N-1)/(N-k) beside the G/(G-1) of plm."""
    name = "AER-Fatalities.csv"
    if not present(name):
        return
    y = "I(10000 * fatal / pop)"
    pooled = regress(name, f"{y} ~ beertax", "iid")
    near("Fatalities pooled", pooled["by"]["beertax"]["estimate"], 0.36460544, 8)
    near("Fatalities pooled se", pooled["by"]["beertax"]["std_error"], 0.06216983, 7)
    near("Fatalities constant", pooled["by"]["_cons"]["estimate"], 1.8533079, 8)
    for effects, b, iid, clustered in (("state", -0.65587372, 0.18784999, 0.29141971),
                                       ("state + year", -0.63997999, 0.19737679, 0.35332798)):
        fit = regress(name, f"{y} ~ beertax | {effects}", "iid")
        near(f"Fatalities {effects}", fit["by"]["beertax"]["estimate"], b, 8)
        near(f"Fatalities {effects} se", fit["by"]["beertax"]["std_error"], iid, 7)
        fit = regress(name, f"{y} ~ beertax | {effects}", "cluster:state")
        near(f"Fatalities {effects} clustered", fit["by"]["beertax"]["std_error"] * plm_cluster(fit, 48), clustered, 7)


# Stata Longitudinal-Data/Panel-Data Reference Manual, [XT] xtreg, the fixed-effects example (`xtreg ..., fe`): all
# digits that it prints.
NLSWORK = {
    "age": (0.0359987, 0.0033864), "I(age^2)": (-0.000723, 0.0000533), "ttl_exp": (0.0334668, 0.0029653),
    "I(ttl_exp^2)": (0.0002163, 0.0001277), "tenure": (0.0357539, 0.0018487),
    "I(tenure^2)": (-0.0019701, 0.000125), "not_smsa": (-0.0890108, 0.0095316), "south": (-0.0606309, 0.0109319)}


def nlswork():
    name = "sampleSelection-nlswork.csv"
    if not present(name):
        return
    fit = regress(name, f"ln_wage ~ grade + {' + '.join(NLSWORK)} | idcode", "iid", "--keep-singletons")
    if fit["n"] != 28091:
        FAILED.append(f"nlswork: {fit['n']} rows instead of 28091")
    for term, (b, se) in NLSWORK.items():
        near(f"nlswork {term}", fit["by"][term]["estimate"], b, 6 if abs(b) >= 0.01 else 3)
        near(f"nlswork {term} se", fit["by"][term]["std_error"], se, 5 if se >= 0.001 else 3)
    near("nlswork constant", fit["by"]["_cons"]["estimate"], 1.03732, 6)
    if fit["omitted"] != [{"term": "grade", "reason": "absorbed by the fixed effects"}]:
        FAILED.append(f"nlswork: omitted {fit['omitted']}")
    # Not in the manual: plm's clustered error.
    robust = regress(name, f"ln_wage ~ {' + '.join(NLSWORK)} | idcode", "cluster:idcode", "--keep-singletons")
    near("nlswork clustered", robust["by"]["age"]["std_error"] * plm_cluster(robust, robust["clusters"]["idcode"]),
         0.005239995, 7)


def grunfeld():
    """B. Baltagi, Econometric Analysis of Panel Data, Table 2.1 (pooled, firm effects) and Table 3.1 (firm and year
    effects), prints three to four digits, and C. Kleiber, A. Zeileis, "The Grunfeld data at 50", German Economic Review 11
    (2010), repeats them. The clustered error of capital alone is Stata's, as the vignette "On standard-errors" of fixest
    prints it."""
    name = "plm-Grunfeld.csv"
    if not present(name):
        return
    for effects, value, capital in (("0", (0.11556216, 0.0058357), (0.23067849, 0.0254758)),
                                    ("firm", (0.1101238, 0.0118567), (0.3100653, 0.0173545)),
                                    ("firm + year", (0.1177159, 0.0137513), (0.3579163, 0.0227190))):
        fit = regress(name, f"inv ~ value + capital | {effects}", "iid")
        for term, (b, se) in (("value", value), ("capital", capital)):
            near(f"Grunfeld {effects} {term}", fit["by"][term]["estimate"], b, 6)
            near(f"Grunfeld {effects} {term} se", fit["by"][term]["std_error"], se, 4)
    fit = regress(name, "inv ~ capital | firm + year", "cluster:firm")
    near("Grunfeld capital", fit["by"]["capital"]["estimate"], 0.41380183, 8)
    near("Grunfeld capital se", fit["by"]["capital"]["std_error"], 0.06328129, 7)


def main():
    petersen()
    fatalities()
    nlswork()
    grunfeld()
    for name in SKIPPED:
        print(f"SKIPPED {name}: not in {FOLDER}")
    print(f"{COUNT} figures compared, {len(FAILED)} differ")
    for text in FAILED:
        print("FAILED " + text)
    if COUNT == 0:
        return 77
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
