#include "kernels/lp/extended.hpp"

#include <algorithm>
#include <utility>

#include "kernels/lp/extended_proof.hpp"

namespace greenfront::lp {
namespace {

/// Dense two-phase simplex; names as in Core.
template <class Real>
class Extended : private ExtendedProof<Real> {
    using Base = ExtendedProof<Real>;
    using Level = Digits<Real>;
    using Line = std::vector<Real>;
    using Base::alpha_, Base::basis_, Base::columns_, Base::entering_, Base::inverse_, Base::m_, Base::p_,
        Base::phase_, Base::rhs_, Base::rough_, Base::scale_, Base::sign_, Base::x_, Base::y_;
    using Base::basic, Base::cost, Base::entry, Base::every_column, Base::exchange, Base::forward, Base::load,
        Base::prove, Base::reduced, Base::refactor, Base::refine, Base::rough_sign, Base::round_multipliers,
        Base::solve_vectors, Base::weight;

  public:
    Extended(const Problem& problem, const Columns& columns) : Base(problem, columns) {
        weight_.assign(m_, 0);
        terms_.assign(m_, 0);
    }

    Solution run(Core& core, bool near_optimum) {
        Solution s;
        if (near_optimum) s = attempt_from({core.basis.begin(), core.basis.begin() + p_.rows});
        // Neither measure of a pivot serves all programs.
        for (const Real& tolerance : Level::pivot_tolerances()) {
            for (const bool by_terms : {false, true}) {
                if (s.status != Status::failed) break;
                pivot_tolerance_ = tolerance;
                by_terms_ = by_terms;
                s = attempt(s.pivots, s.passes);
            }
        }
        // Outside by less than the certificate forgives, and what is forgiven decides all: then the
        // program is what it is to the last digit.
        const bool nothing = s.status == Status::failed || s.status == Status::unbounded;
        if (nothing && outside_.status == Status::infeasible) {
            outside_.pivots = s.pivots;
            outside_.passes = s.passes;
            s = outside_;
        }
        for (std::size_t i = 0; i < m_; ++i) {
            core.basis[i] = basis_[i];
            core.artificial_sign[i] = static_cast<std::int8_t>(sign_[i]);
            core.x[i] = static_cast<double>(x_[i]);
            core.y[i] = static_cast<double>(y_[i]);
            core.ys[i] = static_cast<double>(y_[i] * scale_[i]);
        }
        return s;
    }

  private:
    /// From a basis that double precision left: feasible or nearly so, optimal or nearly so.
    Solution attempt_from(const std::vector<std::int32_t>& basis) {
        Solution s;
        pivot_tolerance_ = Level::pivot_tolerances()[1];
        for (std::size_t i = 0; i < m_; ++i) rhs_[i] = p_.rhs[i];
        phase_ = 2;
        basis_ = basis;
        const bool exist =
            std::all_of(basis.begin(), basis.end(), [this](auto code) { return exists(code); });
        if (!exist || !refactor() || !make_feasible(s)) return s;
        s.status = optimise(s);
        if (s.status == Status::optimal) prove(s);
        if (s.status != Status::optimal || !s.proof.holds()) s.status = Status::failed;
        return s;
    }
    [[nodiscard]] bool exists(std::int32_t code) const {
        if (code < 0) return true;
        if (code < p_.extra_width) return p_.cost[static_cast<std::size_t>(code)] < barred;
        return !p_.is_left_out(code - p_.extra_width);
    }
    /// Dual simplex: basic variables that rounding left below zero go out one by one. False when that does
    /// not lead to a feasible basis.
    bool make_feasible(Solution& s) {
        for (int done = 0; done < 4 * p_.rows + 16; ++done) {
            std::size_t r = m_;
            Real lowest = -Level::tiny();
            for (std::size_t k = 0; k < m_; ++k) {
                if (basis_[k] < 0 && magnitude(x_[k]) > Level::tiny()) return false;
                const Real moves = x_[k] * weight(basis_[k]);
                if (moves >= lowest) continue;
                lowest = moves;
                r = k;
            }
            if (r == m_) return true;
            const std::int32_t code = dual_choice(r);
            if (code < 0) return false;
            load(code);
            forward();
            exchange(r);
            basis_[r] = code;
            ++s.pivots;
            solve_vectors();
        }
        return false;
    }
    /// The column that lets row r rise at the least cost, or -1.
    [[nodiscard]] std::int32_t dual_choice(std::size_t r) {
        for (std::size_t i = 0; i < m_; ++i) rough_[i] = static_cast<double>(inverse_[r * m_ + i]);
        std::int32_t best = -1;
        Real least = 0, steepest = 0;
        every_column([&](std::int32_t code) {
            if (rough_alpha(code) >= 0 || basic(code)) return;
            Real alpha = 0, terms = 0, size = 0;
            for (std::size_t i = 0; i < m_; ++i) {
                const Real term = inverse_[r * m_ + i] * entry(i, code);
                alpha += term;
                size += magnitude(term);
            }
            if (alpha >= -pivot_tolerance_ * size) return;
            const Real ratio = std::max<Real>(reduced(code, terms), 0) / -alpha;
            if (best >= 0 && (ratio > least || (ratio == least && -alpha <= steepest))) return;
            best = code;
            least = ratio;
            steepest = -alpha;
        });
        return best;
    }
    /// rough_ times a column in double precision: 0 or more only where it is certain.
    [[nodiscard]] double rough_alpha(std::int32_t code) const {
        const bool extra = code < p_.extra_width;
        double sum = 0, terms = 0;
        for (int i = 0; i < (extra ? p_.rows : p_.shared); ++i) {
            const auto row = static_cast<std::size_t>(i);
            const double term =
                rough_[row] *
                (extra ? p_.entry(i, code) : p_.row_scale[row] * columns_.row(i)[code - p_.extra_width]);
            sum += term;
            terms += std::abs(term);
        }
        return sum > 1e-12 * terms ? sum : -1.0;
    }

    Solution attempt(std::int64_t pivots, std::int64_t passes) {
        Solution s;
        s.pivots = pivots;
        s.passes = passes;
        for (std::size_t i = 0; i < m_; ++i) {
            basis_[i] = -1 - static_cast<std::int32_t>(i);
            rhs_[i] = p_.rhs[i];
        }
        if (begin_at_start()) {
            s.status = optimise(s);
            if (s.status == Status::optimal) prove(s);
        } else {
            two_phases(s);
        }
        const bool answer = s.status == Status::optimal || s.status == Status::infeasible;
        if (answer && !s.proof.holds()) s.status = Status::failed;
        if (s.status == Status::unbounded && p_.limited) s.status = Status::failed;
        return s;
    }
    /// The second phase from the start that the program names, if that is a feasible basis.
    bool begin_at_start() {
        const auto all = basis_;
        basis_ = p_.start;
        phase_ = 2;
        const bool any = std::any_of(basis_.begin(), basis_.end(), [](auto code) { return code >= 0; });
        bool fits = any && refactor();
        for (std::size_t r = 0; r < m_ && fits; ++r) {
            fits = x_[r] >= -Level::tiny() && (basis_[r] >= 0 || x_[r] <= Level::tiny());
        }
        if (!fits) basis_ = all;
        return fits;
    }
    /// Whether the first phase, at s, proves that the program has no feasible point, taken to its last digit:
    /// any lambda would have sum_j d_j lambda_j = -y'rhs, and where no -d_j is above a billionth of y'rhs the
    /// intensities would have to add up to a billion.
    [[nodiscard]] bool is_outside(const Solution& s) const {
        const Proof& proof = s.proof;
        return !p_.has_start() && s.objective > Level::tiny() && proof.holds() &&
               proof.gap <= 0.5 * s.objective &&
               proof.min_reduced_cost >= -certificate_tolerance * s.objective;
    }
    void two_phases(Solution& s) {
        phase_ = 1;
        s.status = refactor() ? optimise(s) : Status::failed;
        if (s.status == Status::unbounded) s.status = Status::failed;
        if (s.status == Status::optimal) {
            prove(s);
            if (s.objective > certificate_tolerance)
                s.status = p_.has_start() ? Status::failed : Status::infeasible;
        }
        if (s.status == Status::optimal) {
            if (is_outside(s)) {
                outside_ = s;
                outside_.status = Status::infeasible;
            }
            phase_ = 2;
            forgive();
            drive_out(s);
            s.status = refactor() ? optimise(s) : Status::failed;
            if (s.status == Status::optimal) prove(s);
        }
    }

    /// Most negative reduced cost; the first one under Bland's rule. Columns that double precision cannot
    /// judge are looked at with all digits when no other improves.
    std::int32_t choose(bool bland, Solution& s) {
        std::int32_t best = -1;
        double least = 0;
        ++s.passes;
        round_multipliers();
        close_.clear();
        every_column([&](std::int32_t code) {
            if (bland && best >= 0) return;
            double d = 0;
            const int sign = rough_sign(code, d);
            if (sign == 0) close_.push_back(code);
            if (sign < 0 && d < least && !basic(code)) {
                least = d;
                best = code;
            }
        });
        Real exact_least = 0;
        for (const std::int32_t code : close_) {
            if (best >= 0 && !(bland && code < best)) continue;
            Real terms = 0;
            const Real d = reduced(code, terms);
            const Real size = p_.wide ? terms : std::max<Real>(1, terms);
            if (d < -Level::dual_tolerance() * size && (bland || d < exact_least) && !basic(code)) {
                exact_least = d;
                exact_best_ = code;
                if (bland) return code;
            }
        }
        return best >= 0 ? best : std::exchange(exact_best_, -1);
    }
    /// How fast the basic variable of row r falls; one that must stay zero blocks whichever way it would
    /// move.
    [[nodiscard]] Real fall(std::size_t r) const { return held(r) ? magnitude(alpha_[r]) : alpha_[r]; }
    [[nodiscard]] bool held(std::size_t r) const { return phase_ == 2 && basis_[r] < 0; }
    [[nodiscard]] Real ratio(std::size_t r) const { return held(r) ? 0 : std::max<Real>(x_[r], 0) / fall(r); }
    /// Smallest ratio; of ties the largest pivot, by what its variable moves in the rows, or under Bland's
    /// rule the smallest code. A pivot is rounding of the data when it is small beside the largest one of the
    /// column, or beside the terms that it is the sum of.
    [[nodiscard]] std::size_t blocking_row(bool bland) {
        Real size = 0;
        for (std::size_t r = 0; r < m_; ++r) {
            weight_[r] = weight(basis_[r]);
            size = std::max(size, magnitude(alpha_[r]) * weight_[r]);
            terms_[r] = 0;
            for (std::size_t i = 0; i < m_ && by_terms_; ++i)
                terms_[r] += magnitude(inverse_[r * m_ + i] * entering_[i]);
        }
        const auto blocks = [&](std::size_t r) {
            return by_terms_ ? fall(r) > pivot_tolerance_ * terms_[r]
                             : fall(r) * weight_[r] > pivot_tolerance_ * size;
        };
        Real least = 0;
        bool any = false;
        for (std::size_t r = 0; r < m_; ++r) {
            if (!blocks(r)) continue;
            least = any ? std::min(least, ratio(r)) : ratio(r);
            any = true;
        }
        std::size_t row = m_;
        for (std::size_t r = 0; r < m_ && any; ++r) {
            if (!blocks(r) || ratio(r) > least + Level::tiny()) continue;
            const bool better = row == m_ || (bland ? basis_[r] < basis_[row]
                                                    : fall(r) * weight_[r] > fall(row) * weight_[row]);
            if (better) row = r;
        }
        return row;
    }
    [[nodiscard]] Real objective() const {
        Real sum = 0;
        for (std::size_t r = 0; r < m_; ++r) sum += cost(basis_[r]) * x_[r];
        return sum;
    }
    Status optimise(Solution& s) {
        int standing = 0;
        bool refined = false;
        Real lowest = objective();
        for (int done = 0; done < 100000; ++done) {
            const Real value = objective();
            const bool moved = value < lowest - Level::dual_tolerance() * std::max<Real>(1, magnitude(value));
            standing = moved ? 0 : standing + 1;
            lowest = std::min(lowest, value);
            const bool bland = standing > 4 * p_.rows + 16;
            const std::int32_t code = choose(bland, s);
            if (code < 0 && refined) return Status::optimal;
            refined = code < 0;
            if (refined) {  // look again with better multipliers
                if (!refactor()) return Status::failed;
                refine();
                continue;
            }
            load(code);
            forward();
            const std::size_t r = blocking_row(bland);
            // The first phase is bounded: a ray there is rounding of the data, and the proof is asked next.
            if (r == m_) return phase_ == 1 ? Status::optimal : Status::unbounded;
            exchange(r);
            basis_[r] = code;
            ++s.pivots;
            if (done % 8 == 7) {
                if (!refactor()) return Status::failed;
            } else {
                solve_vectors();
            }
        }
        return Status::failed;
    }
    /// What the certificate's tolerance forgives is taken off the right-hand side, so that what follows is
    /// exact: a remainder of 1e-10 over a pivot of 1e-12 would be a hundred.
    void forgive() {
        for (std::size_t r = 0; r < m_; ++r) {
            if (basis_[r] >= 0) continue;
            const auto row = static_cast<std::size_t>(-1 - basis_[r]);
            rhs_[row] -= sign_[row] * x_[r];
            x_[r] = 0;
        }
    }
    void drive_out(Solution& s) {
        for (std::size_t r = 0; r < m_; ++r) {
            if (basis_[r] >= 0) continue;
            std::int32_t best = -1;
            Real largest = Level::tiny();
            every_column([&](std::int32_t code) {
                if (best >= p_.extra_width || basic(code)) return;
                Real alpha = 0;
                for (std::size_t i = 0; i < m_; ++i) alpha += inverse_[r * m_ + i] * entry(i, code);
                if (magnitude(alpha) > largest) {
                    largest = magnitude(alpha);
                    best = code;
                }
            });
            if (best < 0) continue;
            load(best);
            forward();
            exchange(r);
            basis_[r] = best;
            ++s.pivots;
        }
    }
    Solution outside_;            ///< proof of infeasibility, if only by less than the certificate forgives
    std::vector<double> weight_;  ///< of the basic variables
    Line terms_;                  ///< of alpha_: sums of magnitudes
    std::vector<std::int32_t> close_;  ///< columns that double precision cannot judge
    std::int32_t exact_best_ = -1;
    bool by_terms_ = false;     ///< how a pivot is measured
    Real pivot_tolerance_ = 0;  ///< in the ratio test, relative to the column
};

}  // namespace

Solution solve_extended(const Problem& problem, const Columns& columns, Core& core, bool near_optimum,
                        int digits) {
    const Solution s = Extended<Quad>(problem, columns).run(core, near_optimum);
    if (s.status != Status::failed || digits < hundred_digits) return s;
    Solution more = Extended<Hundred>(problem, columns).run(core, false);
    more.pivots += s.pivots;
    more.passes += s.passes;
    return more;
}

}  // namespace greenfront::lp
