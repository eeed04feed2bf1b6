// Coverage of the intervals of a policy sweep on simulated panels where the effect of the lever is known.
//
//     y_it = 1.5 x_it + 0.8 w_it + a_i + d_t + e_it,  x and e with persistent parts of each unit,
//     lever: x -> x (1 + p) in half of the units from the fifth of eight periods on
//     true effect: 1.5 p times the mean of x over the units and periods that it acts on, over all averaged
//     rows
// Kinds: `fixed` knows p; `uncertain` draws the true p of each panel from the distribution that the lever
// states; `mediated` has y = 1 x + 0.5 M + .., M = 2 x + .. and the effect through M in its intervals, too;
// `types` gives half of the units another coefficient and uses a regression for each half. Prints a Markdown
// table: kind, units, panels, coverage in percent of intervals at 90 %, its standard error, mean width. Exit
// 1 when a share lies outside of 87 to 93 % (with 1,000 panels or more).
#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runner.hpp"
#include "kernels/rng/philox.hpp"
#include "tests/arguments.hpp"
#include "tests/engine/silent.hpp"

using namespace greenfront;
using engine_test::Silent;
using test_arguments::number_after;

namespace {

constexpr int periods = 8, first_treated = 5;
constexpr std::uint64_t data_stage = 61;
constexpr double beta_x = 1.5, beta_w = 0.8;

enum class Kind { fixed, uncertain, mediated, types };
constexpr Kind kinds[] = {Kind::fixed, Kind::uncertain, Kind::mediated, Kind::types};
constexpr const char* kind_names[] = {"fixed", "uncertain", "mediated", "types"};

struct Simulated {
    Panel panel;
    double effect = 0;  ///< true mean effect over rows from the first treated period on
};

Simulated simulate(Kind kind, int units, std::uint64_t seed, std::uint64_t number, double share) {
    std::vector<Column> table(7);
    const char* names[] = {"unit", "year", "x", "w", "m", "y", "half"};
    for (std::size_t c = 0; c < table.size(); ++c) table[c].name = names[c];
    double moved = 0, rows = 0;
    for (int i = 0; i < units; ++i) {
        rng::Stream random(seed, data_stage, number, static_cast<std::uint64_t>(i));
        const double a = random.normal(), level = 2 + 0.5 * random.normal();
        const bool half = i % 2 == 1;
        double slow_x = random.normal(), slow_e = random.normal();
        for (int t = 1; t <= periods; ++t) {
            slow_x = 0.6 * slow_x + 0.8 * random.normal();
            slow_e = 0.6 * slow_e + 0.8 * random.normal();
            const double x = std::exp(0.3 * (level + slow_x)), w = 0.5 * x + random.normal();
            const double m = 2 * x + 0.3 * a + random.normal();
            const double slope = kind == Kind::types && half ? 0.5 : kind == Kind::mediated ? 1.0 : beta_x;
            double y = slope * x + beta_w * w + a + 0.1 * t + slow_e + 0.5 * random.normal();
            if (kind == Kind::mediated) y += 0.5 * m;
            const double values[] = {static_cast<double>(i), static_cast<double>(2000 + t), x, w, m, y,
                                     half ? 1.0 : 0.0};
            for (std::size_t c = 0; c < table.size(); ++c) table[c].number.push_back(values[c]);
            if (t < first_treated) continue;
            ++rows;
            // The lever acts on every other pair of units: on both halves.
            const double total = kind == Kind::mediated ? slope + 0.5 * 2 : slope;
            if (i % 4 < 2) moved += total * share * x;
        }
    }
    return {Panel::from_table("simulated", std::move(table), "unit", "year"), moved / rows};
}

Study study_of(Kind kind, std::uint64_t seed) {
    Study study;
    study.name = "coverage";
    study.seed = seed;
    study.panel = {"simulated", "unit", "year", ""};
    study.prepare.derive = {{"acts", "floor(unit / 2) / 2 == floor(floor(unit / 2) / 2)", ""}};
    const auto regression = [&](const std::string& name, const std::string& where) {
        RegressionStage& stage = study.regression.add(name);
        stage.formula = "y ~ x + w | unit + year";
        stage.where = where;
        stage.vcov = "cluster:unit";
        BootstrapStage& boot = study.bootstrap.add(name);
        boot.regression = name;
        boot.cluster = "unit";
        boot.replicates = 499;
    };
    regression("main", "");
    SweepStage& sweep = study.sweep.add("policy");
    sweep.regression = "main";
    sweep.bootstrap = "main";
    sweep.confidence = 0.9;
    if (kind == Kind::types) {
        regression("half", "half == 1");
        regression("rest", "half == 0");
        sweep.types = {{"half", "half == 1", "half", "half"}, {"rest", "half == 0", "rest", "rest"}};
    }
    if (kind == Kind::mediated) {
        study.bootstrap = {};
        sweep.bootstrap.clear();
        sweep.mediation = "path";
        MediationStage& path = study.mediation.add("path");
        path.regression = "main";
        path.treatment = "x";
        path.mediator = "m";
        path.cluster = "unit";
        path.replicates = 499;
    }
    Operation scale;
    scale.type = "scale";
    scale.variable = "x";
    scale.per_unit = 0.2;
    if (kind == Kind::uncertain) {
        scale.per_unit = {};
        scale.per_unit.distribution = "triangular";
        scale.per_unit.low = 0.1;
        scale.per_unit.mode = 0.2;
        scale.per_unit.high = 0.35;
        sweep.replicates = 199;  // every replicate has its own panel
    }
    study.lever.add("more_x").operations = {scale};
    study.lever.find("more_x")->name = "more_x";
    SweepLever lever;
    lever.lever = "more_x";
    lever.intensities = {1};
    lever.where = "acts";
    lever.path.start = 2000 + first_treated;
    sweep.levers = {lever};
    return study;
}

struct Interval {
    bool covers = false;
    double width = 0;
};

Interval one(Kind kind, int units, std::uint64_t seed, std::uint64_t number) {
    const Study study = study_of(kind, seed + number);
    const auto& per_unit = study.lever.find("more_x")->operations[0].per_unit;
    rng::Stream truth(seed, data_stage + 1, number);
    const double share = kind == Kind::uncertain ? quantile(per_unit, truth.uniform()) : 0.2;
    const Simulated data = simulate(kind, units, seed, number, share);
    const Named<Lever> catalogue;
    Silent progress;
    Workspace workspace = prepare_workspace(study, catalogue, data.panel, progress);
    run(workspace);
    const auto& group = *workspace.results.find("sweep/policy");
    const auto value = [&](const char* name) {
        return std::get<std::vector<double>>(group.find(name)->values).front();
    };
    const double low = value("econometric_low"), high = value("econometric_high");
    return {low <= data.effect && data.effect <= high, high - low};
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t panels = number_after("--panels", argc, argv, 2000);
    const auto seed = static_cast<std::uint64_t>(number_after("--seed", argc, argv, 1));
    bool outside = false;
    fmt::print("| effect | units | coverage at 90 % | its SE | mean width |\n|---|---|---|---|---|\n");
    for (std::size_t k = 0; k < std::size(kinds); ++k) {
        for (const int units : {48, 240}) {
            std::vector<Interval> made(static_cast<std::size_t>(panels));
            tbb::parallel_for(std::size_t{0}, made.size(),
                              [&](std::size_t p) { made[p] = one(kinds[k], units, seed, p); });
            double covered = 0, width = 0;
            for (const Interval& interval : made) covered += interval.covers, width += interval.width;
            const auto n = static_cast<double>(panels);
            const double share = 100 * covered / n;
            fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.3f} |\n", kind_names[k], units, share,
                       100 * std::sqrt(0.9 * 0.1 / n), width / n);
            std::fflush(stdout);
            if (panels >= 1000 && (share < 87 || share > 93)) {
                outside = true;
                fmt::print(stderr, "coverage_study: {}, {} units: {:.1f} % is outside 87 to 93 %\n",
                           kind_names[k], units, share);
            }
        }
    }
    return outside ? 1 : 0;
}
