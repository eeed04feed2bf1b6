// CLP through its C++ interface.
#include <ClpDualRowDantzig.hpp>
#include <ClpPrimalColumnDantzig.hpp>
#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <cmath>
#include <limits>

#include "bench/dea/rival.hpp"

namespace greenfront::bench {
namespace {

class Clp final : public Rival {
  public:
    Clp(const Statement& statement, std::span<const std::int32_t> columns, const Rule& rule)
        : statement_(&statement), rule_(rule) {
        model_.setLogLevel(0);
        load(columns);
        model_.scaling(rule.scaled ? 1 : 0);
        model_.setPerturbation(rule.perturbation);
        if (!rule.steepest) {
            ClpDualRowDantzig rows;
            model_.setDualRowPivotAlgorithm(rows);
            ClpPrimalColumnDantzig prices;
            model_.setPrimalColumnPivotAlgorithm(prices);
        }
    }

    double solve(bool primal) override {
        for (const int i : statement_->sides) model_.setRowBounds(i, lower(i), upper(i));
        for (const int e : statement_->costs) model_.setObjectiveCoefficient(e, statement_->cost[e]);
        for (const auto& cell : statement_->cells)
            model_.modifyCoefficient(cell.row, cell.extra, statement_->extra(cell.row, cell.extra), true);
        if (rule_.dual && !primal)
            model_.dual(0, rule_.keep);
        else
            model_.primal(0, rule_.keep);
        pivots_ += model_.numberIterations();
        if (model_.status() != 0) {
            model_.createStatus();  // again from the slack basis
            model_.primal(0, 0);
            pivots_ += model_.numberIterations();
            if (model_.status() != 0) return std::numeric_limits<double>::quiet_NaN();
        }
        return model_.objectiveValue();
    }

    void multipliers(Eigen::VectorXd& y) const override {
        y = Eigen::Map<const Eigen::VectorXd>(model_.dualRowSolution(), statement_->rows());
    }

    void add(Eigen::Index j) override {
        statement_->column(j, values_);
        rows_.resize(values_.size());
        for (std::size_t i = 0; i < values_.size(); ++i) rows_[i] = static_cast<int>(i);
        model_.addColumn(static_cast<int>(values_.size()), rows_.data(), values_.data(), 0.0, COIN_DBL_MAX,
                         0.0);
    }

    std::int64_t pivots() const override { return pivots_; }

  private:
    void load(std::span<const std::int32_t> columns) {
        const int rows = statement_->rows(), extras = statement_->extras();
        std::vector<CoinBigIndex> start{0};
        for (int e = 0; e < extras; ++e) {
            for (int i = 0; i < rows; ++i) {
                if (!present(i, e)) continue;
                rows_.push_back(i);
                values_.push_back(statement_->extra(i, e));
            }
            start.push_back(static_cast<CoinBigIndex>(rows_.size()));
        }
        std::vector<double> column;
        for (const std::int32_t j : columns) {
            statement_->column(j, column);
            for (std::size_t i = 0; i < column.size(); ++i) rows_.push_back(static_cast<int>(i));
            values_.insert(values_.end(), column.begin(), column.end());
            start.push_back(static_cast<CoinBigIndex>(rows_.size()));
        }
        const auto count = start.size() - 1;
        std::vector<double> low(count, 0.0), high(count, COIN_DBL_MAX), cost(count, 0.0), row_low, row_high;
        for (int e = 0; e < extras; ++e) {
            const auto at = static_cast<std::size_t>(e);
            cost[at] = statement_->cost[e];
            if (statement_->free[at]) low[at] = -COIN_DBL_MAX;
        }
        for (int i = 0; i < rows; ++i) {
            row_low.push_back(lower(i));
            row_high.push_back(upper(i));
        }
        const CoinPackedMatrix matrix(true, rows, static_cast<int>(count),
                                      static_cast<CoinBigIndex>(rows_.size()), values_.data(), rows_.data(),
                                      start.data(), nullptr);
        model_.loadProblem(matrix, low.data(), high.data(), cost.data(), row_low.data(), row_high.data());
    }

    /// Cells that change are stored even while they are zero.
    bool present(int row, int e) const {
        if (statement_->extra(row, e) != 0) return true;
        for (const auto& cell : statement_->cells) {
            if (cell.row == row && cell.extra == e) return true;
        }
        return false;
    }
    double lower(int i) const {
        return std::isinf(statement_->lower[i]) ? -COIN_DBL_MAX : statement_->lower[i];
    }
    double upper(int i) const {
        return std::isinf(statement_->upper[i]) ? COIN_DBL_MAX : statement_->upper[i];
    }

    const Statement* statement_;
    Rule rule_;
    ClpSimplex model_;
    std::int64_t pivots_ = 0;
    std::vector<int> rows_;
    std::vector<double> values_;
};

}  // namespace

std::unique_ptr<Rival> make_clp(const Statement& statement, std::span<const std::int32_t> columns,
                                Rule rule) {
    return std::make_unique<Clp>(statement, columns, rule);
}

}  // namespace greenfront::bench
