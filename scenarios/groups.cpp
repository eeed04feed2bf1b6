#include "scenarios/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "kernels/stats/percentile.hpp"

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::vector<double>> members(const std::vector<double>& values, const Groups& groups) {
    assert(values.size() == groups.code.size());
    std::vector<std::vector<double>> result(groups.label.size());
    for (std::size_t r = 0; r < values.size(); ++r) {
        if (groups.code[r] < 0 || std::isnan(values[r])) continue;
        result[static_cast<std::size_t>(groups.code[r])].push_back(values[r]);
    }
    return result;
}

double sum(const std::vector<double>& v) {
    double total = 0;
    for (const double x : v) total += x;
    return total;
}

double deviation(const std::vector<double>& v) {
    if (v.size() < 2) return nan;
    const double mean = sum(v) / static_cast<double>(v.size());
    double squares = 0;
    for (const double x : v) squares += (x - mean) * (x - mean);
    return std::sqrt(squares / static_cast<double>(v.size() - 1));
}

double value_of(const std::vector<double>& v, const std::string& statistic) {
    if (statistic == "count") return static_cast<double>(v.size());
    if (v.empty()) return nan;
    if (statistic == "mean") return sum(v) / static_cast<double>(v.size());
    if (statistic == "median") return stats::percentile_stata(v, 50);
    if (statistic == "sum") return sum(v);
    if (statistic == "min") return *std::min_element(v.begin(), v.end());
    if (statistic == "max") return *std::max_element(v.begin(), v.end());
    assert(statistic == "sd");
    return deviation(v);
}

template <class T>
std::int32_t code_of(const std::vector<T>& sorted, const T& value) {
    return static_cast<std::int32_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
}

template <class T>
void keep_distinct(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

Groups groups_of(const Panel& panel, const std::string& column) {
    Groups groups;
    groups.code.assign(panel.rows(), -1);
    if (column.empty()) {
        groups.code.assign(panel.rows(), 0);
        groups.label = {"all rows"};
        return groups;
    }
    const Column& by = panel.column(column);
    if (column == panel.unit_column) {  // in the panel's own order, whether the names are numbers or not
        groups.code = panel.unit;
        groups.label = panel.unit_name;
        return groups;
    }
    if (by.text) {
        for (const auto& label : by.label) {
            if (!label.empty()) groups.label.push_back(label);
        }
        keep_distinct(groups.label);
        for (std::size_t r = 0; r < panel.rows(); ++r) {
            if (!by.label[r].empty()) groups.code[r] = code_of(groups.label, by.label[r]);
        }
        return groups;
    }
    std::vector<double> values;
    for (const double v : by.number) {
        if (!std::isnan(v)) values.push_back(v);
    }
    keep_distinct(values);
    for (const double v : values) groups.label.push_back(fmt::format("{}", v));
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        if (!std::isnan(by.number[r])) groups.code[r] = code_of(values, by.number[r]);
    }
    return groups;
}

const std::vector<std::string>& group_statistics() {
    static const std::vector<std::string> known{"mean", "median", "sum", "min", "max", "sd", "count"};
    return known;
}

std::vector<double> group_value(const std::vector<double>& values, const Groups& groups,
                                const std::string& statistic) {
    std::vector<double> result;
    for (const auto& group : members(values, groups)) result.push_back(value_of(group, statistic));
    return result;
}

std::vector<double> group_percentile(const std::vector<double>& values, const Groups& groups, double p) {
    std::vector<double> result;
    for (const auto& group : members(values, groups)) result.push_back(stats::percentile_stata(group, p));
    return result;
}

std::vector<double> spread(const std::vector<double>& by_group, const Groups& groups) {
    std::vector<double> result(groups.code.size(), nan);
    for (std::size_t r = 0; r < result.size(); ++r) {
        if (groups.code[r] >= 0) result[r] = by_group[static_cast<std::size_t>(groups.code[r])];
    }
    return result;
}

}  // namespace greenfront
