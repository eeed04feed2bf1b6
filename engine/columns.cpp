#include "engine/columns.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace greenfront {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Position of each panel row in a row-major (unit, time) grid.
std::size_t cell(const Panel& panel, std::size_t row) {
    return static_cast<std::size_t>(panel.unit[row]) * panel.time_value.size() +
           static_cast<std::size_t>(panel.time[row]);
}

}  // namespace

Variable scale(const std::string& name, std::vector<std::string> labels) {
    const std::size_t n = labels.size();
    return {name, {name}, {n}, std::move(labels), {}};
}

Variable scale(const std::string& name, std::vector<std::int64_t> values) {
    const std::size_t n = values.size();
    return {name, {name}, {n}, std::move(values), {}};
}

Variable counter(const std::string& name, std::size_t n, std::int64_t first) {
    std::vector<std::int64_t> values(n);
    std::iota(values.begin(), values.end(), first);
    return scale(name, std::move(values));
}

Variable numbers(const std::string& name, std::vector<std::string> dims, std::vector<std::size_t> shape,
                 std::vector<double> values, const std::string& long_name, const std::string& units) {
    return {name,
            std::move(dims),
            std::move(shape),
            std::move(values),
            {{"long_name", long_name}, {"units", units}}};
}

Variable integers(const std::string& name, const std::string& dim, std::vector<std::int64_t> values,
                  const std::string& long_name) {
    const std::size_t n = values.size();
    return {name, {dim}, {n}, std::move(values), {{"long_name", long_name}}};
}

Variable categories(const std::string& name, std::vector<std::string> dims, std::vector<std::size_t> shape,
                    std::vector<std::int8_t> values, const std::vector<std::string>& meanings,
                    const std::string& long_name) {
    std::vector<std::int64_t> flags(meanings.size());
    std::iota(flags.begin(), flags.end(), 0);
    std::string joined;
    for (const auto& meaning : meanings) joined += (joined.empty() ? "" : " ") + meaning;
    return {name,
            std::move(dims),
            std::move(shape),
            std::move(values),
            {{"long_name", long_name}, {"flag_values", flags}, {"flag_meanings", joined}}};
}

Variable statuses(const std::string& name, std::vector<std::string> dims, std::vector<std::size_t> shape,
                  const std::vector<Status>& values, const std::vector<char>& present) {
    std::vector<std::int8_t> codes(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        codes[i] = present[i] ? static_cast<std::int8_t>(values[i]) : std::int8_t{-1};
    }
    return categories(name, std::move(dims), std::move(shape), std::move(codes),
                      {status_names.begin(), status_names.end()}, "how the unit of work ended");
}

Variable by_unit_time(const std::string& name, const Panel& panel, const std::vector<double>& row_values,
                      const std::string& long_name, const std::string& units) {
    std::vector<double> grid(panel.unit_name.size() * panel.time_value.size(), nan);
    for (std::size_t r = 0; r < panel.rows(); ++r) grid[cell(panel, r)] = row_values[r];
    return numbers(name, {"unit", "time"}, {panel.unit_name.size(), panel.time_value.size()}, std::move(grid),
                   long_name, units);
}

Variable by_unit_time(const std::string& name, const Panel& panel, const Eigen::MatrixXd& row_values,
                      const std::string& dim, const std::string& long_name, const std::string& units) {
    const auto width = static_cast<std::size_t>(row_values.rows());
    std::vector<double> grid(panel.unit_name.size() * panel.time_value.size() * width, nan);
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        for (std::size_t v = 0; v < width; ++v) {
            grid[cell(panel, r) * width + v] =
                row_values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(r));
        }
    }
    return numbers(name, {"unit", "time", dim}, {panel.unit_name.size(), panel.time_value.size(), width},
                   std::move(grid), long_name, units);
}

Variable matrix(const std::string& name, std::vector<std::string> dims, const Eigen::MatrixXd& values,
                const std::string& long_name, const std::string& units) {
    std::vector<double> flat;
    flat.reserve(static_cast<std::size_t>(values.size()));
    for (Eigen::Index i = 0; i < values.rows(); ++i) {
        for (Eigen::Index j = 0; j < values.cols(); ++j) flat.push_back(values(i, j));
    }
    return numbers(name, std::move(dims),
                   {static_cast<std::size_t>(values.rows()), static_cast<std::size_t>(values.cols())},
                   std::move(flat), long_name, units);
}

std::vector<double> to_vector(const Eigen::VectorXd& v) {
    return {v.data(), v.data() + v.size()};
}

}  // namespace greenfront
