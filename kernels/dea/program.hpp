#pragma once
#include <memory>
#include <span>
#include <vector>

#include "kernels/dea/formulation.hpp"

namespace greenfront::dea {

/// The answer for one unit. Vectors keep their memory from unit to unit.
struct Draft {
    Status status = Status::failed;
    double score = 0;
    Eigen::VectorXd slack;       ///< variables; NaN where the model says nothing
    Eigen::VectorXd multiplier;  ///< variables + 1, the last of returns to scale
    std::vector<std::int32_t> peer;
    std::vector<double> lambda;
    lp::Proof proof;
    int rung = 0;
    std::int64_t programs = 0, pivots = 0, passes = 0, zero_terms = 0;
    explicit Draft(const Shape& shape) : slack(shape.variables()), multiplier(shape.variables() + 1) {
        peer.reserve(static_cast<std::size_t>(shape.rows()));
        lambda.reserve(static_cast<std::size_t>(shape.rows()));
    }
};

/// Solves units of one batch one after the other on one thread, allocating nothing.
///
/// Order of objectives: the score; radial stage two if asked for; then, only where optima are not unique, the
/// tie rule of docs/methods/dea.md: SBM without orientation takes the t with the smallest total relative
/// change, and what is still open is settled by fixed weights on relative slacks and on intensities.
class Program {
  public:
    Program(const Technology& technology, const Shape& shape, const Settings& settings,
            const Quantities& evaluated, std::span<const std::int32_t> self);
    void restart(const std::vector<std::int32_t>& seeds) { workspace_->restart(seeds); }
    void solve(Eigen::Index o, Draft& draft);
    /// Appends the reference columns of the last basis.
    void append_basis(std::vector<std::int32_t>& columns) const;
    [[nodiscard]] lp::Workspace& workspace() { return *workspace_; }

  private:
    [[nodiscard]] Status settle(double score, bool other_optima, Draft& draft);
    [[nodiscard]] Status stage(lp::Stage& stage, Draft& draft);
    void read_multipliers(Draft& draft) const;
    [[nodiscard]] Status read_primal(Draft& draft) const;

    const Technology* technology_;
    Shape shape_;
    const Settings* settings_;
    const Quantities* evaluated_;
    std::span<const std::int32_t> self_;
    Unit unit_;
    lp::Aligned cost_;  ///< of the extras in a later stage
    std::unique_ptr<lp::Workspace> workspace_;
};

}  // namespace greenfront::dea
