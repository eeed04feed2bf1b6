#pragma once
#include <oneapi/tbb/enumerable_thread_specific.h>

#include <functional>
#include <memory>
#include <vector>

#include "kernels/dea/program.hpp"

/// Many programs over one set of columns, on all threads.
namespace greenfront::dea {

/// Work and proofs of some programs.
struct Tally {
    Counters counters;
    Certificate certificate;
    void add(const Draft& draft);
    void add(const Tally& other);
};

/// Results of a batch while it is being solved; each unit has its own slot.
class Collector {
  public:
    Collector(const Shape& shape, Eigen::Index k, bool twofold);
    void store(const Draft& draft, Eigen::Index o);
    /// Multipliers of the rows X, Y, B and returns in the user's units.
    [[nodiscard]] auto multiplier(Eigen::Index o) const { return scores_.multiplier.col(o); }
    [[nodiscard]] Status status(Eigen::Index o) const { return scores_.status[static_cast<std::size_t>(o)]; }
    /// Packs the peers and hands everything over.
    [[nodiscard]] Scores finish(const Tally& tally);

  private:
    void store_nothing(Eigen::Index o);
    void pack_peers();

    Shape shape_;
    bool twofold_;
    Scores scores_;
    std::vector<std::int32_t> count_;
    std::unique_ptr<std::int32_t[]> peer_;  ///< rows slots a unit, count_ of them filled; so are these two
    std::unique_ptr<double[]> lambda_, idle_;
};

/// Solvers for the programs of a job over one set of columns.
///
/// Units are taken in the order given, in blocks of fixed size that share a pool of columns and warm starts
/// and begin with the same `seeds` in the pool and the same starts (learn()), so what a block does depends on
/// its units alone, never on threads. Where the columns are many, a pass prices four programs at once.
class Crew {
  public:
    /// Units in a block. Part of the definition of the results (last digits, and multipliers that are not
    /// unique).
    static constexpr std::size_t block_size = 64;
    /// Called before and after a unit is solved; `after` writes to the unit's own slots.
    using Before = std::function<void(Eigen::Index, Program&)>;
    using After = std::function<void(Eigen::Index, Program&, const Draft&)>;

    Crew(const Job& job, const ColumnSet& columns, std::vector<std::int32_t> seeds);
    [[nodiscard]] Tally run(const std::vector<Eigen::Index>& units, const After& after,
                            const Before& before = {}, std::size_t block = block_size);
    /// Starts for the units of later runs: the bases (Program::save_basis, at unit * rows) that most of the
    /// units given ended with.
    void learn(const std::vector<Eigen::Index>& units, const std::vector<std::int32_t>& bases);

  private:
    struct Worker {
        lp::Pool pool, face;
        std::vector<Program> programs;
        std::vector<Draft> drafts;
        Worker(const Job& job, const ColumnSet& columns, std::size_t width);
    };
    void run_block(Worker& worker, std::span<const Eigen::Index> units, const After& after,
                   const Before& before, Tally& tally) const;
    void restart(Worker& worker) const;

    const Job* job_;
    const ColumnSet* columns_;
    std::vector<std::int32_t> seeds_;
    lp::Facets facets_;
    std::size_t width_;  ///< programs that share a pass
    tbb::enumerable_thread_specific<std::unique_ptr<Worker>> workers_;
};

/// 0, .., k - 1.
[[nodiscard]] std::vector<Eigen::Index> all_units(Eigen::Index k);

}  // namespace greenfront::dea
