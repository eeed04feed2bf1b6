#include "scenarios/panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "kernels/error.hpp"
#include "scenarios/expression_tokens.hpp"

namespace greenfront {
namespace {

constexpr std::size_t most_problems = 50;  // lines of one message; the rest is counted

/// Problems of one file, all told at once.
class Problems {
  public:
    void add(std::string line) {
        if (lines_.size() < most_problems) lines_.push_back(std::move(line));
        ++count_;
    }
    void finish() const {
        if (count_ == 0) return;
        std::string message;
        for (const auto& line : lines_) message += (message.empty() ? "" : "\n") + line;
        if (count_ > lines_.size())
            message += fmt::format("\n... and {} more problems", count_ - lines_.size());
        throw Error(Fault::data, message);
    }

  private:
    std::vector<std::string> lines_;
    std::size_t count_ = 0;
};

std::optional<std::int64_t> integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A finite number with or without its sign, as files spell it.
bool is_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const bool digits = !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return digits && status == std::errc{} && end == text.data() + text.size();
}

const Column& find(const std::string& source, const std::vector<Column>& table, std::string_view name) {
    for (const auto& column : table) {
        if (column.name == name) return column;
    }
    std::vector<std::string> all;
    all.reserve(table.size());
    for (const auto& column : table) all.push_back(column.name);
    const std::string hint = expression::missing_name_hint(std::string(name), all);
    throw Error(Fault::data,
                fmt::format("{}: no column \"{}\"{}", source, name,
                            hint.empty() ? fmt::format("; it has {}", fmt::join(all, ", ")) : hint));
}

std::size_t length(const Column& column) {
    return column.text ? column.label.size() : column.number.size();
}

/// Names of units as text; a missing one is empty. Whole numbers are written without an exponent.
std::vector<std::string> unit_labels(const Column& column) {
    if (column.text) return column.label;
    std::vector<std::string> labels;
    labels.reserve(column.number.size());
    for (const double value : column.number) {
        const bool whole = std::floor(value) == value && std::abs(value) < 1e18;
        labels.push_back(std::isnan(value) ? ""
                         : whole           ? fmt::format("{:.0f}", value)
                                           : fmt::format("{}", value));
    }
    return labels;
}

/// Integer times. Whatever is not an integer is a problem; its slot is not used.
std::vector<std::int64_t> integer_times(const std::string& source, const Column& column, Problems& problems) {
    constexpr double largest = 9007199254740992.0;  // 2^53: integers beyond it are not all doubles
    const std::size_t n = length(column);
    std::vector<std::int64_t> times(n);
    for (std::size_t r = 0; r < n; ++r) {
        const bool missing = column.text ? column.label[r].empty() : std::isnan(column.number[r]);
        if (missing) {
            problems.add(fmt::format("{}: row {}: column {}: time is missing; fill it in or drop the row",
                                     source, r + 1, column.name));
            continue;
        }
        if (column.text) {
            if (const auto value = integer(column.label[r])) {
                times[r] = *value;
                continue;
            }
        } else if (const double value = column.number[r];
                   std::floor(value) == value && std::abs(value) <= largest) {
            times[r] = static_cast<std::int64_t>(value);
            continue;
        }
        const std::string shown = column.text ? column.label[r] : fmt::format("{}", column.number[r]);
        problems.add(fmt::format(
            "{}: row {}: column {}: time \"{}\" is not an integer; number the periods, for example "
            "year, or 4 * year + quarter",
            source, r + 1, column.name, shown));
    }
    return times;
}

/// Sorted distinct names: as integers when every one is, ties of value ("7", "07") and the rest bytewise.
std::vector<std::string> sorted_units(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<std::pair<std::int64_t, std::string>> keyed;
    for (const auto& name : names) {
        const auto value = integer(name);
        if (!value) return names;
        keyed.emplace_back(*value, name);
    }
    std::sort(keyed.begin(), keyed.end());
    for (std::size_t u = 0; u < names.size(); ++u) names[u] = std::move(keyed[u].second);
    return names;
}

std::vector<std::int32_t> unit_codes(const std::vector<std::string>& labels,
                                     const std::vector<std::string>& names) {
    std::unordered_map<std::string_view, std::int32_t> code;
    for (std::size_t u = 0; u < names.size(); ++u) code[names[u]] = static_cast<std::int32_t>(u);
    std::vector<std::int32_t> codes;
    codes.reserve(labels.size());
    for (const auto& label : labels) codes.push_back(code.at(label));
    return codes;
}

std::vector<std::int32_t> time_codes(const std::vector<std::int64_t>& times,
                                     const std::vector<std::int64_t>& values) {
    std::vector<std::int32_t> codes;
    codes.reserve(times.size());
    for (const auto t : times) {
        codes.push_back(
            static_cast<std::int32_t>(std::lower_bound(values.begin(), values.end(), t) - values.begin()));
    }
    return codes;
}

template <class T>
std::vector<T> reordered(const std::vector<T>& values, const std::vector<std::size_t>& order) {
    std::vector<T> result;
    result.reserve(order.size());
    for (const auto r : order) result.push_back(values[r]);
    return result;
}

/// Every (unit, time) that occurs more than once, with all its rows.
void report_duplicates(const Panel& panel, Problems& problems) {
    const std::size_t n = panel.rows();
    for (std::size_t r = 0; r < n;) {
        std::size_t end = r + 1;
        while (end < n && panel.unit[end] == panel.unit[r] && panel.time[end] == panel.time[r]) ++end;
        if (end - r > 1) {
            std::vector<std::int64_t> rows(panel.file_row.begin() + static_cast<std::ptrdiff_t>(r),
                                           panel.file_row.begin() + static_cast<std::ptrdiff_t>(end));
            const std::string& name = panel.unit_name[static_cast<std::size_t>(panel.unit[r])];
            const std::string where =
                panel.has_time() ? fmt::format("{} {} and {} {}", panel.unit_column, name, panel.time_column,
                                               panel.time_value[static_cast<std::size_t>(panel.time[r])])
                                 : fmt::format("{} {}", panel.unit_column, name);
            problems.add(fmt::format(
                "{}: rows {}: {} occurs {} times; {}", panel.source, fmt::join(rows, ", "), where, end - r,
                panel.has_time() ? "keep one row of each" : "keep one row of each or name the time column"));
        }
        r = end;
    }
}

void require_equal_lengths(const std::string& source, const std::vector<Column>& table) {
    for (const auto& column : table) {
        if (length(column) != length(table.front())) {
            throw Error(Fault::data,
                        fmt::format("{}: column {} has {} rows, column {} has {}", source, column.name,
                                    length(column), table.front().name, length(table.front())));
        }
    }
    std::unordered_map<std::string_view, std::size_t> first;
    for (std::size_t c = 0; c < table.size(); ++c) {
        const auto [before, is_new] = first.emplace(table[c].name, c);
        if (!is_new) {
            throw Error(Fault::data, fmt::format("{}: columns {} and {} are both named \"{}\"; rename one",
                                                 source, before->second + 1, c + 1, table[c].name));
        }
    }
}

}  // namespace

bool Panel::has(std::string_view name) const {
    return std::any_of(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
}

const Column& Panel::column(std::string_view name) const {
    return find(source, columns_, name);
}

const std::vector<double>& Panel::number(std::string_view name) const {
    const Column& found = column(name);
    if (found.text) {
        throw Error(Fault::data, fmt::format("{}: column \"{}\" holds text, and numbers are needed here ({})",
                                             source, name, texts_in(found)));
    }
    return found.number;
}

std::string Panel::texts_in(const Column& column) const {
    constexpr std::size_t longest = 40;
    std::size_t present = 0, texts = 0, first = rows();
    for (std::size_t r = 0; r < column.label.size(); ++r) {
        const std::string& label = column.label[r];
        if (label.empty()) continue;
        ++present;
        if (is_number(label)) continue;
        ++texts;
        if (first == rows() || file_row[r] < file_row[first]) first = r;
    }
    if (first == rows()) return fmt::format("all {} cells are numbers, read as text", present);
    const std::string& word = column.label[first];
    return fmt::format("{} of {} cells are no numbers, the first in record {}{}", texts, present,
                       file_row[first], word.size() <= longest ? fmt::format(": \"{}\"", word) : "");
}

void Panel::set_number(const std::string& name, std::vector<double> values, std::string unit_of_measure) {
    assert(values.size() == rows());
    Column made{name, false, std::move(values), {}, std::move(unit_of_measure)};
    for (auto& column : columns_) {
        if (column.name != name) continue;
        if (made.unit_of_measure.empty()) made.unit_of_measure = column.unit_of_measure;
        column = std::move(made);
        return;
    }
    columns_.push_back(std::move(made));
}

void Panel::set_label(const std::string& name, std::vector<std::string> values) {
    assert(values.size() == rows());
    Column made{name, true, {}, std::move(values), {}};
    for (auto& column : columns_) {
        if (column.name != name) continue;
        column = std::move(made);
        return;
    }
    columns_.push_back(std::move(made));
}

Panel Panel::subset(const std::vector<char>& keep) const {
    assert(keep.size() == rows());
    std::vector<std::size_t> order;
    for (std::size_t r = 0; r < rows(); ++r) {
        if (keep[r]) order.push_back(r);
    }
    Panel part;
    part.source = source;
    part.unit_column = unit_column;
    part.time_column = time_column;
    part.file_row = reordered(file_row, order);
    // Codes in use, renumbered in their old order, which is the sorted one.
    const auto renumber = [&](const std::vector<std::int32_t>& codes, std::size_t old_count) {
        std::vector<std::int32_t> fresh(old_count, -1);
        for (const auto r : order) fresh[static_cast<std::size_t>(codes[r])] = 0;
        std::int32_t next = 0;
        for (auto& code : fresh) {
            if (code == 0) code = next++;
        }
        return fresh;
    };
    const auto units = renumber(unit, unit_name.size());
    const auto times = renumber(time, std::max<std::size_t>(time_value.size(), 1));
    for (std::size_t u = 0; u < unit_name.size(); ++u) {
        if (units[u] >= 0) part.unit_name.push_back(unit_name[u]);
    }
    for (std::size_t t = 0; t < time_value.size(); ++t) {
        if (times[t] >= 0) part.time_value.push_back(time_value[t]);
    }
    for (const auto r : order) {
        part.unit.push_back(units[static_cast<std::size_t>(unit[r])]);
        part.time.push_back(times[static_cast<std::size_t>(time[r])]);
    }
    for (const auto& column : columns_) {
        Column kept{column.name, column.text, {}, {}, column.unit_of_measure};
        if (column.text) {
            kept.label = reordered(column.label, order);
        } else {
            kept.number = reordered(column.number, order);
        }
        part.columns_.push_back(std::move(kept));
    }
    return part;
}

std::int64_t Panel::row_of(std::int32_t unit_code, std::int32_t time_code) const {
    const auto first = std::lower_bound(unit.begin(), unit.end(), unit_code);
    const auto last = std::upper_bound(first, unit.end(), unit_code);
    const auto begin = time.begin() + (first - unit.begin());
    const auto end = time.begin() + (last - unit.begin());
    const auto found = std::lower_bound(begin, end, time_code);
    return found != end && *found == time_code ? found - time.begin() : -1;
}

Panel Panel::from_table(std::string source, std::vector<Column> table, const std::string& unit,
                        const std::string& time) {
    require_equal_lengths(source, table);
    const std::size_t n = table.empty() ? 0 : length(table.front());
    if (n > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        throw Error(Fault::data, fmt::format("{}: {} rows are more than a panel can hold", source, n));
    }
    Panel panel;
    panel.source = std::move(source);
    panel.unit_column = unit;
    panel.time_column = time;

    Problems problems;
    std::vector<std::string> labels(n);
    std::vector<std::int64_t> times(n);
    if (unit.empty()) {
        for (std::size_t r = 0; r < n; ++r) labels[r] = fmt::format("{}", r + 1);
    } else {
        labels = unit_labels(find(panel.source, table, unit));
        for (std::size_t r = 0; r < n; ++r) {
            if (labels[r].empty()) {
                problems.add(
                    fmt::format("{}: row {}: column {}: the unit is missing; fill it in or drop the row",
                                panel.source, r + 1, unit));
            }
        }
    }
    if (!time.empty()) {
        times = integer_times(panel.source, find(panel.source, table, time), problems);
        panel.time_value = times;
        std::sort(panel.time_value.begin(), panel.time_value.end());
        panel.time_value.erase(std::unique(panel.time_value.begin(), panel.time_value.end()),
                               panel.time_value.end());
    }
    problems.finish();  // codes need complete keys

    panel.unit_name = sorted_units(labels);  // record numbers are integers: file order
    panel.unit = unit_codes(labels, panel.unit_name);
    panel.time = time.empty() ? std::vector<std::int32_t>(n, 0) : time_codes(times, panel.time_value);
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(panel.unit[a], panel.time[a]) < std::pair(panel.unit[b], panel.time[b]);
    });
    panel.unit = reordered(panel.unit, order);
    panel.time = reordered(panel.time, order);
    for (const auto r : order) panel.file_row.push_back(static_cast<std::int64_t>(r) + 1);
    for (auto& column : table) {
        if (column.text) {
            column.label = reordered(column.label, order);
        } else {
            column.number = reordered(column.number, order);
        }
    }
    panel.columns_ = std::move(table);
    report_duplicates(panel, problems);
    problems.finish();
    return panel;
}

}  // namespace greenfront
