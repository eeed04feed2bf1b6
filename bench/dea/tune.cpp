// Which rule of a solver is the fastest for which program: the search behind best_rule().
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "bench/dea/build_hull.hpp"
#include "bench/dea/contest.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {
namespace {

constexpr rlim_t most_seconds = 20;  ///< of CPU time, for one rule and round

struct Trial {
    Rule rule;
    std::vector<double> us;
    bool wrong = false;   ///< an answer, in any round
    std::string summary;  ///< of the comparisons of the last round, or the last that was wrong
    std::string failure;  ///< empty, or why there are no times
};

/// Right ones first, those without times last.
int rank(const Trial& trial) {
    return !trial.failure.empty() ? 2 : trial.wrong ? 1 : 0;
}

/// One round of a rule in a process of its own: some rules crash their library.
void play(Trial& trial, Library library, Statement& statement, const std::vector<std::int32_t>& columns,
          const Eigen::VectorXd* scores, const std::vector<Stretch>& where) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe to a child process");
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no child process could be started");
    if (child == 0) {
        const rlimit limit{most_seconds, most_seconds};
        setrlimit(RLIMIT_CPU, &limit);
        Comparison comparison;
        const auto rival = make_rival(library, statement, columns, trial.rule);
        const Timing timing = time_sample(*rival, statement, where, scores, comparison);
        const bool wrong = !comparison.wrong.empty() || !comparison.unanswered.empty();
        const std::string text =
            fmt::format("{} {} {}", 1e6 * timing.seconds, wrong ? 1 : 0, comparison.summary());
        const ssize_t written = write(ends[1], text.data(), text.size());
        _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
    }
    close(ends[1]);
    std::array<char, 4096> text{};
    const ssize_t got = read(ends[0], text.data(), text.size() - 1);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0 || got <= 0) {
        const bool late = WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
        trial.failure = late ? fmt::format("has no end in {} seconds", most_seconds) : "crashed";
        return;
    }
    char* rest = nullptr;
    trial.us.push_back(std::strtod(text.data(), &rest));
    const bool wrong = std::strtol(rest, &rest, 10) != 0;
    if (wrong || !trial.wrong) trial.summary = rest;
    trial.wrong = trial.wrong || wrong;
}

/// Rounds go through all rules in turn, so that a drift of the machine's speed meets them all.
void try_rules(const std::string& what, Library library, Statement& statement,
               const std::vector<std::int32_t>& columns, const Eigen::VectorXd* scores,
               const Options& options, Eigen::Index sample) {
    std::vector<Trial> trials;
    for (const Rule& rule : all_rules(library)) trials.push_back({rule, {}, false, {}, {}});
    const std::vector<Stretch> where = stretches(statement.data->units(), sample);
    for (int round = 0; round < options.rounds; ++round) {
        for (Trial& trial : trials) {
            if (trial.failure.empty()) play(trial, library, statement, columns, scores, where);
        }
    }
    std::stable_sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) {
        if (rank(a) != rank(b) || rank(a) == 2) return rank(a) < rank(b);
        return median(a.us) < median(b.us);
    });
    fmt::print("{}, {}\n", what, name_of(library));
    for (const Trial& trial : trials)
        fmt::print("  {:>8} us  {};{}\n",
                   !trial.failure.empty() ? "-" : fmt::format("{:.1f}", median(trial.us)),
                   trial.rule.name(library), trial.failure.empty() ? trial.summary : " " + trial.failure);
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
        for (const Library library : options.tuned) {
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
