// GLPK through its C interface. Rows and columns count from 1 there.
#include <glpk.h>

#include <cmath>
#include <limits>

#include "bench/dea/rival.hpp"

namespace greenfront::bench {
namespace {

class Glpk final : public Rival {
  public:
    Glpk(const Statement& statement, std::span<const std::int32_t> columns, const Rule& rule)
        : statement_(&statement), rule_(rule), lp_(glp_create_prob()) {
        glp_term_out(GLP_OFF);
        glp_set_obj_dir(lp_, GLP_MIN);
        glp_add_rows(lp_, statement.rows());
        for (int i = 0; i < statement.rows(); ++i) write_side(i);
        glp_add_cols(lp_, statement.extras());
        for (int e = 0; e < statement.extras(); ++e) {
            const bool free = statement.free[static_cast<std::size_t>(e)];
            glp_set_col_bnds(lp_, e + 1, free ? GLP_FR : GLP_LO, 0, 0);
            glp_set_obj_coef(lp_, e + 1, statement.cost[e]);
            write_extra(e);
        }
        for (const std::int32_t j : columns) add(j);
        if (rule.scaled) glp_scale_prob(lp_, GLP_SF_AUTO);
        glp_init_smcp(&control_);
        control_.msg_lev = GLP_MSG_OFF;
        control_.presolve = GLP_OFF;
        control_.pricing = rule.steepest ? GLP_PT_PSE : GLP_PT_STD;
        constexpr int tests[] = {GLP_RT_STD, GLP_RT_HAR, GLP_RT_FLIP};
        control_.r_test = tests[rule.ratio_test];
        control_.aorn = rule.by_rows ? GLP_USE_AT : GLP_USE_NT;
    }
    Glpk(const Glpk&) = delete;
    Glpk& operator=(const Glpk&) = delete;
    ~Glpk() override { glp_delete_prob(lp_); }

    double solve(bool primal) override {
        for (const int i : statement_->sides) write_side(i);
        for (const int e : statement_->costs) glp_set_obj_coef(lp_, e + 1, statement_->cost[e]);
        for (const int e : statement_->changed_extras) write_extra(e);
        control_.meth = rule_.dual && !primal ? GLP_DUALP : GLP_PRIMAL;
        if (!solved()) {
            // The changes made the last basis singular, or the start led nowhere.
            glp_std_basis(lp_);
            control_.meth = GLP_PRIMAL;
            if (!solved()) return std::numeric_limits<double>::quiet_NaN();
        }
        return glp_get_obj_val(lp_);
    }

    void multipliers(Eigen::VectorXd& y) const override {
        y.resize(statement_->rows());
        for (int i = 0; i < statement_->rows(); ++i) y[i] = glp_get_row_dual(lp_, i + 1);
    }

    void add(Eigen::Index j) override {
        statement_->column(j, values_);
        const int at = glp_add_cols(lp_, 1);
        glp_set_col_bnds(lp_, at, GLP_LO, 0, 0);
        index_.resize(values_.size() + 1);
        for (std::size_t i = 0; i < values_.size(); ++i) index_[i + 1] = static_cast<int>(i) + 1;
        glp_set_mat_col(lp_, at, static_cast<int>(values_.size()), index_.data(), values_.data() - 1);
    }

    std::int64_t pivots() const override { return glp_get_it_cnt(lp_); }

  private:
    bool solved() { return glp_simplex(lp_, &control_) == 0 && glp_get_status(lp_) == GLP_OPT; }

    void write_side(int i) {
        const double low = statement_->lower[i], high = statement_->upper[i];
        const int kind = low == high ? GLP_FX : std::isinf(low) ? GLP_UP : GLP_LO;
        glp_set_row_bnds(lp_, i + 1, kind, std::isinf(low) ? 0 : low, std::isinf(high) ? 0 : high);
    }

    void write_extra(int e) {
        int length = 0;
        index_.resize(static_cast<std::size_t>(statement_->rows()) + 1);
        values_.resize(static_cast<std::size_t>(statement_->rows()) + 1);
        for (int i = 0; i < statement_->rows(); ++i) {
            if (statement_->extra(i, e) == 0) continue;
            ++length;
            index_[static_cast<std::size_t>(length)] = i + 1;
            values_[static_cast<std::size_t>(length)] = statement_->extra(i, e);
        }
        glp_set_mat_col(lp_, e + 1, length, index_.data(), values_.data());
    }

    const Statement* statement_;
    Rule rule_;
    glp_prob* lp_;
    glp_smcp control_{};
    std::vector<int> index_;
    std::vector<double> values_;
};

}  // namespace

std::unique_ptr<Rival> make_glpk(const Statement& statement, std::span<const std::int32_t> columns,
                                 Rule rule) {
    return std::make_unique<Glpk>(statement, columns, rule);
}

}  // namespace greenfront::bench
