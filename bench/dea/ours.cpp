#include "bench/dea/ours.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <chrono>

#include "bench/dea/panels.hpp"
#include "bench/dea/proved.hpp"
#include "bench/dea/rival.hpp"

namespace greenfront::bench {

Run run_ours(const dea::Quantities& q, const dea::Settings& settings, int threads, double least) {
    using Clock = std::chrono::steady_clock;
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(threads));
    const std::vector<std::int32_t> self = themselves(q);
    Run run;
    int repetitions = 0;
    const double cpu = cpu_seconds();
    const auto begin = Clock::now();
    double passed = 0;
    while (repetitions == 0 || passed < least) {
        run.scores = dea::evaluate(q, q, self, settings);
        ++repetitions;
        passed = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    run.cpu_seconds = (cpu_seconds() - cpu) / repetitions;
    run.seconds = passed / repetitions;
    return run;
}

std::string uncertified(const dea::Quantities& q, const dea::Scores& scores, const dea::Settings& settings,
                        Eigen::Index every) {
    Eigen::Index without = 0, first = 0;
    for (Eigen::Index o = q.units() - 1; o >= 0; --o) {
        if (scores.status[static_cast<std::size_t>(o)] == Status::optimal) continue;
        ++without;
        first = o;
    }
    if (without > 0) {
        const Status status = scores.status[static_cast<std::size_t>(first)];
        return fmt::format("{} units have no score, first unit {}: {}", without, first + 1, name(status));
    }
    const dea::Certificate& c = scores.certificate;
    if (!(c.min_reduced_cost >= -1e-9 && c.primal_residual <= 1e-9 && c.gap <= 1e-9))
        return fmt::format("a certificate does not hold: reduced cost {}, residual {}, gap {}",
                           c.min_reduced_cost, c.primal_residual, c.gap);
    const dea::Checker checker(q, q, settings);
    for (Eigen::Index o = 0; o < q.units(); o += every) {
        if (!proved(checker, scores, o))
            return fmt::format("unit {}: multipliers and peers do not prove the score", o + 1);
    }
    return {};
}

std::vector<std::int32_t> distinct_peers(const dea::Scores& scores, Eigen::Index units) {
    std::vector<char> used(static_cast<std::size_t>(units), 0);
    for (const std::int32_t j : scores.peer) used[static_cast<std::size_t>(j)] = 1;
    std::vector<std::int32_t> peers;
    for (std::int32_t j = 0; j < units; ++j) {
        if (used[static_cast<std::size_t>(j)] != 0) peers.push_back(j);
    }
    return peers;
}

}  // namespace greenfront::bench
