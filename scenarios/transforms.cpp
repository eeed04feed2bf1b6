// The transformations of one column, all within a unit's rows, which are contiguous and sorted by time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/stats/percentile.hpp"
#include "scenarios/prepare.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void require_time(const Panel& panel, const char* step) {
    if (panel.unit_column.empty() || !panel.has_time()) {
        throw Error(Fault::study,
                    fmt::format("{} needs a unit and a time column; name both for {}", step, panel.source));
    }
}

double time_of(const Panel& panel, std::size_t r) {
    return static_cast<double>(panel.time_value[static_cast<std::size_t>(panel.time[r])]);
}

/// First row behind the unit of row r.
std::size_t end_of_unit(const Panel& panel, std::size_t r) {
    std::size_t end = r;
    while (end < panel.rows() && panel.unit[end] == panel.unit[r]) ++end;
    return end;
}

/// "unit C001, year 2012" for messages.
std::string place(const Panel& panel, std::size_t r) {
    return fmt::format("{}: row {} ({} {}, {} {})", panel.source, panel.file_row[r], panel.unit_column,
                       panel.unit_name[static_cast<std::size_t>(panel.unit[r])], panel.time_column,
                       panel.time_value[static_cast<std::size_t>(panel.time[r])]);
}

/// All problems of one step in one Error.
void raise(const std::vector<std::string>& problems) {
    if (problems.empty()) return;
    constexpr std::size_t most = 50;
    std::string message;
    for (std::size_t i = 0; i < std::min(problems.size(), most); ++i) {
        message += (i == 0 ? "" : "\n") + problems[i];
    }
    if (problems.size() > most) message += fmt::format("\n... and {} more problems", problems.size() - most);
    throw Error(Fault::data, message);
}

struct Flows {
    std::vector<double> investment, depreciation;  // real investment; rate of each row
};

Flows flows(const Panel& panel, const PerpetualInventory& spec, std::vector<std::string>& problems) {
    const auto& investment = panel.number(spec.investment);
    const auto* deflator = spec.deflator.empty() ? nullptr : &panel.number(spec.deflator);
    const auto* rate = spec.depreciation_column.empty() ? nullptr : &panel.number(spec.depreciation_column);
    Flows result{investment, std::vector<double>(panel.rows(), spec.depreciation)};
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (!(investment[r] >= 0)) {
            problems.push_back(
                fmt::format("{}: {} {}", place(panel, r), spec.investment,
                            std::isnan(investment[r])
                                ? "is missing; interpolate it first or drop the unit"
                                : fmt::format("is {}; investment cannot be negative", investment[r])));
        }
        if (deflator != nullptr) {
            if (!((*deflator)[r] > 0)) {
                problems.push_back(fmt::format(
                    "{}: deflator {} is {}; a price index is positive", place(panel, r), spec.deflator,
                    std::isnan((*deflator)[r]) ? "missing" : fmt::format("{}", (*deflator)[r])));
            }
            result.investment[r] /= (*deflator)[r];
        }
        if (rate != nullptr) {
            if (!((*rate)[r] >= 0 && (*rate)[r] < 1)) {
                problems.push_back(
                    fmt::format("{}: depreciation {} is {}; it must lie in [0, 1)", place(panel, r),
                                spec.depreciation_column,
                                std::isnan((*rate)[r]) ? "missing" : fmt::format("{}", (*rate)[r])));
            }
            result.depreciation[r] = (*rate)[r];
        }
    }
    return result;
}

/// K_0 of the unit in rows [first, end).
double first_stock(const Panel& panel, const PerpetualInventory& spec, const Flows& flow, std::size_t first,
                   std::size_t end, std::vector<std::string>& problems) {
    const double I0 = flow.investment[first];
    if (!(I0 > 0)) {
        problems.push_back(
            fmt::format("{}: {} is {} in the unit's first period, and the first stock is made from it",
                        place(panel, first), spec.investment, I0));
        return nan;
    }
    if (spec.initial_multiple) return *spec.initial_multiple * I0;
    double g = 0;
    if (spec.growth) {
        g = *spec.growth;
    } else if (end - first < 2) {
        problems.push_back(
            fmt::format("{}: the unit has one period only, so that the growth of {} is not known; set "
                        "growth or initial_multiple",
                        place(panel, first), spec.investment));
        return nan;
    } else {
        const double periods = time_of(panel, end - 1) - time_of(panel, first);
        g = std::pow(flow.investment[end - 1] / I0, 1 / periods) - 1;
    }
    const double rate = g + flow.depreciation[first];
    if (!(rate > 0)) {
        problems.push_back(
            fmt::format("{}: growth {:.6g} plus depreciation {:.6g} is not positive, so that the first "
                        "stock has no value; set growth or initial_multiple",
                        place(panel, first), g, flow.depreciation[first]));
        return nan;
    }
    return I0 / rate;
}

void require_settings(const PerpetualInventory& spec) {
    const auto fail = [&](const std::string& what) {
        throw Error(Fault::study, fmt::format("perpetual_inventory {}: {}", spec.name, what));
    };
    if (!(spec.depreciation >= 0 && spec.depreciation < 1)) {
        fail(fmt::format("depreciation {} must lie in [0, 1)", spec.depreciation));
    }
    if (spec.growth && spec.initial_multiple)
        fail("growth and initial_multiple exclude each other; keep one");
    if (spec.growth && !std::isfinite(*spec.growth)) fail("growth must be a number");
    if (spec.initial_multiple && !(*spec.initial_multiple > 0 && std::isfinite(*spec.initial_multiple))) {
        fail("initial_multiple must be positive");
    }
}

}  // namespace

double percentile(std::vector<double> values, double p, PercentileRule rule) {
    return rule == PercentileRule::stata ? stats::percentile_stata(std::move(values), p)
                                         : stats::percentile_type7(std::move(values), p);
}

std::vector<double> interpolate(const Panel& panel, const std::vector<double>& values, bool extrapolate) {
    require_time(panel, "interpolation");
    std::vector<double> result = values;
    for (std::size_t first = 0, end = 0; first < panel.rows(); first = end) {
        end = end_of_unit(panel, first);
        std::vector<std::size_t> known;
        for (std::size_t r = first; r < end; ++r) {
            if (!std::isnan(values[r])) known.push_back(r);
        }
        if (known.size() < 2) continue;  // no line through one point
        const auto fill = [&](std::size_t from, std::size_t to, std::size_t r) {
            const double t0 = time_of(panel, from), t1 = time_of(panel, to);
            result[r] = (values[to] - values[from]) / (t1 - t0) * (time_of(panel, r) - t0) + values[from];
        };
        for (std::size_t k = 0; k + 1 < known.size(); ++k) {
            for (std::size_t r = known[k] + 1; r < known[k + 1]; ++r) fill(known[k], known[k + 1], r);
        }
        if (!extrapolate) continue;
        for (std::size_t r = first; r < known.front(); ++r) fill(known[0], known[1], r);
        for (std::size_t r = known.back() + 1; r < end; ++r) fill(known[known.size() - 2], known.back(), r);
    }
    return result;
}

ClipBounds clip_bounds(const std::vector<double>& values, double low, double high, PercentileRule rule) {
    return {percentile(values, low, rule), percentile(values, high, rule)};
}

std::int64_t clip(std::vector<double>& values, const ClipBounds& bounds) {
    std::int64_t moved = 0;
    if (std::isnan(bounds.low)) return moved;
    for (double& v : values) {
        if (std::isnan(v)) continue;
        const double inside = std::clamp(v, bounds.low, bounds.high);
        moved += inside != v ? 1 : 0;
        v = inside;
    }
    return moved;
}

std::vector<double> winsorize(const std::vector<double>& values, double low, double high,
                              PercentileRule rule) {
    std::vector<double> result = values;
    clip(result, clip_bounds(values, low, high, rule));
    return result;
}

std::vector<double> perpetual_inventory(const Panel& panel, const PerpetualInventory& spec) {
    require_time(panel, "perpetual_inventory");
    require_settings(spec);
    std::vector<std::string> problems;
    const Flows flow = flows(panel, spec, problems);
    raise(problems);
    std::vector<double> capital(panel.rows(), nan);
    for (std::size_t first = 0, end = 0; first < panel.rows(); first = end) {
        end = end_of_unit(panel, first);
        capital[first] = first_stock(panel, spec, flow, first, end, problems);
        for (std::size_t r = first + 1; r < end; ++r) {
            if (time_of(panel, r) != time_of(panel, r - 1) + 1) {
                problems.push_back(
                    fmt::format("{}: the period before is missing, and the stock cannot be carried over "
                                "the gap; add the row or drop the unit",
                                place(panel, r)));
            }
            capital[r] = (1 - flow.depreciation[r]) * capital[r - 1] + flow.investment[r];
        }
    }
    raise(problems);
    return capital;
}

std::vector<double> lag(const Panel& panel, const std::vector<double>& values, int periods) {
    require_time(panel, periods < 0 ? "a lead" : "a lag");
    std::vector<double> result(values.size(), nan);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        const std::int64_t wanted = panel.time_value[static_cast<std::size_t>(panel.time[r])] - periods;
        const auto at = std::lower_bound(panel.time_value.begin(), panel.time_value.end(), wanted);
        if (at == panel.time_value.end() || *at != wanted) continue;
        const auto source =
            panel.row_of(panel.unit[r], static_cast<std::int32_t>(at - panel.time_value.begin()));
        if (source >= 0) result[r] = values[static_cast<std::size_t>(source)];
    }
    return result;
}

}  // namespace greenfront
