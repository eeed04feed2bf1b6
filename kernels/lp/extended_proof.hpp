#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/lp/extended_basis.hpp"
#include "kernels/lp/simplex.hpp"

/// Reduced costs and the certificate of the last rung (extended.cpp), which alone includes this.
namespace greenfront::lp {

/// A basis, every column beside it, and what is proved of it.
template <class Real>
class ExtendedProof : protected ExtendedBasis<Real> {
  protected:
    using Base = ExtendedBasis<Real>;
    using Line = std::vector<Real>;
    using Base::basic, Base::cost, Base::entry, Base::reduced, Base::weight;
    using Base::basis_, Base::columns_, Base::m_, Base::p_, Base::phase_, Base::scale_, Base::x_, Base::y_;

    ExtendedProof(const Problem& problem, const Columns& columns)
        : Base(problem, columns), rough_(m_, 0.0), rough_shared_(m_, 0.0) {}

    template <class Visit>
    void every_column(const Visit& visit) const {
        for (std::int32_t e = 0; e < p_.extras; ++e) {
            const std::int32_t other = p_.other_half(e);
            if (p_.cost[static_cast<std::size_t>(e)] < barred && !(other >= 0 && basic(other))) visit(e);
        }
        for (std::int32_t j = 0; j < columns_.count; ++j) {
            if (!p_.is_left_out(j)) visit(p_.extra_width + j);
        }
    }
    /// Multipliers in double precision, for a first look at the columns.
    void round_multipliers() {
        for (std::size_t i = 0; i < m_; ++i) {
            rough_[i] = static_cast<double>(y_[i]);
            rough_shared_[i] = static_cast<double>(y_[i] * scale_[i]);
        }
    }
    /// A reduced cost in double precision: +1 certainly positive, -1 certainly negative, 0 too close to tell.
    int rough_sign(std::int32_t code, double& d) const {
        const bool extra = code < p_.extra_width;
        d = static_cast<double>(cost(code));
        double terms = std::abs(d);
        const int rows = extra ? p_.rows : p_.shared;
        for (int i = 0; i < rows; ++i) {
            const auto row = static_cast<std::size_t>(i);
            const double term = extra ? rough_[row] * p_.entry(i, code)
                                      : rough_shared_[row] * columns_.row(i)[code - p_.extra_width];
            d -= term;
            terms += std::abs(term);
        }
        constexpr double doubt = 1e-12;
        // Multipliers may be all but zero.
        const double margin = p_.wide ? doubt * terms : std::max(doubt * terms, 1e-17);
        return d > margin ? 1 : d < -margin ? -1 : 0;
    }
    void prove(Solution& s) {
        round_multipliers();
        Real primal = 0, dual = 0, residual = 0, least = 0;
        for (std::size_t i = 0; i < m_; ++i) {
            primal += cost(basis_[i]) * x_[i];
            dual += y_[i] * p_.rhs[i];
            Real row = p_.rhs[i];
            for (std::size_t r = 0; r < m_; ++r) row -= entry(i, basis_[r]) * x_[r];
            residual = std::max({residual, magnitude(row), -x_[i] * std::max(1.0, weight(basis_[i]))});
            if (phase_ == 2 && basis_[i] < 0) residual = std::max(residual, x_[i]);
        }
        s.other_optima = false;
        if (p_.wide) limit_rows(std::max<Real>(1, magnitude(primal)));
        every_column([&](std::int32_t code) {
            double rough = 0;
            if (rough_sign(code, rough) > 0 && rough > face_tolerance) return;
            Real terms = 0;
            const Real d = reduced(code, terms);
            least = std::min(least, p_.wide ? worth(d, code) : Real(d / std::max<Real>(1, terms)));
            if (d <= face_tolerance && !basic(code)) s.other_optima = true;
        });
        s.objective = static_cast<double>(primal);
        s.proof = {static_cast<double>(least), static_cast<double>(residual),
                   static_cast<double>(magnitude(primal - dual) / std::max<Real>(1, magnitude(primal)))};
    }

  private:
    /// Row i of a wide problem keeps sum_j entry_ij lambda_j at or below row_limit_i: its right-hand side and
    /// what the extras with negative entries can add. One with a cost is not above the objective at hand
    /// divided by it; one without leaves the row without a limit, -1.
    void limit_rows(const Real& objective) {
        objective_ = objective;
        row_limit_.assign(m_, Real(-1));
        for (int i = 0; i < p_.shared; ++i) {
            Real limit = std::max(p_.rhs[static_cast<std::size_t>(i)], 0.0);
            bool any = true;
            for (std::int32_t e = 0; e < p_.extras; ++e) {
                const double takes = -p_.entry(i, e);
                if (takes <= 0 || p_.cost[static_cast<std::size_t>(e)] >= barred) continue;
                const Real price = cost(e);  // of the phase at hand
                any = any && price > 0;
                if (price > 0) limit += takes * objective / price;
            }
            if (any) row_limit_[static_cast<std::size_t>(i)] = limit;
        }
        most_.assign(m_, Real(0));
        for (std::int32_t j = 0; j < columns_.count; ++j) {
            const Real most = largest_intensity(j);
            for (int i = 0; i < p_.shared && most > 0; ++i) {
                const auto row = static_cast<std::size_t>(i);
                most_[row] = std::max<Real>(most_[row], most * entry(row, p_.extra_width + j));
            }
        }
    }
    /// Largest value that the rows leave the variable of shared column j, or -1.
    [[nodiscard]] Real largest_intensity(std::int32_t j) const {
        Real most(-1);
        for (int i = 0; i < p_.shared; ++i) {
            const auto row = static_cast<std::size_t>(i);
            const Real a = entry(row, p_.extra_width + j);
            if (!(a > 0) || row_limit_[row] < 0) continue;
            const Real here = row_limit_[row] / a;
            if (most < 0 || here < most) most = here;
        }
        return most;
    }
    /// What a reduced cost can be worth to the objective, relative to that.
    [[nodiscard]] Real worth(const Real& d, std::int32_t code) const {
        if (d >= 0) return 0;
        Real most(1);
        if (code >= p_.extra_width) {
            most = std::max(most, largest_intensity(code - p_.extra_width));
        } else if (const std::int32_t r = p_.surplus_row[static_cast<std::size_t>(code)]; r >= 0) {
            most = std::max(most, Real(p_.rows * most_[static_cast<std::size_t>(r)]));
        }
        return d * most / objective_;
    }

  protected:
    std::vector<double> rough_, rough_shared_;

  private:
    Line row_limit_, most_;  ///< of a wide problem: see limit_rows; most a column can bring a row
    Real objective_ = 1;     ///< max(1, |objective|), of a wide problem
};

}  // namespace greenfront::lp
