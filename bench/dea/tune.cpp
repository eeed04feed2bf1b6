// Which rule of a solver is the fastest for which program: the search behind best_rule().
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "bench/dea/build_hull.hpp"
#include "bench/dea/contest.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {
namespace {

struct Trial {
    Rule rule;
    std::vector<double> us;
    Comparison comparison;
};

/// Rounds go through all rules in turn, so that a drift of the machine's speed meets them all.
void try_rules(const std::string& what, Library library, Statement& statement,
               const std::vector<std::int32_t>& columns, const Eigen::VectorXd* scores,
               const Options& options, Eigen::Index sample) {
    std::vector<Trial> trials;
    for (const Rule& rule : all_rules(library)) trials.push_back({rule, {}, {}});
    for (int round = 0; round < options.rounds; ++round) {
        for (Trial& trial : trials) {
            const auto rival = make_rival(library, statement, columns, trial.rule);
            const auto where = stretches(statement.data->units(), sample);
            const Timing timing = time_sample(*rival, statement, where, scores, trial.comparison);
            trial.us.push_back(1e6 * timing.seconds);
        }
    }
    std::stable_sort(trials.begin(), trials.end(),
                     [](const Trial& a, const Trial& b) { return median(a.us) < median(b.us); });
    fmt::print("{}, {}\n", what, name_of(library));
    for (const Trial& trial : trials)
        fmt::print("  {:8.1f} us  {}; {}\n", median(trial.us), trial.rule.name(library),
                   trial.comparison.summary());
    std::fflush(stdout);
}

}  // namespace

bool run_tune(const Options& options) {
    const dea::Quantities q = options.city ? city_panel(true) : scale_panel(options.sizes.front());
    const Data data(q);
    const std::vector<std::int32_t> all = themselves(q);
    for (const Case& c : cases) {
        const dea::Settings settings = make_settings(c.model, c.returns);
        const bool vrs = c.returns == dea::Returns::vrs;
        const Eigen::VectorXd score = dea::evaluate(q, q, all, settings).score;
        for (const Library library : {Library::clp, Library::glpk}) {
            const Hull hull = build_hull(
                data, vrs, library,
                best_membership_rule(library, options.city ? Order::neighbours : Order::none), data.units());
            Statement statement = state_model(data, settings);
            statement.write(0);
            try_rules(fmt::format("{}, all columns", c.name), library, statement, all, &score, options,
                      std::min<Eigen::Index>(options.sample, 90));
            try_rules(fmt::format("{}, reference set", c.name), library, statement, hull.columns, &score,
                      options, 4 * options.sample);
            if (c.model != dea::Model::radial) continue;
            Statement membership = state_membership(data, vrs);
            try_rules(fmt::format("membership {}", vrs ? "vrs" : "crs"), library, membership, hull.columns,
                      nullptr, options, 4 * options.sample);
        }
    }
    return true;
}

}  // namespace greenfront::bench
