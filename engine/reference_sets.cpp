#include "engine/reference_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

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
    throw Error(fault, fmt::format("reference \"{}\" is not known; use contemporaneous, global, sequential, "
                                   "window:H, trailing:H or biennial",
                                   reference));
}

}  // namespace

void check_reference(const std::string& reference, Fault fault) {
    (void)parse(reference, fault);
}

std::vector<ReferenceGroup> reference_groups(const Panel& panel, const std::vector<char>& usable,
                                             const std::string& reference, Fault fault) {
    const Span span = parse(reference, fault);
    if (span.needs_time && !panel.has_time()) {
        throw Error(fault, fmt::format("reference \"{}\" needs periods; name the time column", reference));
    }
    // Codes of the periods that have a usable row, and the usable rows of each.
    std::vector<std::vector<std::size_t>> rows_of(std::max<std::size_t>(panel.time_value.size(), 1));
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (usable[r] != 0) rows_of[static_cast<std::size_t>(panel.time[r])].push_back(r);
    }
    std::erase_if(rows_of, [](const auto& rows) { return rows.empty(); });

    std::vector<ReferenceGroup> groups;
    const std::size_t periods = rows_of.size();
    const bool one_group = reference == "global";
    for (std::size_t p = 0; p < periods; ++p) {
        ReferenceGroup group;
        const std::size_t first = p - std::min(p, span.before);
        const std::size_t last = std::min(periods - 1, p + span.after);
        for (std::size_t q = first; q <= last; ++q) {
            group.reference_rows.insert(group.reference_rows.end(), rows_of[q].begin(), rows_of[q].end());
        }
        std::sort(group.reference_rows.begin(), group.reference_rows.end());
        group.evaluated_rows = one_group ? group.reference_rows : rows_of[p];
        for (const std::size_t r : group.evaluated_rows) {
            const auto at = std::lower_bound(group.reference_rows.begin(), group.reference_rows.end(), r);
            group.self.push_back(static_cast<std::int32_t>(at - group.reference_rows.begin()));
        }
        groups.push_back(std::move(group));
        if (one_group) break;
    }
    return groups;
}

}  // namespace greenfront
