#pragma once
#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/lp/columns.hpp"
#include "kernels/lp/problem.hpp"

/// Numbers and linear algebra of the last rung (extended.cpp), which alone includes this.
namespace greenfront::lp {

/// Quadruple precision where the compiler has it: enough for bases of condition 1e20 and worse.
#if defined(__SIZEOF_FLOAT128__)
__extension__ using Quad = __float128;
constexpr int quad_digits = 34;
#else
using Quad = long double;
constexpr int quad_digits = 18;
#endif
/// A hundred digits, for what the data's own range of magnitudes makes of thirty-four.
using Hundred =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float<100>, boost::multiprecision::et_off>;

/// What counts as what with so many digits.
template <class Real>
struct Digits {
    static constexpr bool quad = std::is_same_v<Real, Quad>;
    static constexpr bool few = quad && quad_digits < 30;
    static Real number(long double value) { return static_cast<Real>(value); }
    /// Zero, in values and in reduced costs.
    static Real tiny() { return number(few ? 1e-14L : quad ? 1e-24L : 1e-70L); }
    /// Of reduced costs, relative to their terms.
    static Real dual_tolerance() { return number(few ? 1e-14L : quad ? 1e-18L : 1e-60L); }
    /// Below it a basis is singular.
    static Real smallest_pivot() { return number(few ? 1e-16L : quad ? 1e-28L : 1e-85L); }
    /// Pivots in the ratio test, relative to their column: below what the data carry they are rounding; where
    /// the next larger ones do harm, too, they are spared.
    static std::vector<Real> pivot_tolerances() {
        if (!quad) return {number(1e-60L), number(1e-30L)};
        return {number(1e-22L), number(1e-16L), number(1e-12L), number(1e-9L)};
    }
};

template <class Real>
Real magnitude(const Real& x) {
    return x < 0 ? Real(-x) : x;
}

/// A basis of the program with its inverse, solution and multipliers; names as in Core.
template <class Real>
class ExtendedBasis {
  protected:
    using Line = std::vector<Real>;

    ExtendedBasis(const Problem& problem, const Columns& columns)
        : p_(problem), columns_(columns), m_(static_cast<std::size_t>(problem.rows)) {
        inverse_.assign(m_ * m_, 0);
        rhs_.assign(m_, 0);
        // The unit's own column is 1, as the right-hand side says, to the last digit and not to those of a
        // double; equality rows would contradict each other otherwise.
        for (std::size_t i = 0; i < m_; ++i) {
            const Real value(p_.row_value[i]);
            scale_.push_back(value > 0 ? Real(1 / value) : Real(p_.row_scale[i]));
        }
        for (Line* line : {&x_, &y_, &alpha_, &entering_}) line->assign(m_, 0);
        for (std::size_t i = 0; i < m_; ++i) {
            basis_.push_back(-1 - static_cast<std::int32_t>(i));
            sign_.push_back(p_.rhs[i] < 0 ? -1 : 1);
        }
    }

    [[nodiscard]] Real cost(std::int32_t code) const {
        if (code < 0) return phase_ == 1 ? 1 : 0;
        return phase_ == 2 && code < p_.extra_width ? Real(p_.cost[static_cast<std::size_t>(code)]) : Real(0);
    }
    [[nodiscard]] Real entry(std::size_t i, std::int32_t code) const {
        const int row = static_cast<int>(i);
        if (code < 0) return -1 - code == row ? sign_[i] : 0;
        if (code < p_.extra_width) return p_.entry(row, code);
        if (row >= p_.shared) return 0;
        return scale_[i] * columns_.row(row)[code - p_.extra_width];
    }
    /// Largest entry of a column, about.
    [[nodiscard]] double weight(std::int32_t code) const {
        double largest = code < 0 ? 1.0 : 0.0;
        for (int i = 0; i < p_.rows && code >= 0; ++i) {
            if (code < p_.extra_width) {
                largest = std::max(largest, std::abs(p_.entry(i, code)));
            } else if (i < p_.shared) {
                const double entry = columns_.row(i)[code - p_.extra_width];
                largest = std::max(largest, p_.row_scale[static_cast<std::size_t>(i)] * entry);
            }
        }
        return largest;
    }
    void load(std::int32_t code) {
        for (std::size_t i = 0; i < m_; ++i) entering_[i] = entry(i, code);
    }
    void forward() {
        for (std::size_t r = 0; r < m_; ++r) {
            alpha_[r] = 0;
            for (std::size_t i = 0; i < m_; ++i) alpha_[r] += inverse_[r * m_ + i] * entering_[i];
        }
    }
    void exchange(std::size_t r) {
        for (std::size_t i = 0; i < m_; ++i) inverse_[r * m_ + i] /= alpha_[r];
        for (std::size_t k = 0; k < m_; ++k) {
            if (k == r || alpha_[k] == 0) continue;
            for (std::size_t i = 0; i < m_; ++i) inverse_[k * m_ + i] -= alpha_[k] * inverse_[r * m_ + i];
        }
    }
    bool refactor() {
        const std::vector<std::int32_t> codes = basis_;
        std::vector<bool> taken(m_, false);
        std::fill(inverse_.begin(), inverse_.end(), Real{0});
        for (std::size_t i = 0; i < m_; ++i) inverse_[i * m_ + i] = 1;
        for (const std::int32_t code : codes) {
            load(code);
            forward();
            Real size = 0;
            for (std::size_t i = 0; i < m_; ++i) size = std::max(size, magnitude(entering_[i]));
            std::size_t row = m_;
            for (std::size_t i = 0; i < m_; ++i) {
                if (!taken[i] && (row == m_ || magnitude(alpha_[i]) > magnitude(alpha_[row]))) row = i;
            }
            if (row == m_ || magnitude(alpha_[row]) < Digits<Real>::smallest_pivot() * size) return false;
            taken[row] = true;
            exchange(row);
            basis_[row] = code;
        }
        solve_vectors();
        return true;
    }
    void solve_vectors() {
        std::fill(y_.begin(), y_.end(), Real{0});
        for (std::size_t r = 0; r < m_; ++r) {
            x_[r] = 0;
            for (std::size_t i = 0; i < m_; ++i) {
                x_[r] += inverse_[r * m_ + i] * rhs_[i];
                y_[i] += cost(basis_[r]) * inverse_[r * m_ + i];
            }
        }
    }
    /// Iterative refinement against the basis itself, as ill-conditioned bases need.
    void refine() {
        Line off(m_);
        for (int round = 0; round < 3; ++round) {
            for (std::size_t i = 0; i < m_; ++i) {
                off[i] = rhs_[i];
                for (std::size_t r = 0; r < m_; ++r) off[i] -= entry(i, basis_[r]) * x_[r];
            }
            for (std::size_t r = 0; r < m_; ++r) {
                for (std::size_t i = 0; i < m_; ++i) x_[r] += inverse_[r * m_ + i] * off[i];
            }
            for (std::size_t r = 0; r < m_; ++r) {
                off[r] = cost(basis_[r]);
                for (std::size_t i = 0; i < m_; ++i) off[r] -= entry(i, basis_[r]) * y_[i];
            }
            for (std::size_t i = 0; i < m_; ++i) {
                for (std::size_t r = 0; r < m_; ++r) y_[i] += inverse_[r * m_ + i] * off[r];
            }
        }
    }
    Real reduced(std::int32_t code, Real& terms) const {
        Real d = cost(code);
        terms = magnitude(d);
        for (std::size_t i = 0; i < m_; ++i) {
            const Real term = y_[i] * entry(i, code);
            d -= term;
            terms += magnitude(term);
        }
        return d;
    }
    [[nodiscard]] bool basic(std::int32_t code) const {
        return std::find(basis_.begin(), basis_.end(), code) != basis_.end();
    }

    const Problem& p_;
    const Columns& columns_;
    std::size_t m_;
    int phase_ = 1;
    Line inverse_, x_, y_, alpha_, entering_;
    Line rhs_;
    Line scale_;  ///< of the rows of shared columns
    std::vector<std::int32_t> basis_;
    std::vector<int> sign_;
};

}  // namespace greenfront::lp
