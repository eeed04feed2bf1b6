#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/absorb_state.hpp"

namespace greenfront::panel {
namespace {

constexpr Eigen::Index dense_limit = 600;       ///< coefficients of D2 that are factorised
constexpr Eigen::Index component_limit = 1500;  ///< levels of one component
constexpr Eigen::Index component_memory = 4'000'000;

/// Of as many rows as there are pairs of levels: whether each pair occurs.
bool every_cell_once(const LevelBasis& a, const LevelBasis& b) {
    const std::size_t rows = a.code().size();
    const auto cell = [&](std::size_t i) {
        return static_cast<std::size_t>(a.code()[i]) * static_cast<std::size_t>(b.levels()) +
               static_cast<std::size_t>(b.code()[i]);
    };
    std::size_t sorted = 0;
    while (sorted < rows && cell(sorted) == sorted) ++sorted;
    if (sorted == rows) return true;
    std::vector<char> seen(rows, 0);
    for (std::size_t i = 0; i < rows; ++i) {
        if (seen[cell(i)] != 0) return false;
        seen[cell(i)] = 1;
    }
    return true;
}

}  // namespace

/// H = D2'D2 - C'C.
Eigen::MatrixXd Absorber::State::dense_matrix() const {
    Eigen::MatrixXd H = Eigen::MatrixXd::Zero(coefficients, coefficients);
    std::vector<Eigen::Index> column;
    std::vector<double> value;
    for (Eigen::Index row = 0; row < rows; ++row) {
        column.clear();
        value.clear();
        for (std::size_t f = 1; f < basis.size(); ++f) {
            for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                column.push_back(offset[f] + j * basis[f].levels() +
                                 basis[f].code()[static_cast<std::size_t>(row)]);
                value.push_back(basis[f].value(row, j));
            }
        }
        for (std::size_t p = 0; p < column.size(); ++p) {
            for (std::size_t q = 0; q < column.size(); ++q) H(column[p], column[q]) += value[p] * value[q];
        }
    }
    visit_levels([&H](const LevelView& level) {
        const auto& [rows_of_level, touched, C] = level;
        for (std::size_t p = 0; p < touched.size(); ++p) {
            for (std::size_t q = 0; q < touched.size(); ++q) {
                H(touched[p], touched[q]) -=
                    C.col(static_cast<Eigen::Index>(p)).dot(C.col(static_cast<Eigen::Index>(q)));
            }
        }
    });
    return H;
}

void Absorber::State::make_preconditioner() {
    preconditioner = Eigen::VectorXd::Zero(coefficients);
    for (Eigen::Index row = 0; row < rows; ++row) {
        for (std::size_t f = 1; f < basis.size(); ++f) {
            for (Eigen::Index j = 0; j < basis[f].per_level(); ++j) {
                const double value = basis[f].value(row, j);
                preconditioner[offset[f] + j * basis[f].levels() +
                               basis[f].code()[static_cast<std::size_t>(row)]] += value * value;
            }
        }
    }
    visit_levels([this](const LevelView& level) {
        for (std::size_t p = 0; p < level.touched.size(); ++p) {
            preconditioner[level.touched[p]] -= level.C.col(static_cast<Eigen::Index>(p)).squaredNorm();
        }
    });
    for (double& diagonal : preconditioner) diagonal = diagonal > absorb_pivot_tolerance ? 1 / diagonal : 0;
}

/// Blocks of H, in units of rows (not orthonormal columns): H_c = diag(n_j) - sum_i n_ij n_ij' / n_i.
bool Absorber::State::make_blocks(const Components& parts) {
    const LevelBasis& b = basis[1];
    blocks.assign(static_cast<std::size_t>(parts.count), {});
    for (std::size_t level = 0; level < parts.of_second.size(); ++level) {
        if (parts.of_second[level] < 0) continue;
        blocks[static_cast<std::size_t>(parts.of_second[level])].level.push_back(
            static_cast<std::int32_t>(level));
    }
    Eigen::Index memory = 0;
    for (const AbsorbBlock& block : blocks) {
        const auto size = static_cast<Eigen::Index>(block.level.size());
        memory += size * size;
        if (size > component_limit || memory > component_memory) return false;
    }
    // The level with most rows is the one set to zero: it goes to the end of its block.
    std::vector<Eigen::Index> place(static_cast<std::size_t>(b.levels()), -1);
    for (AbsorbBlock& block : blocks) {
        const auto largest = std::max_element(block.level.begin(), block.level.end(),
                                              [&](auto p, auto q) { return b.count()[p] < b.count()[q]; });
        std::rotate(largest, largest + 1, block.level.end());
        block.level.pop_back();
        const auto size = static_cast<Eigen::Index>(block.level.size());
        block.factor = Eigen::MatrixXd::Zero(size, size);
        for (Eigen::Index j = 0; j < size; ++j) {
            const std::int32_t level = block.level[static_cast<std::size_t>(j)];
            place[static_cast<std::size_t>(level)] = j;
            block.factor(j, j) = b.count()[level];
        }
    }
    const Eigen::VectorXd root_count = b.count().cwiseSqrt();
    std::vector<std::pair<Eigen::Index, double>> entry;  // place in the block, weight / root of the A level's
    visit_levels([&](const LevelView& view) {
        Eigen::MatrixXd& H =
            blocks[static_cast<std::size_t>(parts.of_second[static_cast<std::size_t>(view.touched[0])])]
                .factor;
        entry.clear();
        for (std::size_t p = 0; p < view.touched.size(); ++p) {
            const Eigen::Index row = place[static_cast<std::size_t>(view.touched[p])];
            if (row >= 0)
                entry.emplace_back(row,
                                   view.C(0, static_cast<Eigen::Index>(p)) * root_count[view.touched[p]]);
        }
        // The factorisation reads the lower triangle only.
        for (const auto& [column, right] : entry) {
            for (const auto& [row, left] : entry) {
                if (row >= column) H(row, column) -= left * right;
            }
        }
    });
    // One level short of a connected component: positive definite.
    for (AbsorbBlock& block : blocks) factorise(block.factor);
    return true;
}

/// Balanced (every pair of levels once): H = L1 (I - 11'/L2), so that gamma = h / L1.
void Absorber::State::choose_two_plain() {
    const LevelBasis &a = basis[0], &b = basis[1];
    if (root.size() == 0 && a.levels() * b.levels() == rows && every_cell_once(a, b)) {
        method = AbsorbMethod::balanced;
        component_count = 1;
        return;
    }
    const Components parts = components(a.code(), static_cast<std::int32_t>(a.levels()), b.code(),
                                        static_cast<std::int32_t>(b.levels()));
    component_count = parts.count;
    method = make_blocks(parts) ? AbsorbMethod::blocks : AbsorbMethod::gradients;
}

Absorber::Absorber(const std::vector<FixedEffect>& effects, Eigen::Index rows, bool constant,
                   const Eigen::VectorXd& root, AbsorbRoute route)
    : state_(std::make_unique<State>()) {
    State& s = *state_;
    s.rows = rows;
    s.root = root;
    if (rows == 0) return;
    if (effects.empty()) {
        s.method = constant ? AbsorbMethod::mean : AbsorbMethod::nothing;
        s.has_mean = constant;
        return;
    }
    for (const FixedEffect& effect : effects) s.basis.emplace_back(effect, rows, s.root);
    s.has_mean =
        std::any_of(effects.begin(), effects.end(), [](const FixedEffect& e) { return e.intercept; });
    // The effect with most coefficients is the one that costs nothing to eliminate.
    const auto largest = std::max_element(
        s.basis.begin(), s.basis.end(),
        [](const LevelBasis& p, const LevelBasis& q) { return p.coefficients() < q.coefficients(); });
    std::rotate(s.basis.begin(), largest, largest + 1);
    s.offset.assign(s.basis.size(), 0);
    for (std::size_t f = 1; f < s.basis.size(); ++f) {
        s.offset[f] = s.coefficients;
        s.coefficients += s.basis[f].coefficients();
    }
    if (s.basis.size() == 1) {
        s.method = AbsorbMethod::one;
    } else if (route == AbsorbRoute::iterative) {
        s.method = AbsorbMethod::gradients;
    } else if (route == AbsorbRoute::automatic && s.basis.size() == 2 && s.basis[0].plain() &&
               s.basis[1].plain()) {
        s.choose_two_plain();
    } else if (route == AbsorbRoute::direct || s.coefficients <= dense_limit) {
        s.method = AbsorbMethod::dense;
        s.dense = PivotedCholesky(s.dense_matrix(), absorb_pivot_tolerance);
    } else {
        s.method = AbsorbMethod::gradients;
    }
    if (s.method == AbsorbMethod::gradients) s.make_preconditioner();
}

Absorber::~Absorber() = default;
Absorber::Absorber(Absorber&&) noexcept = default;
Absorber& Absorber::operator=(Absorber&&) noexcept = default;

std::int64_t Absorber::rank() const {
    const State& s = *state_;
    switch (s.method) {
        case AbsorbMethod::nothing:
            return 0;
        case AbsorbMethod::mean:
            return 1;
        case AbsorbMethod::one:
            return s.basis[0].active();
        case AbsorbMethod::balanced:
        case AbsorbMethod::blocks:
            return s.basis[0].active() + s.basis[1].active() - s.component_count;
        case AbsorbMethod::dense:
            return s.basis[0].active() + s.dense.rank();
        case AbsorbMethod::gradients:
            break;
    }
    const LevelBasis &a = s.basis[0], &b = s.basis[1];
    if (s.basis.size() == 2 && a.plain() && b.plain()) {
        const auto levels = [](const LevelBasis& basis) { return static_cast<std::int32_t>(basis.levels()); };
        return a.active() + b.active() - components(a.code(), levels(a), b.code(), levels(b)).count;
    }
    if (s.coefficients > absorb_rank_limit) {
        throw Error(Fault::data,
                    "the exact rank of these fixed effects needs too large a factorisation; use another "
                    "rule for the degrees of freedom (reghdfe, ivreghdfe or fixest)");
    }
    return s.basis[0].active() + PivotedCholesky(s.dense_matrix(), absorb_pivot_tolerance).rank();
}

double Absorber::smallest_level() const {
    double smallest = std::numeric_limits<double>::infinity();
    for (const LevelBasis& basis : state_->basis) smallest = std::min(smallest, basis.count().minCoeff());
    return smallest;
}

}  // namespace greenfront::panel
