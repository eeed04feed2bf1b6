#include <fmt/format.h>

#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/absorb_state.hpp"

namespace greenfront::panel {
namespace {

/// (L L')^-1 of a lower factor.
Eigen::MatrixXd inverse_of_factor(const Eigen::MatrixXd& L) {
    Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(L.rows(), L.rows());
    if (L.rows() == 0) return inverse;
    L.triangularView<Eigen::Lower>().solveInPlace(inverse);
    return inverse.transpose() * inverse;
}

}  // namespace

Eigen::MatrixXd InverseOfH::between(const std::vector<Eigen::Index>& which) const {
    const auto size = static_cast<Eigen::Index>(which.size());
    Eigen::MatrixXd K = Eigen::MatrixXd::Zero(size, size);
    for (Eigen::Index q = 0; q < size; ++q) {
        const auto b = static_cast<std::size_t>(which[static_cast<std::size_t>(q)]);
        if (part[b] < 0) continue;
        const Eigen::MatrixXd& of_part = inverse[static_cast<std::size_t>(part[b])];
        for (Eigen::Index p = 0; p < size; ++p) {
            const auto a = static_cast<std::size_t>(which[static_cast<std::size_t>(p)]);
            if (part[a] >= 0) K(p, q) = unit[a] * of_part(place[a], place[b]) * unit[b];
        }
    }
    return K;
}

InverseOfH Absorber::State::inverse() const {
    InverseOfH result;
    const auto m = static_cast<std::size_t>(coefficients);
    result.part.assign(m, -1);
    result.place.assign(m, 0);
    result.unit.assign(m, 1.0);
    if (method == AbsorbMethod::blocks) {
        for (const AbsorbBlock& block : blocks) {
            for (std::size_t j = 0; j < block.level.size(); ++j) {
                const auto level = static_cast<std::size_t>(block.level[j]);
                result.part[level] = static_cast<std::int32_t>(result.inverse.size());
                result.place[level] = static_cast<Eigen::Index>(j);
                result.unit[level] = std::sqrt(basis[1].count()[block.level[j]]);
            }
            result.inverse.push_back(inverse_of_factor(block.factor));
        }
        return result;
    }
    if (coefficients > absorb_rank_limit) {
        throw Error(
            Fault::data,
            fmt::format("exact leverages (hc2, hc3) need a factorisation of {} coefficients of the fixed "
                        "effects beside the largest one, more than {}; use --vcov robust or cluster:NAME",
                        coefficients, absorb_rank_limit));
    }
    result.inverse.push_back(method == AbsorbMethod::dense
                                 ? dense.inverse()
                                 : PivotedCholesky(dense_matrix(), absorb_pivot_tolerance).inverse());
    for (std::size_t j = 0; j < m; ++j) {
        result.part[j] = 0;
        result.place[j] = static_cast<Eigen::Index>(j);
    }
    return result;
}

Eigen::VectorXd Absorber::leverage() const {
    const State& s = *state_;
    Eigen::VectorXd h = Eigen::VectorXd::Zero(s.rows);
    if (s.method == AbsorbMethod::nothing) return h;
    if (s.method == AbsorbMethod::mean) {
        if (s.root.size() == 0) return h.setConstant(1 / static_cast<double>(s.rows));
        return s.root.array().square() / s.root.squaredNorm();
    }
    const LevelBasis& a = s.basis[0];
    for (Eigen::Index i = 0; i < s.rows; ++i) {
        for (Eigen::Index j = 0; j < a.per_level(); ++j) h[i] += a.value(i, j) * a.value(i, j);
    }
    if (s.method == AbsorbMethod::one) return h;
    if (s.method == AbsorbMethod::balanced) {
        // The projections on the two effects commute; they share the mean.
        for (Eigen::Index i = 0; i < s.rows; ++i) {
            h[i] += s.basis[1].value(i, 0) * s.basis[1].value(i, 0) - 1 / static_cast<double>(s.rows);
        }
        return h;
    }
    const InverseOfH inverse = s.inverse();
    std::vector<Eigen::Index> slot(static_cast<std::size_t>(s.coefficients));
    s.visit_levels([&](const State::LevelView& level) {
        const auto size = static_cast<Eigen::Index>(level.touched.size());
        const Eigen::MatrixXd K = inverse.between(level.touched), C = level.C.leftCols(size);
        const Eigen::MatrixXd KC = K * C.transpose(), CKC = C * KC;
        for (Eigen::Index p = 0; p < size; ++p)
            slot[static_cast<std::size_t>(level.touched[static_cast<std::size_t>(p)])] = p;
        Eigen::VectorXd of_a(a.per_level());
        std::vector<std::pair<Eigen::Index, double>> d;  // entries of the row of D2
        for (const Eigen::Index row : level.rows) {
            for (Eigen::Index j = 0; j < a.per_level(); ++j) of_a[j] = a.value(row, j);
            d.clear();
            for (std::size_t f = 1; f < s.basis.size(); ++f) {
                const LevelBasis& b = s.basis[f];
                for (Eigen::Index j = 0; j < b.per_level(); ++j) {
                    const Eigen::Index column =
                        s.offset[f] + j * b.levels() + b.code()[static_cast<std::size_t>(row)];
                    d.emplace_back(slot[static_cast<std::size_t>(column)], b.value(row, j));
                }
            }
            // v = d - C'a:  v'Kv = d'Kd - 2 d'KC'a + a'CKC'a
            double sum = of_a.dot(CKC * of_a);
            for (const auto& [p, value] : d) {
                sum -= 2 * value * KC.row(p).dot(of_a);
                for (const auto& [q, other] : d) sum += value * K(p, q) * other;
            }
            h[row] += sum;
        }
    });
    return h;
}

}  // namespace greenfront::panel
