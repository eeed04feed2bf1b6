#include "io/table_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "kernels/error.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::io {
namespace {

[[noreturn]] void absent(const Results& results, const std::string& what, const std::string& path) {
    std::string has;
    std::vector<std::string> paths;
    for (const auto& group : results.groups) {
        if (group.path.empty()) continue;
        has += (has.empty() ? "" : ", ") + group.path;
        paths.push_back(group.path);
    }
    throw Error(Fault::usage, fmt::format("the results have no {}{}; they have {}", what,
                                          did_you_mean(path, paths), has.empty() ? "no groups at all" : has));
}

[[noreturn]] void damaged(const ResultGroup& group, const std::string& name, const char* what) {
    throw Error(Fault::data,
                fmt::format("results: dataset {} of /{} {}; the file was not written by this program", name,
                            group.path, what));
}

const Variable& variable(const ResultGroup& group, const std::string& name) {
    const Variable* found = group.find(name);
    if (found == nullptr) damaged(group, name, "is missing");
    return *found;
}

std::string fixed(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);  // -0.000
    return text;
}

}  // namespace

const ResultGroup& require_group(const Results& results, const std::string& path) {
    const ResultGroup* group = results.find(path);
    if (group == nullptr) absent(results, "group /" + path, path);
    return *group;
}

std::vector<const ResultGroup*> require_groups(const Results& results, const std::string& kind) {
    auto groups = results.under(kind);
    if (groups.empty()) absent(results, kind + " stage", kind);
    return groups;
}

std::vector<const ResultGroup*> chosen_groups(const Results& results, const std::string& kind,
                                              const std::string& name) {
    if (name.empty()) return require_groups(results, kind);
    return {&require_group(results, kind + "/" + name)};
}

std::string last_name(const ResultGroup& group) {
    return group.path.substr(group.path.rfind('/') + 1);
}

const std::vector<double>& numbers(const ResultGroup& group, const std::string& name) {
    const auto* values = std::get_if<std::vector<double>>(&variable(group, name).values);
    if (values == nullptr) damaged(group, name, "is not floating-point");
    return *values;
}

const std::vector<std::string>& texts(const ResultGroup& group, const std::string& name) {
    const auto* values = std::get_if<std::vector<std::string>>(&variable(group, name).values);
    if (values == nullptr) damaged(group, name, "is not text");
    return *values;
}

std::vector<std::int64_t> integers(const ResultGroup& group, const std::string& name) {
    const Values& values = variable(group, name).values;
    if (const auto* wide = std::get_if<std::vector<std::int64_t>>(&values)) return *wide;
    const auto* small = std::get_if<std::vector<std::int8_t>>(&values);
    if (small == nullptr) damaged(group, name, "is not of integers");
    return {small->begin(), small->end()};
}

std::vector<std::string> labels(const Results& results, const ResultGroup& group, const std::string& scale) {
    const ResultGroup* owner = &group;
    if (group.find(scale) == nullptr) {
        const ResultGroup* root = results.find("");
        if (root != nullptr && root->find(scale) != nullptr) owner = root;
    }
    const Values& values = variable(*owner, scale).values;
    if (const auto* words = std::get_if<std::vector<std::string>>(&values)) return *words;
    std::vector<std::string> result;
    if (const auto* reals = std::get_if<std::vector<double>>(&values)) {
        for (const double x : *reals) result.push_back(fmt::format("{}", x));
    } else {
        for (const auto x : integers(*owner, scale)) result.push_back(fmt::format("{}", x));
    }
    return result;
}

double number_attribute(const ResultGroup& group, const std::string& name) {
    const AttributeValue* value = group.attribute(name);
    if (value == nullptr) return NAN;
    if (const auto* real = std::get_if<double>(value)) return *real;
    if (const auto* integer = std::get_if<std::int64_t>(value)) return static_cast<double>(*integer);
    return NAN;
}

std::string text_attribute(const ResultGroup& group, const std::string& name) {
    const AttributeValue* value = group.attribute(name);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? "" : *text;
}

std::vector<std::string> list_attribute(const ResultGroup& group, const std::string& name) {
    const AttributeValue* value = group.attribute(name);
    if (value == nullptr) return {};
    if (const auto* list = std::get_if<std::vector<std::string>>(value)) return *list;
    const auto* text = std::get_if<std::string>(value);
    return text == nullptr || text->empty() ? std::vector<std::string>{} : std::vector<std::string>{*text};
}

std::vector<double> numbers_attribute(const ResultGroup& group, const std::string& name) {
    const AttributeValue* value = group.attribute(name);
    if (value == nullptr) return {};
    if (const auto* reals = std::get_if<std::vector<double>>(value)) return *reals;
    if (const auto* wide = std::get_if<std::vector<std::int64_t>>(value)) {
        std::vector<double> result;
        for (const auto x : *wide) result.push_back(static_cast<double>(x));
        return result;
    }
    return {number_attribute(group, name)};
}

std::string winsorised(const ResultGroup& group) {
    const auto percentiles = numbers_attribute(group, "winsorize");
    const auto bounds = numbers_attribute(group, "winsorize_bounds");
    if (percentiles.size() != 2 || bounds.size() != 2) return "";
    return fmt::format("later stages use it winsorised at {:g} % and {:g} % ({} and {}), {} values moved",
                       percentiles[0], percentiles[1], significant(bounds[0]), significant(bounds[1]),
                       count(number_attribute(group, "cells_winsorized")));
}

const std::vector<double>& stage_column(const ResultGroup& group) {
    std::string column = text_attribute(group, "column");  // of a boot_dea or productivity stage
    if (column.empty()) column = "score";
    const std::string clipped = column + "_winsorized";
    return numbers(group, group.find(clipped) != nullptr ? clipped : column);
}

std::string trimmed(const std::string& cell) {
    const auto last = cell.find_last_not_of(' ');
    return last == std::string::npos ? "" : cell.substr(0, last + 1);
}

std::string significant(double value) {
    if (std::isnan(value)) return ".";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    const double size = std::abs(value);
    if (size == 0) return "0.000";
    if (size >= 1e9 || size < 1e-5) return fmt::format("{:.3e}", value);
    // The exponent after rounding to four digits: 0.99996 is 1.000.
    const std::string scientific = fmt::format("{:.3e}", size);
    const int magnitude = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    return fixed(value, std::max(0, 3 - magnitude));
}

std::string count(double value) {
    return std::isnan(value) ? "." : fmt::format("{:.0f}", value);
}

std::string p_value(double value) {
    return std::isnan(value) ? "." : fixed(value, 4);
}

std::string percent(double share) {
    return std::isnan(share) ? "." : fixed(100 * share, 2);
}

double mean_of_all(const std::vector<double>& values) {
    const Moments m = moments(values);
    return m.n == static_cast<double>(values.size()) ? m.mean : NAN;
}

Moments moments(std::vector<double> values) {
    values.erase(std::remove_if(values.begin(), values.end(), [](double x) { return std::isnan(x); }),
                 values.end());
    Moments m;
    if (values.empty()) return m;
    std::sort(values.begin(), values.end());
    m.n = static_cast<double>(values.size());
    m.min = values.front();
    m.max = values.back();
    const std::size_t half = values.size() / 2;
    m.median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    double sum = 0, squares = 0;
    for (const double x : values) sum += x;
    m.mean = sum / m.n;
    for (const double x : values) squares += (x - m.mean) * (x - m.mean);
    if (values.size() > 1) m.sd = std::sqrt(squares / (m.n - 1));
    return m;
}

}  // namespace greenfront::io
