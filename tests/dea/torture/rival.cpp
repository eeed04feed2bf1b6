// COIN-OR's CLP as the rival: cold, presolve off, tolerances near the tightest it takes.
#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <limits>
#include <vector>

#include "tests/dea/torture/linear.hpp"

namespace greenfront::torture {
namespace {

constexpr double tolerance = 1e-10;
constexpr int most_pivots = 100000;

void load(const Linear<double>& program, ClpSimplex& clp) {
    const double inf = std::numeric_limits<double>::infinity();
    const auto rows = static_cast<int>(program.rows());
    std::vector<double> low(program.rows(), -inf), high(program.rows(), inf), element, cost, from, to;
    std::vector<int> row;
    std::vector<CoinBigIndex> start{0};
    for (std::size_t i = 0; i < program.rows(); ++i) {
        if (program.sense[i] != Sense::at_least) high[i] = program.right[i];
        if (program.sense[i] != Sense::at_most) low[i] = program.right[i];
    }
    for (const auto& column : program.columns) {
        for (int i = 0; i < rows; ++i) {
            const double entry = column.entries[static_cast<std::size_t>(i)];
            if (entry == 0) continue;
            row.push_back(i);
            element.push_back(entry);
        }
        start.push_back(static_cast<CoinBigIndex>(row.size()));
        cost.push_back(column.cost);
        from.push_back(column.free ? -inf : 0);
        to.push_back(inf);
    }
    clp.loadProblem(static_cast<int>(program.columns.size()), rows, start.data(), row.data(), element.data(),
                    from.data(), to.data(), cost.data(), low.data(), high.data());
}

}  // namespace

Answer ask_rival(const Batch& batch, Eigen::Index o) {
    if (batch.settings.model == dea::Model::fdh) return enumerate_hull(batch, o);
    const Textbook<double> book = textbook<double>(batch, o);
    if (book.before != Status::optimal) return {book.before, 0, 0, 0};
    ClpSimplex clp;
    clp.setLogLevel(0);
    load(book.program, clp);
    clp.setPrimalTolerance(tolerance);
    clp.setDualTolerance(tolerance);
    clp.setMaximumIterations(most_pivots);
    // Its own scaling finds the vertex, but its tolerances then hold for scaled numbers only; the last
    // pivots without it hold them for the program as it is (ten times fewer wrong scores).
    clp.scaling(3);
    clp.dual();
    clp.scaling(0);
    clp.primal(1);
    if (clp.status() == 1) return {Status::infeasible, 0, 0, 0};
    if (clp.status() == 2) return {Status::unbounded, 0, 0, 0};
    if (clp.status() != 0) return {Status::failed, 0, 0, 0};
    return answer_of(book, Status::optimal, clp.objectiveValue());
}

}  // namespace greenfront::torture
