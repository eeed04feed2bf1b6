#pragma once
#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint.hpp"
#include "engine/progress.hpp"
#include "io/lock.hpp"
#include "io/run_identity.hpp"

/// The checkpoints of a run: a folder beside the output with one immutable file a block, and what the run is.
namespace greenfront::io {

/// Shard k of N computes the blocks whose number leaves k - 1 when divided by N.
struct Shard {
    std::int64_t index = 1, count = 1;
    bool asked = false;  ///< --shard was given; 1/1 is a shard, too
    [[nodiscard]] bool has(BlockName name) const { return name.block % count == index - 1; }
};
/// "k/N", or "slurm" for the place in a job array. Throws Error(usage).
[[nodiscard]] Shard parse_shard(const std::string& text);

/// OUTPUT.parts
[[nodiscard]] std::string parts_folder(const std::string& output);
/// Blocks that have a file in the folder.
[[nodiscard]] std::vector<BlockName> stored_blocks(const std::string& folder);
/// Throws Error(data) that names the first difference where the folder's run is not this one.
void check_identity(const std::string& folder, const RunIdentity& run);
/// File of the study in a folder of parts.
[[nodiscard]] std::string study_of_parts(const std::string& folder);

/// How many blocks this process has computed and loaded.
struct BlockCount {
    std::int64_t computed = 0, loaded = 0;
};

/// Warns once where a part comes from another kind of processor.
class InstructionSets {
  public:
    InstructionSets(std::string own, Progress& progress) : own_(std::move(own)), progress_(progress) {}
    void see(const std::string& file, const std::string& instruction_set);
    [[nodiscard]] const std::string& own() const { return own_; }

  private:
    std::string own_;
    Progress& progress_;
    bool warned_ = false;
};

/// The checkpoint of `run`.
class Parts : public Checkpoint {
  public:
    struct Settings {
        std::string output;
        RunIdentity run;
        std::string instruction_set;  ///< of this process
        Shard shard;
        std::optional<std::chrono::steady_clock::time_point> deadline;
    };
    Parts(Settings settings, Progress& progress);
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    /// A folder without a block is of no use to the next run.
    ~Parts() override;

    /// Makes the folder ready and keeps other processes out: of the folder, or of the shard. `fresh`: blocks
    /// that this process needs are removed, and those of another run where no process works on them. Throws
    /// Error(data) where the folder has blocks of another run, Error(cannot_create) where it cannot be made
    /// or written or another process works in it.
    void open(bool fresh);
    /// Removes the folder with all that belongs to the parts; other files stay, and with them the folder.
    void discard();

    [[nodiscard]] bool shard() const override { return settings_.shard.asked; }
    [[nodiscard]] bool mine(BlockName name) const override { return settings_.shard.has(name); }
    [[nodiscard]] bool load(BlockName name, BlockContent& content) override;
    void store(BlockName name, const BlockContent& content) override;
    void settle() override;
    [[nodiscard]] std::string stop_requested() override;

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] const Shard& place() const { return settings_.shard; }
    [[nodiscard]] BlockCount count() const { return count_; }

  private:
    [[nodiscard]] std::string path(const std::string& file) const { return folder_ + "/" + file; }
    void make_folder() const;
    /// One process at a time opens or discards.
    void enter(FileLock& gate);
    /// Returns whether no other process works in the folder.
    [[nodiscard]] bool lock();
    void remove_blocks(bool alone);

    Settings settings_;
    std::string folder_;
    Progress& progress_;
    InstructionSets instruction_sets_;
    FileLock run_lock_, shard_lock_;
    BlockCount count_;
    bool opened_ = false;
    std::future<void> writing_;  ///< of the block stored last
};

/// The checkpoint of `merge`: blocks from any of the folders; it computes none.
class MergedParts : public Checkpoint {
  public:
    /// `instruction_set`: of this process.
    MergedParts(std::vector<std::string> folders, std::string run_id, std::string instruction_set,
                Progress& progress)
        : folders_(std::move(folders)),
          run_id_(std::move(run_id)),
          instruction_sets_(std::move(instruction_set), progress) {}
    [[nodiscard]] bool shard() const override { return false; }
    [[nodiscard]] bool mine(BlockName) const override { return true; }
    /// Folders that have the same block must agree in it to the last bit.
    [[nodiscard]] bool load(BlockName name, BlockContent& content) override;
    void store(BlockName name, const BlockContent& content) override;
    void settle() override {}
    [[nodiscard]] std::string stop_requested() override { return {}; }
    [[nodiscard]] BlockCount count() const { return count_; }

  private:
    std::vector<std::string> folders_;
    std::string run_id_;
    InstructionSets instruction_sets_;
    BlockCount count_;
};

}  // namespace greenfront::io
