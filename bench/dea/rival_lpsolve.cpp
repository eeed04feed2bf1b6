// lp_solve through its C interface. Rows and columns count from 1 there; row 0 is the objective.
#include <lpsolve/lp_lib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "bench/dea/rival.hpp"

namespace greenfront::bench {
namespace {

class LpSolve final : public Rival {
  public:
    LpSolve(const Statement& statement, std::span<const std::int32_t> columns, const Rule& rule)
        : statement_(&statement), rule_(rule), lp_(make_lp(statement.rows(), 0)) {
        if (lp_ == nullptr) throw std::runtime_error("lp_solve made no model");
        set_verbose(lp_, NEUTRAL);
        set_timeout(lp_, 1);  // a program takes a thousandth; some never end
        set_minim(lp_);
        for (int i = 0; i < statement.rows(); ++i) {
            const bool below = std::isinf(statement.lower[i]), above = std::isinf(statement.upper[i]);
            set_constr_type(lp_, i + 1, below ? LE : above ? GE : EQ);
            write_side(i);
        }
        for (int e = 0; e < statement.extras(); ++e) {
            gather_extra(e);
            add_columnex(lp_, static_cast<int>(values_.size()), values_.data(), index_.data());
            if (statement.free[static_cast<std::size_t>(e)]) set_unbounded(lp_, e + 1);
        }
        for (const std::int32_t j : columns) add(j);
        // 196, its default: geometric means, powers of two, equilibrated.
        set_scaling(lp_, rule.scaled ? SCALE_GEOMETRIC + SCALE_EQUILIBRATE + SCALE_INTEGERS : 0);
        const int price = rule.steepest ? PRICER_STEEPESTEDGE : rule.devex ? PRICER_DEVEX : PRICER_DANTZIG;
        set_pivoting(lp_, price | PRICE_ADAPTIVE);
    }
    LpSolve(const LpSolve&) = delete;
    LpSolve& operator=(const LpSolve&) = delete;
    ~LpSolve() override { delete_lp(lp_); }

    double solve(bool primal) override {
        for (const int i : statement_->sides) write_side(i);
        for (const int e : statement_->costs) set_obj(lp_, e + 1, statement_->cost[e]);
        for (const int e : statement_->changed_extras) {
            gather_extra(e);
            set_columnex(lp_, e + 1, static_cast<int>(values_.size()), values_.data(), index_.data());
        }
        // A feasible start goes to the second phase at once. Primal in both phases, warm, reads beyond its
        // arrays, gives wrong answers with status OPTIMAL, and crashes: `--tune` shows it.
        set_simplextype(lp_, !rule_.dual                        ? SIMPLEX_PRIMAL_PRIMAL
                             : rule_.dual_to_the_end && !primal ? SIMPLEX_DUAL_DUAL
                                                                : SIMPLEX_DUAL_PRIMAL);
        if (!solved()) {
            // What its manual advises then: its own rules, from the slack basis.
            default_basis(lp_);
            set_simplextype(lp_, SIMPLEX_DUAL_PRIMAL);
            if (!solved()) return std::numeric_limits<double>::quiet_NaN();
        }
        return get_objective(lp_);
    }

    void multipliers(Eigen::VectorXd& y) const override {
        REAL* duals = nullptr;
        if (get_ptr_sensitivity_rhs(lp_, &duals, nullptr, nullptr) == FALSE)
            y = Eigen::VectorXd::Zero(statement_->rows());
        else
            y = Eigen::Map<const Eigen::VectorXd>(duals, statement_->rows());
    }

    void add(Eigen::Index j) override {
        statement_->column(j, values_);
        index_.resize(values_.size());
        for (std::size_t i = 0; i < values_.size(); ++i) index_[i] = static_cast<int>(i) + 1;
        add_columnex(lp_, static_cast<int>(values_.size()), values_.data(), index_.data());
    }

    std::int64_t pivots() const override { return pivots_; }

  private:
    bool solved() {
        const int status = ::solve(lp_);
        pivots_ += get_total_iter(lp_);
        return status == OPTIMAL;
    }

    void write_side(int i) {
        const double low = statement_->lower[i], high = statement_->upper[i];
        set_rh(lp_, i + 1, std::isinf(low) ? high : low);
    }

    /// Column e with its cost, rows ascending.
    void gather_extra(int e) {
        index_.clear();
        values_.clear();
        if (statement_->cost[e] != 0) {
            index_.push_back(0);
            values_.push_back(statement_->cost[e]);
        }
        for (int i = 0; i < statement_->rows(); ++i) {
            if (statement_->extra(i, e) == 0) continue;
            index_.push_back(i + 1);
            values_.push_back(statement_->extra(i, e));
        }
    }

    const Statement* statement_;
    Rule rule_;
    lprec* lp_;
    std::int64_t pivots_ = 0;
    std::vector<int> index_;
    std::vector<double> values_;
};

}  // namespace

std::unique_ptr<Rival> make_lp_solve(const Statement& statement, std::span<const std::int32_t> columns,
                                     Rule rule) {
    return std::make_unique<LpSolve>(statement, columns, rule);
}

}  // namespace greenfront::bench
