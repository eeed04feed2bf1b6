#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// Blocks of work that outlive the process: a sweep asks for each block before it computes it and leaves it
/// afterwards. The engine knows no files; io implements the interface (io/parts.hpp).
namespace greenfront {

/// A block is named by integers: the number of its sweep in the study, its own number in the sweep.
struct BlockName {
    std::int64_t sweep = 0, block = 0;
    bool operator==(const BlockName&) const = default;
};

/// What a block leaves, bit by bit: the numbers of its scenarios one after the other, and a text a scenario.
struct BlockContent {
    std::vector<double> values;
    std::vector<std::string> texts;
};

class Checkpoint {
  public:
    virtual ~Checkpoint() = default;
    /// Whether this process is a shard: it computes its own blocks and leaves the whole to a merge.
    [[nodiscard]] virtual bool shard() const = 0;
    /// Whether the block is among those that this process needs.
    [[nodiscard]] virtual bool mine(BlockName name) const = 0;
    /// False where the block is not there yet. Throws Error where it is there but cannot be trusted.
    [[nodiscard]] virtual bool load(BlockName name, BlockContent& content) = 0;
    /// The block may still be on its way to the disk while the next one is computed; the one stored before it
    /// would survive a power cut then. Throws what became of that one.
    virtual void store(BlockName name, const BlockContent& content) = 0;
    /// Returns when every stored block would survive a power cut.
    virtual void settle() = 0;
    /// Why the run is to stop before its next block or stage; empty while it may go on.
    [[nodiscard]] virtual std::string stop_requested() = 0;
};

/// Remembers nothing and never stops.
class NoCheckpoint : public Checkpoint {
  public:
    [[nodiscard]] bool shard() const override { return false; }
    [[nodiscard]] bool mine(BlockName) const override { return true; }
    [[nodiscard]] bool load(BlockName, BlockContent&) override { return false; }
    void store(BlockName, const BlockContent&) override {}
    void settle() override {}
    [[nodiscard]] std::string stop_requested() override { return {}; }
};

/// The run was asked to stop; what is finished is stored. `what()` is the reason.
class Stopped : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace greenfront
