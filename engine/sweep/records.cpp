#include "engine/sweep/records.hpp"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace greenfront::sweep {

void BestTally::add(std::size_t scenario, std::span<const double> draw) {
    // A scenario without any effect (refused, or with lost rows) takes no part; one without some does.
    if (std::all_of(draw.begin(), draw.end(), [](double value) { return std::isnan(value); })) return;
    for (std::size_t b = 0; b < draw.size(); ++b) {
        if (std::isnan(draw[b])) {
            lost_[b] = 1;
            continue;
        }
        auto& leaders = leaders_[b];
        if (!leaders.empty() && draw[b] < best_[b]) continue;
        if (leaders.empty() || draw[b] > best_[b]) leaders.clear();
        best_[b] = draw[b];
        leaders.push_back(scenario);
    }
}

std::int64_t BestTally::used() const {
    return std::count(lost_.begin(), lost_.end(), 0);
}

std::vector<double> BestTally::shares(std::size_t scenarios) const {
    const auto replicates = static_cast<double>(used());
    if (replicates == 0) return std::vector<double>(scenarios, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> share(scenarios, 0);
    for (std::size_t b = 0; b < leaders_.size(); ++b) {
        if (lost_[b]) continue;
        for (const std::size_t s : leaders_[b]) share[s] += 1.0 / static_cast<double>(leaders_[b].size());
    }
    for (double& value : share) value /= replicates;
    return share;
}

Records evaluate_all(const Model& model, const Committed& committed) {
    const std::size_t scenarios = model.design.scenarios();
    const auto replicates = static_cast<std::size_t>(model.replicates());
    Records records{model.layout.width(), {}, {}, 0, {}};
    records.row.resize(scenarios * records.width);
    records.problem.resize(scenarios);
    tbb::enumerable_thread_specific<std::unique_ptr<Work>> works;
    std::vector<double> draws(block_size * replicates);
    BestTally tally(replicates);
    for (std::size_t first = 0; first < scenarios; first += block_size) {
        const std::size_t last = std::min(first + block_size, scenarios);
        tbb::parallel_for(first, last, [&](std::size_t s) {
            auto& work = works.local();
            if (!work) work = std::make_unique<Work>(model);
            // The programs of a scenario run in parallel, too; a thread that waits for them must not begin
            // another scenario in the middle of this one's working memory.
            tbb::this_task_arena::isolate([&] {
                const auto row = std::span(records.row).subspan(s * records.width, records.width);
                const auto draw = std::span(draws).subspan((s - first) * replicates, replicates);
                evaluate(model, s, *work, row, draw, records.problem[s]);
                if (model.keeps_draws())
                    std::copy(draw.begin(), draw.end(), model.layout.part(row, model.fields.draw).begin());
            });
        });
        for (std::size_t s = first; s < last; ++s) {
            tally.add(s, std::span(draws).subspan((s - first) * replicates, replicates));
            committed(s, records.of(s), records.problem[s]);
        }
    }
    records.best_share = tally.shares(scenarios);
    records.best_used = tally.used();
    return records;
}

}  // namespace greenfront::sweep
