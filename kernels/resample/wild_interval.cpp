#include "kernels/resample/wild_interval.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace greenfront::resample {
namespace {

using Eigen::Index;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double tie = 1e-9;

/// The search for one end, decision by decision.
struct Search {
    double sign = 1, tolerance = 0;
    int most_doublings = 0;
    double inside = 0, outside = 1;
    int doublings = 0;
    bool bracketed = false, infinite = false;

    [[nodiscard]] bool done() const {
        return infinite || (bracketed && !(outside - inside > tolerance * std::max(1.0, outside)));
    }
    /// The value whose fate is decided next.
    [[nodiscard]] double next() const { return sign * (bracketed ? 0.5 * (inside + outside) : outside); }
    [[nodiscard]] Search after(bool kept) const {
        Search s = *this;
        if (bracketed) {
            (kept ? s.inside : s.outside) = 0.5 * (inside + outside);
        } else if (!kept) {
            s.bracketed = true;
        } else if (doublings == most_doublings) {
            s.infinite = true;
        } else {
            s.inside = outside;
            s.outside = 2 * outside;
            ++s.doublings;
        }
        return s;
    }
    /// All values that the next `ahead` decisions may ask for.
    void collect(int ahead, std::vector<double>& steps) const {
        if (ahead == 0 || done()) return;
        steps.push_back(next());
        after(true).collect(ahead - 1, steps);
        after(false).collect(ahead - 1, steps);
    }
    void follow(const std::map<double, char>& known) {
        while (!done()) {
            const auto found = known.find(next());
            if (found == known.end()) return;
            *this = after(found->second != 0);
        }
    }
    [[nodiscard]] double end(double estimate, double std_error) const {
        if (infinite) return sign * std::numeric_limits<double>::infinity();
        return estimate + sign * 0.5 * (inside + outside) * std_error;
    }
};

/// Rank, from 0, of the size that more than alpha B of the sizes lie above.
std::size_t kept_rank(std::size_t n, double alpha) {
    const auto above = static_cast<std::size_t>(std::floor(alpha * static_cast<double>(n) * (1 + 1e-12)));
    return n - 1 - std::min(above, n - 1);
}

std::pair<double, double> around(double estimate, double half) {
    return {estimate - half, estimate + half};
}

}  // namespace

std::pair<double, double> invert(const KeptValues& kept, double estimate, double std_error, double tolerance,
                                 int most_doublings, int ahead) {
    Search low{-1, tolerance, most_doublings}, high{1, tolerance, most_doublings};
    while (!low.done() || !high.done()) {
        std::vector<double> steps;
        low.collect(ahead, steps);
        high.collect(ahead, steps);
        const auto answers = kept(steps);
        std::map<double, char> known;
        for (std::size_t i = 0; i < steps.size(); ++i) known.emplace(steps[i], answers[i]);
        low.follow(known);
        high.follow(known);
    }
    return {low.end(estimate, std_error), high.end(estimate, std_error)};
}

NullValue::NullValue(double estimate, double std_error, double steps, double q)
    : r(estimate + steps * std_error) {
    const double t = std::abs(steps), limit = t + tie * (1 + t);
    bound = limit * limit * q;
}

bool NullValue::kept(double alpha) const {
    const double p = used > 0 ? static_cast<double>(above) / static_cast<double>(used) : 0.0;
    return p > alpha;
}

std::pair<double, double> invert(const WildInNull& w, double estimate, double std_error, double q,
                                 double alpha) {
    const auto one = [&](double steps) {
        constexpr Index size = 8192;
        const NullValue start(estimate, std_error, steps, q);
        std::vector<NullValue> blocks(static_cast<std::size_t>((w.y.size() + size - 1) / size), start);
        oneapi::tbb::parallel_for(std::size_t{0}, blocks.size(), [&](std::size_t block) {
            NullValue value = start;
            const Index begin = static_cast<Index>(block) * size, end = std::min(begin + size, w.y.size());
            for (Index b = begin; b < end; ++b) value.count(w.y(b), w.x(b), w.yy(b), w.xy(b), w.xx(b));
            blocks[block] = value;
        });
        NullValue all = start;
        for (const NullValue& value : blocks) {
            all.used += value.used;
            all.above += value.above;
        }
        return all.kept(alpha);
    };
    const auto kept = [&](const std::vector<double>& steps) {
        std::vector<char> answers;
        for (const double step : steps) answers.push_back(one(step) ? 1 : 0);
        return answers;
    };
    return invert(kept, estimate, std_error, null_tolerance, most_null_doublings, 1);
}

std::pair<double, double> percentile_t(const Eigen::VectorXd& draw, double estimate, double std_error,
                                       double alpha) {
    std::vector<double> size;
    for (const double t : draw) {
        if (!std::isnan(t)) size.push_back(std::abs(t));
    }
    if (size.empty()) return {nan, nan};
    std::sort(size.begin(), size.end());
    return around(estimate, size[kept_rank(size.size(), alpha)] * std_error);
}

std::pair<double, double> percentile_t(const stats::QuantileSketch& t, double estimate, double std_error,
                                       double alpha) {
    if (t.count() == 0) return {nan, nan};
    const auto rank = kept_rank(static_cast<std::size_t>(t.count()), alpha);
    return around(estimate, t.order_statistic_of_size(static_cast<std::int64_t>(rank)) * std_error);
}

}  // namespace greenfront::resample
