#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/dea/dea.hpp"

/// The programs as a competent user of a general solver states them: one model, changed in place from unit
/// to unit and started from the last basis. What a program is stands in `Statement`, how a library takes it
/// in `Rival`; a library is one file.
namespace greenfront::bench {

enum class Library : std::int8_t { clp, glpk, lp_solve };
inline constexpr std::array libraries{Library::clp, Library::glpk, Library::lp_solve};
[[nodiscard]] const char* name_of(Library library);

/// Quantities divided by their variable's mean, one column a unit; inputs, goods, bads.
struct Data {
    Eigen::MatrixXd a;
    int m, s1, s2;
    explicit Data(const dea::Quantities& q);
    [[nodiscard]] int variables() const { return m + s1 + s2; }
    [[nodiscard]] bool is_good(int i) const { return i >= m && i < m + s1; }
    [[nodiscard]] Eigen::Index units() const { return a.cols(); }
};

/// min cost'e  subject to  lower <= extra e + sum_j column_j lambda_j <= upper, lambda >= 0, e >= 0 or free.
/// The first rows are the variables; under vrs one row of ones follows; then what the model needs.
struct Statement {
    struct Cell {
        int row, extra;
    };
    const Data* data = nullptr;
    bool vrs = false;
    Eigen::MatrixXd extra;         ///< rows x extras
    Eigen::VectorXd cost;          ///< extras
    std::vector<bool> free;        ///< extras: no bound
    Eigen::VectorXd lower, upper;  ///< rows; infinite where a side is open
    bool relative = false;         ///< columns are divided by the sum of their inputs and bads
    /// What `write` changes.
    std::vector<Cell> cells;
    std::vector<int> costs, sides;
    std::vector<int> changed_extras;  ///< those with a cell in `cells`, ascending

    [[nodiscard]] int rows() const { return static_cast<int>(lower.size()); }
    [[nodiscard]] int extras() const { return static_cast<int>(cost.size()); }
    /// Size of a unit where columns are relative; else 1.
    [[nodiscard]] double size(Eigen::Index j) const;
    /// Coefficients of a reference column in the first rows.
    void column(Eigen::Index j, std::vector<double>& values) const;
    /// The program of unit o.
    void write(Eigen::Index o);
    void (*write_unit)(Statement&, Eigen::Index) = nullptr;
};

/// radial, input: min theta,  X lambda - theta x_o <= 0, Y lambda >= y_o, B lambda <= b_o.
/// SBM (Charnes-Cooper): min t - sum S_i / (m x_io),  t + sum S_r / (s y_ro) + sum S_k / (s b_ko) = 1,
/// X L + S = t x_o, Y L - S = t y_o, B L + S = t b_o; s = s1 + s2.
[[nodiscard]] Statement state_model(const Data& data, const dea::Settings& settings);
/// Is o in the technology: min d,  X lambda - d <= x_o, Y lambda + d >= y_o, B lambda - d <= b_o. Only the
/// right side changes from unit to unit. Under crs units are rays, and all have the same size.
[[nodiscard]] Statement state_membership(const Data& data, bool vrs);

/// The choices a solver leaves to its user.
struct Rule {
    bool dual = true;        ///< dual simplex, else primal
    bool scaled = false;     ///< by the library, on top of the division by means
    bool steepest = false;   ///< steepest edge pricing, else Dantzig's
    int perturbation = 100;  ///< CLP: 50 always, 100 when it takes long, 102 never
    int keep = 5;         ///< CLP, from one solve to the next: 0 nothing, 1 work areas, 5 what they hold too
    int ratio_test = 0;   ///< GLPK: 0 textbook, 1 Harris, 2 long step (dual)
    bool by_rows = true;  ///< GLPK: prices with the rows of the matrix, else with its nonbasic columns
    bool devex = false;   ///< lp_solve: its default prices; goes before Dantzig's, after steepest edge
    bool dual_to_the_end = false;  ///< lp_solve, dual: also after feasibility is reached, else primal then
    [[nodiscard]] std::string name(Library library) const;
};

/// One solver model over a growing set of reference columns.
class Rival {
  public:
    virtual ~Rival() = default;
    /// Solves the statement as it stands now, from the last basis; its objective. `primal`: the basis is
    /// primal feasible because a column was added. NaN when the library finds no optimum.
    [[nodiscard]] virtual double solve(bool primal = false) = 0;
    /// Multipliers of the rows at the last optimum.
    virtual void multipliers(Eigen::VectorXd& y) const = 0;
    virtual void add(Eigen::Index j) = 0;
    [[nodiscard]] virtual std::int64_t pivots() const = 0;
};

[[nodiscard]] std::unique_ptr<Rival> make_clp(const Statement& statement,
                                              std::span<const std::int32_t> columns, Rule rule);
[[nodiscard]] std::unique_ptr<Rival> make_glpk(const Statement& statement,
                                               std::span<const std::int32_t> columns, Rule rule);
[[nodiscard]] std::unique_ptr<Rival> make_lp_solve(const Statement& statement,
                                                   std::span<const std::int32_t> columns, Rule rule);
[[nodiscard]] std::unique_ptr<Rival> make_rival(Library library, const Statement& statement,
                                                std::span<const std::int32_t> columns, Rule rule);

/// Units in an order in which neighbours are alike (a city's years), or in no order.
enum class Order : std::int8_t { neighbours, none };
/// The rule that `--tune` found fastest, among those whose answers are right, for the efficiency program of a
/// model and for the membership program.
[[nodiscard]] Rule best_rule(Library library, Order order, dea::Model model);
[[nodiscard]] Rule best_membership_rule(Library library, Order order);
/// All rules worth a try.
[[nodiscard]] std::vector<Rule> all_rules(Library library);

/// CPU time of this process in seconds, all threads together.
[[nodiscard]] double cpu_seconds();

}  // namespace greenfront::bench
