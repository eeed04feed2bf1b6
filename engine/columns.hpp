#pragma once
#include <Eigen/Core>
#include <string>
#include <vector>

#include "engine/results.hpp"
#include "kernels/status.hpp"
#include "scenarios/panel.hpp"

/// Makes the variables of result groups from rows of a panel.
namespace greenfront {

/// A coordinate: names or numbers along a dimension.
[[nodiscard]] Variable scale(const std::string& name, std::vector<std::string> labels);
[[nodiscard]] Variable scale(const std::string& name, std::vector<std::int64_t> values);
/// 1..n, for replicates; 0..n-1 for entries of a list.
[[nodiscard]] Variable counter(const std::string& name, std::size_t n, std::int64_t first);

/// Floating values over dims with shape; attributes long_name and units.
[[nodiscard]] Variable numbers(const std::string& name, std::vector<std::string> dims,
                               std::vector<std::size_t> shape, std::vector<double> values,
                               const std::string& long_name, const std::string& units = "1");
[[nodiscard]] Variable integers(const std::string& name, const std::string& dim,
                                std::vector<std::int64_t> values, const std::string& long_name);
/// Categories with their meanings; -1 is missing.
[[nodiscard]] Variable categories(const std::string& name, std::vector<std::string> dims,
                                  std::vector<std::size_t> shape, std::vector<std::int8_t> values,
                                  const std::vector<std::string>& meanings, const std::string& long_name);
[[nodiscard]] Variable statuses(const std::string& name, std::vector<std::string> dims,
                                std::vector<std::size_t> shape, const std::vector<Status>& values,
                                const std::vector<char>& present);

/// One value a panel row as a (unit, time) array; NaN where the panel has no row.
[[nodiscard]] Variable by_unit_time(const std::string& name, const Panel& panel,
                                    const std::vector<double>& row_values, const std::string& long_name,
                                    const std::string& units = "1");
/// V values a panel row (V x rows) as (unit, time, dim).
[[nodiscard]] Variable by_unit_time(const std::string& name, const Panel& panel,
                                    const Eigen::MatrixXd& row_values, const std::string& dim,
                                    const std::string& long_name, const std::string& units);
/// A matrix with one row for each item of dims[0], row-major.
[[nodiscard]] Variable matrix(const std::string& name, std::vector<std::string> dims,
                              const Eigen::MatrixXd& values, const std::string& long_name,
                              const std::string& units = "1");
[[nodiscard]] std::vector<double> to_vector(const Eigen::VectorXd& v);

}  // namespace greenfront
