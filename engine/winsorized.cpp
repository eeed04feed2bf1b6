#include "engine/winsorized.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/columns.hpp"
#include "kernels/error.hpp"

namespace greenfront {

void check_percentiles(const std::vector<double>& percentiles) {
    if (percentiles.empty()) return;
    if (percentiles.size() == 2 && percentiles[0] >= 0 && percentiles[0] < percentiles[1] &&
        percentiles[1] <= 100)
        return;
    throw Error(Fault::study, fmt::format("[{}] must be two percentiles, 0 <= low < high <= 100, such as "
                                          "[1, 99]",
                                          fmt::join(percentiles, ", ")));
}

std::optional<ClipBounds> clip_scores(const std::vector<double>& percentiles, std::vector<double>& scores,
                                      std::int64_t& moved) {
    moved = 0;
    if (percentiles.empty()) return std::nullopt;
    check_percentiles(percentiles);
    const ClipBounds bounds = clip_bounds(scores, percentiles[0], percentiles[1], PercentileRule::stata);
    moved = clip(scores, bounds);
    return bounds;
}

std::optional<ClipBounds> winsorize_column(ResultGroup& group, const Panel& panel,
                                           const std::vector<double>& percentiles,
                                           std::vector<double>& scores, const std::string& dataset) {
    std::int64_t moved = 0;
    const auto bounds = clip_scores(percentiles, scores, moved);
    if (!bounds) return bounds;
    group.variables.push_back(by_unit_time(dataset + "_winsorized", panel, scores,
                                           dataset + " as later stages use it, winsorised"));
    group.attributes.insert(group.attributes.end(),
                            {{"winsorize", percentiles},
                             {"winsorize_bounds", std::vector<double>{bounds->low, bounds->high}},
                             {"cells_winsorized", moved}});
    return bounds;
}

}  // namespace greenfront
