#pragma once
#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/placebo_setting.hpp"
#include "kernels/rng/philox.hpp"

/// From the number of a placebo draw to its permuted column, and to its coefficient, up to eight draws side
/// by side (kernels/resample/placebo_store.hpp). What draw r is depends on the setting, the seed, the stream
/// and r alone.
namespace greenfront::resample {

/// Where the items of a draw come from, and where they go.
struct PlaceboSource {
    const PlaceboSetting& setting;
    const PlaceboOptions& placebo;
    const Enumeration& enumeration;
    Shuffle shuffle;
    std::vector<std::int32_t> flat;  ///< items, cell after cell
    std::vector<double> value;       ///< trajectories: [period][item, 0] or item by item; rows: in flat order
    std::vector<std::int64_t> target;  ///< place in a draw of each row of the items in flat order
    std::vector<std::size_t> begin;    ///< of each item in `value` and, by flat order, in `target`
    std::vector<std::size_t> to;
    bool contiguous = false;  ///< rows: each cell fills places that follow each other
    bool by_period = false;   ///< trajectories in rectangular order

    PlaceboSource(const PlaceboSetting& s, const PlaceboOptions& p, const Enumeration& e);
    [[nodiscard]] rng::Stream stream(std::int64_t r) const {
        return {placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r), placebo.stream};
    }
    /// order[i]: the item whose values go to the i-th item of `flat`.
    void order(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const;
    /// The same for the lanes of a rectangular draw; those that no unit fills get the item of zeros.
    void lanes(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order) const;
    /// The numbers of draw r, before any mean is taken; places without a row are not touched.
    void fill(std::int64_t r, Shuffle::Words& words, std::vector<std::int32_t>& order,
              std::vector<double>& buffer, double* draw) const;
    /// The permuted column by row.
    void column(const std::vector<std::int32_t>& order, Eigen::Ref<Eigen::VectorXd> column) const;
};

/// What one block of draws works with; a thread keeps it from block to block.
struct PlaceboBlock {
    const PlaceboSource& source;
    Shuffle::Words words;
    std::vector<std::int32_t> order;
    std::array<std::vector<std::int32_t>, placebo_strip> items;
    std::vector<double> buffer, memory, sums_work, score;
    Eigen::VectorXd column, work;

    explicit PlaceboBlock(const PlaceboSource& s) : source(s), words(s.shuffle, s.stream(0)) {}
    /// Up to eight draws from their numbers, one after the other in `memory`, or from `items`.
    void solve(std::int64_t count, bool gather, PlaceboDraw* out);
    void run(std::int64_t first, std::int64_t count, PlaceboDraw* out);
    void run_partialled(std::int64_t first, std::int64_t count, PlaceboDraw* out);
};

}  // namespace greenfront::resample
