#include "engine/reference_sets.hpp"
#include "scenarios/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

namespace greenfront {
namespace {

/// How many periods before and after the evaluated one span its technology.
struct Span {
    std::size_t before = 0, after = 0;
    bool needs_time = true;
};

constexpr std::size_t all = std::numeric_limits<std::size_t>::max() / 4;

std::size_t parse_width(const std::string& reference, std::size_t colon, Fault fault) {
    std::size_t width = 0;
    const char* const end = reference.data() + reference.size();
    const auto [stop, error] = std::from_chars(reference.data() + colon + 1, end, width);
    if (error != std::errc() || stop != end || width > 1000000) {
        throw Error(fault,
                    fmt::format("reference \"{}\": after the colon a whole number of periods is needed, "
                                "such as {}:1",
                                reference, reference.substr(0, colon)));
    }
    return width;
}

Span parse(const std::string& reference, Fault fault) {
    if (reference == "contemporaneous") return {0, 0, false};
    if (reference == "global") return {all, all, false};
    if (reference == "sequential") return {all, 0, true};
    if (reference == "biennial") return {0, 1, true};
    const std::size_t colon = reference.find(':');
    const std::string kind = reference.substr(0, colon);
    if (kind == "window" || kind == "trailing") {
        if (colon == std::string::npos) {
            throw Error(fault, fmt::format("reference \"{0}\" needs its width in periods: {0}:1", reference));
        }
        const std::size_t width = parse_width(reference, colon, fault);
        return {width, kind == "window" ? width : 0, true};
    }
    throw Error(
        fault,
        fmt::format("reference \"{}\" is not known{}; use contemporaneous, global, sequential, window:H, "
                    "trailing:H or biennial",
                    reference,
                    did_you_mean(kind, {"contemporaneous", "global", "sequential", "window", "trailing",
                                        "biennial"})));
}

/// Usable rows of one period.
struct Period {
    std::vector<std::size_t> evaluated, reference;
};

std::int64_t time_of(const Panel& panel, std::size_t row) {
    return panel.has_time() ? panel.time_value[static_cast<std::size_t>(panel.time[row])] : 0;
}

void collect(const Panel& panel, const std::vector<char>& usable, std::vector<std::size_t> Period::*rows,
             std::map<std::int64_t, Period>& by_time) {
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (usable[r] != 0) (by_time[time_of(panel, r)].*rows).push_back(r);
    }
}

void append(const std::vector<std::size_t>& rows, std::vector<std::size_t>& all_rows) {
    all_rows.insert(all_rows.end(), rows.begin(), rows.end());
}

}  // namespace

void check_reference(const std::string& reference, Fault fault) {
    (void)parse(reference, fault);
}

std::vector<ReferenceGroup> reference_groups(const Panel& evaluated, const std::vector<char>& usable,
                                             const Panel& reference,
                                             const std::vector<char>& reference_usable,
                                             const std::string& rule, Fault fault) {
    const Span span = parse(rule, fault);
    if (span.needs_time && !evaluated.has_time()) {
        throw Error(fault, fmt::format("reference \"{}\" needs periods; name the time column", rule));
    }
    // The sample's periods, each with its usable rows of either panel.
    std::map<std::int64_t, Period> by_time;
    collect(evaluated, usable, &Period::evaluated, by_time);
    collect(reference, reference_usable, &Period::reference, by_time);
    std::vector<Period> periods;
    for (auto& [time, period] : by_time) periods.push_back(std::move(period));

    std::vector<ReferenceGroup> groups;
    const bool one_group = rule == "global";
    for (std::size_t p = 0; p < periods.size(); ++p) {
        ReferenceGroup group;
        const std::size_t first = p - std::min(p, span.before);
        const std::size_t last = std::min(periods.size() - 1, p + span.after);
        for (std::size_t q = first; q <= last; ++q) append(periods[q].reference, group.reference_rows);
        for (std::size_t q = one_group ? 0 : p; q <= (one_group ? periods.size() - 1 : p); ++q)
            append(periods[q].evaluated, group.evaluated_rows);
        std::sort(group.reference_rows.begin(), group.reference_rows.end());
        std::sort(group.evaluated_rows.begin(), group.evaluated_rows.end());
        group.self.assign(group.evaluated_rows.size(), -1);
        if (!group.evaluated_rows.empty()) groups.push_back(std::move(group));
        if (one_group) break;
    }
    return groups;
}

std::vector<ReferenceGroup> reference_groups(const Panel& panel, const std::vector<char>& usable,
                                             const std::string& reference, Fault fault) {
    auto groups = reference_groups(panel, usable, panel, usable, reference, fault);
    for (auto& group : groups) {
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const auto& rows = group.reference_rows;
            const auto at = std::lower_bound(rows.begin(), rows.end(), group.evaluated_rows[j]);
            group.self[j] = static_cast<std::int32_t>(at - rows.begin());
        }
    }
    return groups;
}

void leave_out(std::vector<ReferenceGroup>& groups, const Panel& evaluated, const Panel& reference,
               bool whole_unit) {
    std::map<std::string, std::int32_t> code;
    for (std::size_t u = 0; u < reference.unit_name.size(); ++u)
        code.emplace(reference.unit_name[u], static_cast<std::int32_t>(u));
    for (auto& group : groups) {
        const auto& rows = group.reference_rows;
        const auto unit_below = [&](std::size_t row, std::int32_t unit) {
            return reference.unit[row] < unit;
        };
        group.left_out.assign(group.evaluated_rows.size(), {});
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const std::size_t row = group.evaluated_rows[j];
            const auto found = code.find(evaluated.unit_name[static_cast<std::size_t>(evaluated.unit[row])]);
            if (found == code.end()) continue;
            // Rows are sorted by unit and time, so those of a unit stand together.
            auto first = std::lower_bound(rows.begin(), rows.end(), found->second, unit_below);
            auto last = std::lower_bound(first, rows.end(), found->second + 1, unit_below);
            if (!whole_unit) {
                const auto time_below = [&](std::size_t r, std::int64_t time) {
                    return time_of(reference, r) < time;
                };
                first = std::lower_bound(first, last, time_of(evaluated, row), time_below);
                last = first != last && time_of(reference, *first) == time_of(evaluated, row) ? first + 1
                                                                                              : first;
            }
            group.left_out[j] = {static_cast<std::int32_t>(first - rows.begin()),
                                 static_cast<std::int32_t>(last - rows.begin())};
        }
    }
}

}  // namespace greenfront
