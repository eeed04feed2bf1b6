// One evaluation of the city panel after another, the second inside a function of its own, so that a profiler
// counts what a program costs when everything is warm: scripts/bench instructions.
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "bench/dea/contest.hpp"
#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {

[[gnu::noinline]] dea::Scores steady_scores(const dea::Quantities& q, const std::vector<std::int32_t>& self,
                                            const dea::Settings& settings) {
    return dea::evaluate(q, q, self, settings);
}

int evaluate_steadily(std::size_t which) {
    const tbb::global_control alone(tbb::global_control::max_allowed_parallelism, 1);
    const Case& what = cases[which];
    const dea::Quantities q = city_panel(true);
    const dea::Settings settings = make_settings(what.model, what.returns);
    const std::vector<std::int32_t> self = themselves(q);
    const dea::Scores first = dea::evaluate(q, q, self, settings);
    const dea::Scores second = steady_scores(q, self, settings);
    const std::string wrong = uncertified(q, second, settings, 1);
    if (!wrong.empty() || first.score != second.score) {
        fmt::print(stderr, "{}: {}\n", what.name, wrong.empty() ? "two evaluations differ" : wrong);
        return 1;
    }
    const dea::Counters& c = second.counters;
    fmt::print("{}\t{}\t{}\t{}\n", what.name, c.programs, c.pivots, c.pricing_passes);
    return 0;
}

}  // namespace greenfront::bench
