#include "engine/sweep/records.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/error.hpp"

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

namespace {

/// What blocks look like: a row a scenario and, where rows do not hold them, its draws; its problem as text.
class Blocks {
  public:
    explicit Blocks(const Model& model)
        : model_(model),
          replicates_(static_cast<std::size_t>(model.replicates())),
          width_(model.layout.width() + (model.keeps_draws() ? 0 : replicates_)) {}

    [[nodiscard]] BlockContent make(std::size_t scenarios) const {
        return {std::vector<double>(scenarios * width_), std::vector<std::string>(scenarios)};
    }
    [[nodiscard]] bool fits(const BlockContent& content, std::size_t scenarios) const {
        return content.values.size() == scenarios * width_ && content.texts.size() == scenarios;
    }
    template <class Content>
    [[nodiscard]] auto row(Content& content, std::size_t i) const {
        return std::span(content.values).subspan(i * width_, model_.layout.width());
    }
    /// Empty without replicates.
    template <class Content>
    [[nodiscard]] auto draw(Content& content, std::size_t i) const {
        if (!model_.keeps_draws()) {
            return std::span(content.values).subspan(i * width_ + model_.layout.width(), replicates_);
        }
        const auto offset = model_.layout.fields()[model_.fields.draw].offset;
        return std::span(content.values).subspan(i * width_ + offset, replicates_);
    }

  private:
    const Model& model_;
    std::size_t replicates_, width_;
};

/// Every thread's working memory, made when it first needs it.
using Works = tbb::enumerable_thread_specific<std::unique_ptr<Work>>;

BlockContent evaluate_block(const Model& model, const Blocks& blocks, Works& works, std::size_t first,
                            std::size_t last) {
    BlockContent content = blocks.make(last - first);
    tbb::parallel_for(first, last, [&](std::size_t s) {
        auto& work = works.local();
        if (!work) work = std::make_unique<Work>(model);
        // The programs of a scenario run in parallel, too; a thread that waits for them must not begin
        // another scenario in the middle of this one's working memory.
        tbb::this_task_arena::isolate([&] {
            const std::size_t i = s - first;
            std::vector<double> draw(static_cast<std::size_t>(model.replicates()));
            evaluate(model, s, *work, blocks.row(content, i), draw, content.texts[i]);
            std::copy(draw.begin(), draw.end(), blocks.draw(content, i).begin());
        });
    });
    return content;
}

}  // namespace

std::size_t own_scenarios(std::size_t scenarios, const Checkpoint& checkpoint, std::int64_t sweep) {
    std::size_t own = 0;
    for (std::size_t b = 0; b < blocks_of(scenarios); ++b) {
        if (checkpoint.mine({sweep, static_cast<std::int64_t>(b)}))
            own += std::min(block_size, scenarios - b * block_size);
    }
    return own;
}

Records evaluate_all(const Model& model, Checkpoint& checkpoint, std::int64_t sweep,
                     const Committed& committed) {
    const std::size_t scenarios = model.design.scenarios();
    Records records{model.layout.width(), {}, {}, 0, {}};
    if (!checkpoint.shard()) {
        records.row.resize(scenarios * records.width);
        records.problem.resize(scenarios);
    }
    const Blocks blocks(model);
    Works works;
    BestTally tally(static_cast<std::size_t>(model.replicates()));
    for (std::size_t b = 0; b < blocks_of(scenarios); ++b) {
        const BlockName name{sweep, static_cast<std::int64_t>(b)};
        if (!checkpoint.mine(name)) continue;
        const std::size_t first = b * block_size, last = std::min(first + block_size, scenarios);
        BlockContent content;
        const bool loaded = checkpoint.load(name, content);
        if (loaded) {
            if (!blocks.fits(content, last - first)) {
                throw Error(Fault::data,
                            fmt::format("block {} was stored with {} numbers and {} texts, which is not what "
                                        "this version makes of it; run with --fresh",
                                        b, content.values.size(), content.texts.size()));
            }
        } else {
            if (const auto reason = checkpoint.stop_requested(); !reason.empty()) {
                checkpoint.settle();
                throw Stopped(reason);
            }
            content = evaluate_block(model, blocks, works, first, last);
            checkpoint.store(name, content);
        }
        for (std::size_t s = first; s < last; ++s) {
            const auto row = blocks.row(std::as_const(content), s - first);
            committed({s, row, content.texts[s - first], loaded});
            if (checkpoint.shard()) continue;
            tally.add(s, blocks.draw(std::as_const(content), s - first));
            std::copy(row.begin(), row.end(),
                      records.row.begin() + static_cast<std::ptrdiff_t>(s * records.width));
            records.problem[s] = std::move(content.texts[s - first]);
        }
    }
    checkpoint.settle();
    if (checkpoint.shard()) return {};
    records.best_share = tally.shares(scenarios);
    records.best_used = tally.used();
    return records;
}

}  // namespace greenfront::sweep
