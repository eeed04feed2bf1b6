#include "scenarios/synth/series.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::synth {

VectorXd city_scores(const Draft& draft, std::uint64_t purpose, bool within_groups) {
    const std::size_t n = draft.city.size();
    std::array<std::vector<std::pair<double, std::size_t>>, 3> groups;
    for (std::size_t i = 0; i < n; ++i) {
        const City& c = draft.city[i];
        const std::size_t g = !within_groups ? 0 : c.municipality || c.capital ? 2 : c.resource_based ? 1 : 0;
        rng::Stream stream(draft.settings.seed, rng::stage_synth, i, purpose);
        groups[g].emplace_back(stream.uniform(), i);
    }
    VectorXd scores(static_cast<Index>(n));
    for (auto& group : groups) {
        std::sort(group.begin(), group.end());
        for (std::size_t k = 0; k < group.size(); ++k) {
            scores(static_cast<Index>(group[k].second)) =
                rng::normal_quantile((static_cast<double>(k) + 0.5) / static_cast<double>(group.size()));
        }
    }
    return scores;
}

VectorXd autoregression(const Draft& draft, std::uint64_t purpose, double rho) {
    VectorXd x(draft.rows());
    const double fresh = std::sqrt(1 - rho * rho);
    for (Index i = 0; i < static_cast<Index>(draft.city.size()); ++i) {
        rng::Stream stream(draft.settings.seed, rng::stage_synth, static_cast<std::uint64_t>(i), purpose);
        for (Index t = 0; t < draft.periods; ++t) {
            const Index r = i * draft.periods + t;
            const double e = stream.normal();
            x(r) = t == 0 ? e : rho * x(r - 1) + fresh * e;
        }
    }
    return x;
}

VectorXd spread(const Draft& draft, const VectorXd& by_city) {
    VectorXd x(draft.rows());
    for (Index r = 0; r < x.size(); ++r) x(r) = by_city(r / draft.periods);
    return x;
}

VectorXd years(const Draft& draft) {
    VectorXd x(draft.rows());
    for (Index r = 0; r < x.size(); ++r) x(r) = static_cast<double>(draft.year_of(r)) - 2016.5;
    return x;
}

VectorXd standardised(const VectorXd& v) {
    const VectorXd centred = v.array() - v.mean();
    return centred / std::sqrt(centred.squaredNorm() / static_cast<double>(v.size()));
}

VectorXd winsorised(const VectorXd& v, double p, std::array<double, 2>* bounds) {
    const std::vector<double> values(v.begin(), v.end());
    const double low = stats::percentile_stata(values, p), high = stats::percentile_stata(values, 100 - p);
    if (bounds != nullptr) *bounds = {low, high};
    return v.cwiseMax(low).cwiseMin(high);
}

void fill_holes(const Draft& draft, Hole hole, Eigen::Ref<VectorXd> column) {
    const auto empty = [&](Index r) { return draft.hole[static_cast<std::size_t>(r)][hole]; };
    for (Index r = 0; r < column.size(); ++r) {
        if (!empty(r)) continue;
        Index end = r;
        while (empty(end)) ++end;  // a city's last cell is never empty
        const double from = column(r - 1), step = (column(end) - from) / static_cast<double>(end - r + 1);
        for (Index k = r; k < end; ++k) column(k) = from + step * static_cast<double>(k - r + 1);
        r = end;
    }
}

}  // namespace greenfront::synth
