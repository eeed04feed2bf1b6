#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/workspace.hpp"

/// The econometric channel of a sweep.
///
/// A lever moves regressors x_k (and a mediator M); effects and residuals stay. With the coefficients of the
/// row's type t, the type that the row has after the change,
///     dy_i = sum_k beta_tk dx_ik                                              without a mediator
///     dy_i = sum_k (gamma_k + b a_k) dx_ik + b dM_i                           with one: y = gamma x + b M,
///                                                                             M = a x; dM by levers alone
/// of which sum_k gamma_k dx_ik is direct and the rest mediated. A replicate r has its own coefficients. Sums
/// over rows come first: the mean over a cell of rows is linear in the cell's mean dx, so that replicates
/// cost one product of small matrices.
namespace greenfront::sweep {

/// The regressions of one type of rows.
struct LinearType {
    /// `where` selects rows of the scenario's panel, its group statistics are the baseline's; empty: all rows
    /// that are left.
    std::string name, where;
    const RegressionOutcome* regression = nullptr;
    const resample::PairsDraws* draws = nullptr;  ///< null: point effects only
};

class LinearChannel {
  public:
    /// `types` in the order in which rows are claimed; the last one takes the rest. With `mediation` there is
    /// one type. `replicates`: of the draws, the first so many are used. Refers to what it is given.
    LinearChannel(const Panel& baseline, std::vector<LinearType> types, const MediationOutcome* mediation,
                  std::int64_t replicates);

    /// Columns of the panel that the channel reads.
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    /// To be called once: only terms that read a moved column are evaluated from then on.
    void set_moved(const std::vector<std::string>& moved);
    /// Rows of the outcome's sample (panel rows).
    [[nodiscard]] const std::vector<char>& sample() const { return sample_; }
    [[nodiscard]] const std::vector<double>& outcome() const {
        return outcome_;
    }  ///< y of the sample, else NaN
    [[nodiscard]] std::int64_t replicates() const { return replicates_; }
    [[nodiscard]] bool mediated() const { return mediation_ != nullptr; }
    [[nodiscard]] const std::vector<LinearType>& types() const { return types_; }

    /// Rows and their changes in one scenario; kept by a thread and used again.
    struct Change {
        std::vector<std::int32_t> type;       ///< of each panel row
        std::vector<std::vector<double>> dx;  ///< of each term; NaN where it has no value; empty: not moved
        std::vector<char> lost;               ///< rows of the sample where a regressor has lost its value
    };
    void changes(const Panel& scenario, Change& change) const;

    /// The mean of dx over the rows of each cell: cells x (types * terms). `cell` gives the cell of a row or
    /// -1; lost rows are left out. Rows of a cell without any row stay zero; `count` receives the rows.
    [[nodiscard]] Eigen::MatrixXd means(const Change& change, const std::vector<std::int32_t>& cell,
                                        Eigen::Index cells, std::vector<double>& count) const;
    /// dy of each row at the estimated coefficients; NaN outside the sample and where lost.
    void row_effects(const Change& change, std::vector<double>& effect) const;

    enum class Part : std::int8_t { all, direct };
    /// Effects of cells at the estimated coefficients, and in replicate r.
    [[nodiscard]] Eigen::VectorXd effects(const Eigen::MatrixXd& mean_dx, Part part) const;
    [[nodiscard]] Eigen::VectorXd effects(const Eigen::MatrixXd& mean_dx, Eigen::Index replicate) const;
    /// The same for all replicates: cells x replicates.
    [[nodiscard]] Eigen::MatrixXd draws(const Eigen::MatrixXd& mean_dx) const;

  private:
    void add_coefficients(const std::vector<std::string>& names, std::size_t type, const panel::Fit& fit,
                          const resample::PairsDraws* draws);
    void add_mediation(const MediationOutcome& mediation);
    [[nodiscard]] std::size_t term(const std::string& text);
    [[nodiscard]] Eigen::Index place(std::size_t type, std::size_t term) const {
        return static_cast<Eigen::Index>(type * terms_.size() + term);
    }

    const Panel& baseline_;
    std::vector<LinearType> types_;
    const MediationOutcome* mediation_;
    std::int64_t replicates_;
    std::vector<std::string> terms_, columns_;
    std::vector<std::vector<double>> base_;  ///< baseline value of each term, panel rows
    std::vector<char> moves_;                ///< term reads a moved column
    std::vector<std::vector<char>> needs_;   ///< type x term: has a coefficient there
    std::vector<char> sample_;
    std::vector<double> outcome_;
    Eigen::VectorXd point_, direct_;  ///< types * terms
    Eigen::MatrixXd draw_;            ///< (types * terms) x replicates
};

}  // namespace greenfront::sweep
