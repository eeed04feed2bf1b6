#pragma once
#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Small panels for the tests of efficiency analysis.
namespace greenfront::dea_test {

using Rows = std::vector<std::vector<double>>;

inline Eigen::MatrixXd matrix(const Rows& rows, Eigen::Index columns) {
    Eigen::MatrixXd result(static_cast<Eigen::Index>(rows.size()), columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (Eigen::Index j = 0; j < columns; ++j) {
            result(static_cast<Eigen::Index>(i), j) = rows[i][static_cast<std::size_t>(j)];
        }
    }
    return result;
}

/// One inner vector a variable.
inline dea::Quantities quantities(const Rows& X, const Rows& Y, const Rows& B) {
    const auto n = static_cast<Eigen::Index>(X.at(0).size());
    return {matrix(X, n), matrix(Y, n), matrix(B, n)};
}

inline std::vector<std::int32_t> identity(Eigen::Index n) {
    std::vector<std::int32_t> self(static_cast<std::size_t>(n));
    std::iota(self.begin(), self.end(), 0);
    return self;
}

inline dea::Scores evaluate_all(const dea::Quantities& q, const dea::Settings& settings) {
    return dea::evaluate(q, q, identity(q.units()), settings);
}

inline void check_certificate(const dea::Scores& scores) {
    CHECK(scores.certificate.min_reduced_cost >= -1e-9);
    CHECK(scores.certificate.primal_residual <= 1e-9);
    CHECK(scores.certificate.gap <= 1e-9);
}

/// A small generator of its own, so that panels are the same everywhere.
class Numbers {
  public:
    explicit Numbers(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 1) {}
    double uniform() {  // splitmix64
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }
    int below(int n) { return static_cast<int>(uniform() * n); }

  private:
    std::uint64_t state_;
};

/// Kinds of awkward data.
enum class Kind { smooth, integers, duplicates, collinear, zeros, scales };

dea::Quantities random_panel(Kind kind, Eigen::Index m, Eigen::Index s1, Eigen::Index s2, Eigen::Index n,
                             std::uint64_t seed);

/// Naive twin: dense two-phase tableau simplex in long double on the textbook program, one unit.
struct Naive {
    Status status;
    double score;
};
Naive naive_score(const dea::Quantities& evaluated, Eigen::Index o, const dea::Quantities& reference,
                  const dea::Settings& settings);

}  // namespace greenfront::dea_test
