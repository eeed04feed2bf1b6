#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Random technologies, models and units to torture the kernel with.
namespace greenfront::torture {

/// What a batch may be made of: the kinds of program that are counted apart.
enum class Kind : std::int8_t {
    radial,
    super_radial,
    sbm,
    super_sbm,
    additive,
    ddf,
    super_ddf,
    nddf,
    fdh,
    cost,
    revenue
};
inline constexpr const char* kind_names[] = {"radial",   "super-radial", "sbm",       "super-sbm",
                                             "additive", "ddf",          "super-ddf", "nddf",
                                             "fdh",      "cost",         "revenue"};
inline constexpr int kinds = 11;

/// One technology, one model, many units; a function of (seed, number, allowed kinds).
struct Batch {
    std::uint64_t seed = 0;
    std::int64_t number = 0;
    Kind kind = Kind::radial;
    std::string features;  ///< how the data were made, for reports
    dea::Quantities reference, evaluated;
    std::vector<std::int32_t> self;          ///< of each evaluated unit, -1: outside
    std::vector<dea::ColumnRange> left_out;  ///< super-efficiency with ranges, else empty
    dea::Settings settings;
    std::vector<Eigen::Index> compared;    ///< evaluated units that a rival scores as well
    Eigen::VectorXd low, high, deviation;  ///< additive models: of the evaluated units, see measure_spread

    [[nodiscard]] Eigen::Index m() const { return reference.X.rows(); }
    [[nodiscard]] Eigen::Index s1() const { return reference.Y.rows(); }
    [[nodiscard]] Eigen::Index s2() const { return reference.B.rows(); }
    [[nodiscard]] Eigen::Index variables() const { return m() + s1() + s2(); }
    /// Reference columns that do not count for evaluated unit o.
    [[nodiscard]] dea::ColumnRange hidden(Eigen::Index o) const;
    /// Kuosmanen's technology, with a second intensity a unit.
    [[nodiscard]] bool idle_intensities() const;
    /// B lambda = b.
    [[nodiscard]] bool bads_equal() const;
};

[[nodiscard]] Batch make_batch(std::uint64_t seed, std::int64_t number, const std::vector<Kind>& allowed);

/// The model in words.
[[nodiscard]] std::string describe(const Batch& batch);

/// Value of variable i (inputs, goods, bads) of unit j.
[[nodiscard]] inline double value(const dea::Quantities& q, Eigen::Index i, Eigen::Index j) {
    if (i < q.X.rows()) return q.X(i, j);
    if (i < q.X.rows() + q.Y.rows()) return q.Y(i - q.X.rows(), j);
    return q.B(i - q.X.rows() - q.Y.rows(), j);
}
[[nodiscard]] inline double& value(dea::Quantities& q, Eigen::Index i, Eigen::Index j) {
    if (i < q.X.rows()) return q.X(i, j);
    if (i < q.X.rows() + q.Y.rows()) return q.Y(i - q.X.rows(), j);
    return q.B(i - q.X.rows() - q.Y.rows(), j);
}

/// Magnitudes of the direction of evaluated unit o, one a variable.
[[nodiscard]] Eigen::VectorXd direction(const Batch& batch, Eigen::Index o);

/// Writes `low`, `high` and `deviation` (n - 1).
void measure_spread(Batch& batch);

/// Additive models: weight per unit of variable i for evaluated unit o; negative: it has no value, and the
/// slack is held at 0.
[[nodiscard]] double additive_weight(const Batch& batch, Eigen::Index i, Eigen::Index o);

}  // namespace greenfront::torture
