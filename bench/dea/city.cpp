// W1, one frontier of a year's 242 units, and W2, one of 2904 unit-years, every contestant in the same run.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "bench/dea/build_hull.hpp"
#include "bench/dea/contest.hpp"
#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {
namespace {

struct Contestant {
    std::string name;
    std::vector<double> us, ratio;  ///< one a round: microseconds a program; over ours of the round
    double pivots = 0;
    Comparison comparison;
};

/// Ours, each library on all columns, each after frontier reduction.
struct Contest {
    const Case& what;
    const dea::Quantities& q;
    const Data& data;
    dea::Settings settings;
    Statement full, reduced;
    std::vector<std::unique_ptr<Rival>> raw;
    std::vector<Contestant> rows;
    Eigen::VectorXd score;
    dea::Counters counters;
    std::size_t peers = 0, hull_size = 0;

    Contest(const Case& c, const dea::Quantities& quantities, const Data& scaled)
        : what(c),
          q(quantities),
          data(scaled),
          settings(make_settings(c.model, c.returns)),
          full(state_model(scaled, settings)),
          reduced(full) {
        const std::vector<std::int32_t> all = themselves(q);
        full.write(0);
        rows.push_back({"Greenfront", {}, {}, 0, {}});
        for (const Library library : libraries) {
            raw.push_back(make_rival(library, full, all, best_rule(library, Order::neighbours, c.model)));
            rows.push_back({fmt::format("{} warm", name_of(library)), {}, {}, 0, {}});
        }
        for (const Library library : libraries)
            rows.push_back({fmt::format("reduced, {}", name_of(library)), {}, {}, 0, {}});
    }

    std::string ours() {
        const Run run = run_ours(q, settings, 1);
        std::string wrong = uncertified(q, run.scores, settings, rows[0].us.empty() ? 1 : 97);
        const auto n = static_cast<double>(q.units());
        rows[0].us.push_back(1e6 * run.cpu_seconds / n);
        rows[0].pivots = static_cast<double>(run.scores.counters.pivots) / n;
        score = run.scores.score;
        counters = run.scores.counters;
        peers = distinct_peers(run.scores, q.units()).size();
        return wrong;
    }

    void warm(std::size_t k, const std::vector<Stretch>& sample) {
        Contestant& row = rows[1 + k];
        const Timing timing = time_sample(*raw[k], full, sample, &score, row.comparison);
        row.us.push_back(1e6 * timing.seconds);
        row.pivots = timing.pivots;
    }

    /// Both phases, all units.
    void after_reduction(std::size_t k) {
        Contestant& row = rows[1 + libraries.size() + k];
        const bool vrs = settings.returns == dea::Returns::vrs;
        const Hull hull = build_hull(data, vrs, libraries[k],
                                     best_membership_rule(libraries[k], Order::neighbours), data.units());
        reduced.write(0);
        const double begin = cpu_seconds();
        const auto rival = make_rival(libraries[k], reduced, hull.columns,
                                      best_rule(libraries[k], Order::neighbours, what.model));
        const double built = cpu_seconds() - begin;
        const Timing timing =
            time_sample(*rival, reduced, stretches(data.units(), data.units()), &score, row.comparison);
        const auto n = static_cast<double>(data.units());
        row.us.push_back(1e6 * ((hull.seconds + built) / n + timing.seconds));
        row.pivots = timing.pivots + static_cast<double>(hull.pivots) / n;
        hull_size = hull.columns.size();
    }
};

bool play(Contest& contest, const Options& options) {
    const std::vector<Stretch> sample = stretches(contest.q.units(), options.sample);
    for (int round = 0; round < options.rounds; ++round) {
        const std::string wrong = contest.ours();
        if (!wrong.empty()) {
            fmt::print(stderr, "{}: {}\n", contest.what.name, wrong);
            return false;
        }
        const std::size_t others = 2 * libraries.size();
        for (std::size_t k = 0; k < others; ++k) {
            const std::size_t turn = (k + static_cast<std::size_t>(round)) % others;
            if (turn < libraries.size())
                contest.warm(turn, sample);
            else
                contest.after_reduction(turn - libraries.size());
        }
        for (Contestant& row : contest.rows) row.ratio.push_back(row.us.back() / contest.rows[0].us.back());
    }
    bool right = true;
    for (const Contestant& row : contest.rows)
        right = judge(fmt::format("{}, {}", contest.what.name, row.name), contest.q, contest.settings,
                      contest.score, row.comparison) &&
                right;
    return right;
}

/// Goals are those of W2.
void print(const Contest& contest, const char* panel, const std::vector<double>& times,
           nlohmann::json& report) {
    const auto n = static_cast<double>(contest.q.units());
    const auto at = [&](double share) { return 1e6 * quantile(times, share); };
    fmt::print(
        "{}: reference set {} units, {} of them peers; {:.2f} pricing passes a program, {} fallbacks; "
        "a program of ours: median {:.2f}, 99th percentile {:.2f}, worst {:.2f} us\n",
        contest.what.name, contest.hull_size, contest.peers,
        static_cast<double>(contest.counters.pricing_passes) / n, contest.counters.fallbacks, at(.5), at(.99),
        at(1));
    nlohmann::json entry{{"case", contest.what.name},
                         {"panel", panel},
                         {"units", contest.q.units()},
                         {"reference_set", contest.hull_size},
                         {"peers", contest.peers},
                         {"median_us", at(.5)},
                         {"p99_us", at(.99)},
                         {"worst_us", at(1)},
                         {"contestants", nlohmann::json::array()}};
    for (const Contestant& row : contest.rows) {
        const bool raw = row.name == "CLP warm", reduced = row.name.starts_with("reduced");
        const double goal = panel != std::string("W2") ? 0
                            : raw                      ? contest.what.goal_raw
                            : reduced                  ? contest.what.goal_reduced
                                                       : 0;
        const double ratio = median(row.ratio);
        fmt::print("  {:17} {:10.2f} us  {:8.0f} LP/s  ratio {:7.1f}{}  pivots {:5.2f}  {}\n", row.name,
                   median(row.us), 1e6 / median(row.us), ratio,
                   goal > 0 ? fmt::format(" (goal {:3.0f}: {})", goal, ratio >= goal ? "met" : "missed")
                            : std::string(19, ' '),
                   row.pivots,
                   row.comparison.compared.empty() ? "every program certified" : row.comparison.summary());
        entry["contestants"].push_back({{"name", row.name},
                                        {"us", row.us},
                                        {"median_us", median(row.us)},
                                        {"ratios", row.ratio},
                                        {"median_ratio", ratio},
                                        {"goal", goal},
                                        {"pivots", row.pivots},
                                        {"compared", row.comparison.compared.size()},
                                        {"wrong", row.comparison.wrong.size()},
                                        {"unanswered", row.comparison.unanswered.size()},
                                        {"largest_difference", row.comparison.largest}});
    }
    std::fflush(stdout);
    report["city"].push_back(entry);
}

bool run_panel(const char* panel, const dea::Quantities& q, const Options& options, nlohmann::json& report) {
    const Data data(q);
    fmt::print(
        "{}: {} units, 3 inputs, 1 good and 2 bad outputs (radial: inputs contract). CPU time for one "
        "program, median of {} rounds; rivals on all columns: {} sampled units; reduced rivals: both "
        "phases, all units.\n",
        panel, q.units(), options.rounds, std::min(options.sample, q.units()));
    for (const Case& c : cases) {
        Contest contest(c, q, data);
        if (!play(contest, options)) return false;
        print(contest, panel, per_program_times(q, contest.settings, 9), report);
    }
    return true;
}

}  // namespace

bool run_city(const Options& options, nlohmann::json& report) {
    const dea::Quantities q = city_panel(true);
    return run_panel("W1", year(q, 0), options, report) && run_panel("W2", q, options, report);
}

}  // namespace greenfront::bench
