#pragma once
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "kernels/dea/formulation.hpp"

namespace greenfront::dea {

/// What all programs of one call of evaluate() have in common.
struct Job {
    const Quantities& evaluated;
    const Technology& technology;
    const Settings& settings;
    std::span<const std::int32_t> self;
    std::span<const ColumnRange> left_out;
    Sample sample{};
    bool only_scores = false;  ///< nothing but status, score and proof is wanted
};

/// Shared columns that programs look at: all of the technology, or some.
struct ColumnSet {
    const lp::Columns* columns = nullptr;
    std::vector<std::int32_t> origin;  ///< of each column its number in the technology; empty: the same
    std::vector<std::int32_t>
        place;  ///< of each column of the technology its number here or -1; empty: the same
    [[nodiscard]] bool whole() const { return place.empty(); }
    [[nodiscard]] std::int32_t origin_of(std::int32_t j) const {
        return whole() ? j : origin[static_cast<std::size_t>(j)];
    }
    [[nodiscard]] std::int32_t place_of(std::int32_t j) const {
        return whole() || j < 0 ? j : place[static_cast<std::size_t>(j)];
    }
};

/// The answer for one unit. Vectors keep their memory from unit to unit.
struct Draft {
    Status status = Status::failed;
    double score = 0;
    bool unique = false, efficient = false;
    bool leans_on_itself = false;  ///< its own intensity is positive
    Eigen::VectorXd slack;         ///< variables; NaN where the model says nothing
    Eigen::VectorXd beta;          ///< nddf: variables
    Eigen::VectorXd multiplier;    ///< variables + 1, the last of returns to scale
    std::vector<std::int32_t> peer;
    std::vector<double> lambda, idle;
    lp::Proof proof;
    int rung = 0;
    std::int64_t programs = 0, pivots = 0, passes = 0, zero_terms = 0;
    explicit Draft(const Shape& shape);
};

/// Solves units of one batch one after the other on one thread, allocating nothing.
///
/// Order of objectives: the score; stage two of radial and directional models if asked for; then, only where
/// optima are not unique, the tie rule of docs/methods/dea.md: SBM without orientation takes the t with the
/// smallest total relative change, and what is still open is settled by fixed weights on relative slacks and
/// on intensities.
class Program {
  public:
    /// With columns that are a part of the technology each unit outside that part brings its own.
    Program(const Job& job, const ColumnSet& columns, lp::Pool& pool, lp::Pool& face);
    /// Forgets the basis of the unit before.
    void restart() { workspace_->warm.clear(); }
    void solve(Eigen::Index o, Draft& draft);
    /// The two halves of solve(), for callers that price several programs in one pass: true when
    /// `multipliers()` wait to be priced over all columns.
    [[nodiscard]] bool begin(Eigen::Index o, Draft& draft);
    [[nodiscard]] const double* multipliers() const { return workspace_->core.ys.data(); }
    void end(const lp::Pass& pass, Draft& draft);
    /// Writes the last basis (rows() codes), or begins the next solve with such a basis of unit o.
    void save_basis(std::int32_t* codes) const;
    void load_basis(const std::int32_t* codes, Eigen::Index o);
    /// Offers such a basis of unit o as a start for others.
    void offer_basis(const std::int32_t* codes, Eigen::Index o, lp::Facets& facets);
    /// Starts of units solved from now on.
    void start_from(const lp::Facets& facets) { workspace_->facets = &facets; }
    void copy_basis(const Program& other) { workspace_->warm = other.workspace_->warm; }
    /// Score per objective of the last program.
    [[nodiscard]] double score_unit() const;
    [[nodiscard]] double score_slope(double score) const;
    [[nodiscard]] double divisor_of(const lp::Solution& solution) const;
    [[nodiscard]] double price_of(int i) const;
    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] lp::Workspace& workspace() { return *workspace_; }

  private:
    [[nodiscard]] double within(double score) const;
    void conclude(lp::Solution solution, Draft& draft);
    [[nodiscard]] double scale_of_solution() const;
    [[nodiscard]] Place place_of(Eigen::Index o) const;
    [[nodiscard]] Status settle(double score, bool other_optima, Draft& draft);
    [[nodiscard]] Status stage(lp::Stage& stage, Draft& draft);
    void write_slack_costs();
    void write_tie_costs();
    void read_multipliers(Draft& draft) const;
    [[nodiscard]] Status read_primal(Draft& draft) const;
    [[nodiscard]] double weight_of(std::int32_t code) const;
    void read_column(std::int32_t code, double value, Draft& draft) const;

    const Job* job_;
    const ColumnSet* columns_;
    Shape shape_;
    Unit unit_;
    Eigen::Index at_ = 0;                   ///< the unit at hand
    double divisor_ = 1;                    ///< divisor_of its solution
    lp::Aligned cost_;                      ///< of the extras in a later stage
    Eigen::VectorXd no_slack_;              ///< 0, or NaN where the model says nothing
    std::vector<std::int32_t> kept_basis_;  ///< before a later stage
    lp::Aligned kept_x_;
    std::unique_ptr<lp::Workspace> workspace_;
};

}  // namespace greenfront::dea
