#include "kernels/panel/level_basis.hpp"

#include <algorithm>
#include <cmath>

namespace greenfront::panel {

LevelBasis::LevelBasis(const FixedEffect& effect, Eigen::Index rows, const Eigen::VectorXd& root)
    : code_(effect.factor.code),
      root_(root.size() > 0 ? root.data() : nullptr),
      levels_(effect.factor.levels),
      intercept_(effect.intercept),
      count_(Eigen::VectorXd::Zero(levels_)),
      inverse_root_(Eigen::VectorXd::Zero(levels_)) {
    if (root_ == nullptr) {
        // Two counts of each level: rows next to each other are often of one level, and would wait for it.
        std::vector<std::int32_t> count(2 * static_cast<std::size_t>(levels_), 0);
        for (std::size_t i = 0; i < code_.size(); ++i)
            ++count[2 * static_cast<std::size_t>(code_[i]) + (i & 1U)];
        for (Eigen::Index l = 0; l < levels_; ++l) {
            const auto place = 2 * static_cast<std::size_t>(l);
            count_[l] = static_cast<double>(count[place]) + static_cast<double>(count[place + 1]);
        }
    } else {
        for (std::size_t i = 0; i < code_.size(); ++i) count_[code_[i]] += root_[i] * root_[i];
    }
    inverse_root_ = (count_.array() > 0).select(count_.array().sqrt().inverse(), 0.0);
    if (intercept_) active_ += (count_.array() > 0).count();
    Eigen::VectorXd coefficient(levels_), before(levels_), after(levels_);
    for (Eigen::Index s = 0; s < effect.slope.cols(); ++s) {
        Eigen::VectorXd column = effect.slope.col(s);
        if (root_ != nullptr) column.array() *= root.array();
        const auto norms = [&](Eigen::VectorXd& squared) {
            squared.setZero();
            for (Eigen::Index i = 0; i < rows; ++i) {
                squared[code_[static_cast<std::size_t>(i)]] += column[i] * column[i];
            }
        };
        norms(before);
        // Twice: the second pass removes what rounding left of the first.
        for (int pass = 0; pass < 2; ++pass) {
            for (Eigen::Index j = 0; j < per_level(); ++j) {
                column_coefficients(j, column.data(), coefficient.data());
                subtract_column(j, coefficient.data(), column.data());
            }
        }
        norms(after);
        for (Eigen::Index l = 0; l < levels_; ++l) {
            const bool independent = after[l] > 1e-20 * before[l] && after[l] > 0;
            coefficient[l] = independent ? 1 / std::sqrt(after[l]) : 0;
            if (independent) ++active_;
        }
        for (Eigen::Index i = 0; i < rows; ++i) column[i] *= coefficient[code_[static_cast<std::size_t>(i)]];
        slope_.conservativeResize(rows, s + 1);
        slope_.col(s) = column;
    }
}

void LevelBasis::column_coefficients(Eigen::Index j, const double* x, double* coefficient) const {
    std::fill(coefficient, coefficient + levels_, 0.0);
    const std::size_t rows = code_.size();
    if (intercept_ && j == 0) {
        if (root_ == nullptr) {
            for (std::size_t i = 0; i < rows; ++i) coefficient[code_[i]] += x[i];
        } else {
            for (std::size_t i = 0; i < rows; ++i) coefficient[code_[i]] += root_[i] * x[i];
        }
        for (Eigen::Index l = 0; l < levels_; ++l) coefficient[l] *= inverse_root_[l];
        return;
    }
    const double* q = slope_.col(j - (intercept_ ? 1 : 0)).data();
    for (std::size_t i = 0; i < rows; ++i) coefficient[code_[i]] += q[i] * x[i];
}

void LevelBasis::subtract_column(Eigen::Index j, const double* coefficient, double* x) const {
    const std::size_t rows = code_.size();
    if (intercept_ && j == 0) {
        if (root_ == nullptr) {
            for (std::size_t i = 0; i < rows; ++i) x[i] -= coefficient[code_[i]] * inverse_root_[code_[i]];
        } else {
            for (std::size_t i = 0; i < rows; ++i)
                x[i] -= root_[i] * (coefficient[code_[i]] * inverse_root_[code_[i]]);
        }
        return;
    }
    const double* q = slope_.col(j - (intercept_ ? 1 : 0)).data();
    for (std::size_t i = 0; i < rows; ++i) x[i] -= coefficient[code_[i]] * q[i];
}

void LevelBasis::remove(double* x, double* work) const {
    const std::size_t rows = code_.size();
    if (intercept_) {
        std::fill(work, work + levels_, 0.0);
        if (root_ == nullptr) {
            for (std::size_t i = 0; i < rows; ++i) work[code_[i]] += x[i];
        } else {
            for (std::size_t i = 0; i < rows; ++i) work[code_[i]] += root_[i] * x[i];
        }
        for (Eigen::Index l = 0; l < levels_; ++l) work[l] *= inverse_root_[l] * inverse_root_[l];
        if (root_ == nullptr) {
            for (std::size_t i = 0; i < rows; ++i) x[i] -= work[code_[i]];
        } else {
            for (std::size_t i = 0; i < rows; ++i) x[i] -= root_[i] * work[code_[i]];
        }
    }
    for (Eigen::Index j = intercept_ ? 1 : 0; j < per_level(); ++j) {
        column_coefficients(j, x, work);
        subtract_column(j, work, x);
    }
}

void LevelBasis::coefficients_of(const double* x, double* coefficient) const {
    for (Eigen::Index j = 0; j < per_level(); ++j) column_coefficients(j, x, coefficient + j * levels_);
}

void LevelBasis::subtract(const double* coefficient, double* x) const {
    for (Eigen::Index j = 0; j < per_level(); ++j) subtract_column(j, coefficient + j * levels_, x);
}

}  // namespace greenfront::panel
