#include "kernels/resample/permutation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "kernels/error.hpp"

namespace greenfront::resample {
namespace {

/// Whether `value` is the same in all rows of each period.
template <class Value>
bool function_of(const panel::Factor& key, const Value& value) {
    std::vector<std::int64_t> first(static_cast<std::size_t>(key.levels), -1);
    for (std::size_t i = 0; i < key.code.size(); ++i) {
        auto& f = first[static_cast<std::size_t>(key.code[i])];
        if (f < 0) f = static_cast<std::int64_t>(i);
        if (value(static_cast<std::size_t>(f)) != value(i)) return false;
    }
    return true;
}

std::string level(const panel::Factor& factor, std::int32_t code) {
    const auto c = static_cast<std::size_t>(code);
    return c < factor.level_name.size() ? factor.level_name[c] : std::to_string(code);
}

}  // namespace

std::int64_t Trajectories::fixed_units() const {
    return std::count_if(group.begin(), group.end(), [](const auto& g) { return g.size() == 1; });
}

double Trajectories::permutations() const {
    double all = 1;
    for (const auto& g : group) all *= std::tgamma(static_cast<double>(g.size()) + 1);
    return all;
}

Trajectories trajectories(const panel::Factor& unit, const panel::Factor& time) {
    Trajectories result;
    result.rows.resize(static_cast<std::size_t>(unit.levels));
    for (std::size_t i = 0; i < unit.code.size(); ++i) {
        result.rows[static_cast<std::size_t>(unit.code[i])].push_back(static_cast<std::int64_t>(i));
    }
    std::map<std::vector<std::int32_t>, std::size_t> known;
    for (std::size_t u = 0; u < result.rows.size(); ++u) {
        auto& rows = result.rows[u];
        const auto period = [&](std::int64_t row) { return time.code[static_cast<std::size_t>(row)]; };
        std::sort(rows.begin(), rows.end(),
                  [&](std::int64_t a, std::int64_t b) { return period(a) < period(b); });
        std::vector<std::int32_t> periods;
        for (const auto row : rows) {
            if (!periods.empty() && periods.back() == period(row)) {
                throw Error(Fault::data,
                            fmt::format("{} {} has two rows in {} {}; a trajectory needs one row a period",
                                        unit.name, level(unit, static_cast<std::int32_t>(u)), time.name,
                                        level(time, period(row))));
            }
            periods.push_back(period(row));
        }
        const auto [entry, fresh] = known.try_emplace(std::move(periods), result.group.size());
        if (fresh) result.group.emplace_back();
        result.group[entry->second].push_back(static_cast<std::int32_t>(u));
    }
    return result;
}

std::vector<std::int32_t> shuffle(const Trajectories& trajectories, rng::Stream& stream) {
    std::vector<std::int32_t> donor(trajectories.rows.size());
    for (const auto& group : trajectories.group) {
        std::vector<std::int32_t> order = group;
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[static_cast<std::size_t>(stream.below(i))]);
        }
        for (std::size_t i = 0; i < group.size(); ++i) donor[static_cast<std::size_t>(group[i])] = order[i];
    }
    return donor;
}

std::vector<std::int32_t> assignment(const Trajectories& trajectories, std::int64_t r) {
    std::vector<std::int32_t> donor(trajectories.rows.size());
    for (auto group = trajectories.group.rbegin(); group != trajectories.group.rend(); ++group) {
        // Digits in the factorial number system, least significant first, choose among the units left.
        std::vector<std::int64_t> digit(group->size());
        for (std::size_t base = 1; base <= digit.size(); ++base) {
            digit[digit.size() - base] = r % static_cast<std::int64_t>(base);
            r /= static_cast<std::int64_t>(base);
        }
        std::vector<std::int32_t> left = *group;
        for (std::size_t i = 0; i < group->size(); ++i) {
            donor[static_cast<std::size_t>((*group)[i])] = left[static_cast<std::size_t>(digit[i])];
            left.erase(left.begin() + digit[i]);
        }
    }
    return donor;
}

void source_rows(const Trajectories& trajectories, const std::vector<std::int32_t>& donor,
                 std::vector<std::int64_t>& source) {
    for (std::size_t u = 0; u < donor.size(); ++u) {
        const auto& to = trajectories.rows[u];
        const auto& from = trajectories.rows[static_cast<std::size_t>(donor[u])];
        for (std::size_t t = 0; t < to.size(); ++t) source[static_cast<std::size_t>(to[t])] = from[t];
    }
}

bool commutes(const std::vector<panel::FixedEffect>& effects, const Trajectories& trajectories,
              const panel::Factor& unit, const panel::Factor& time) {
    return std::all_of(effects.begin(), effects.end(), [&](const panel::FixedEffect& effect) {
        for (Eigen::Index s = 0; s < effect.slope.cols(); ++s) {
            const auto slope = [&](std::size_t i) { return effect.slope(static_cast<Eigen::Index>(i), s); };
            if (!function_of(time, slope)) return false;
        }
        const auto code = [&](std::size_t i) { return effect.factor.code[i]; };
        if (function_of(time, code)) return true;
        const bool one_a_unit = function_of(unit, code);
        return one_a_unit && effect.factor.levels == static_cast<std::int32_t>(trajectories.rows.size());
    });
}

}  // namespace greenfront::resample
