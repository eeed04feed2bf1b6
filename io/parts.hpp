#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint.hpp"
#include "engine/progress.hpp"

/// The checkpoints of a run: a folder beside the output with one immutable file a block, and what the run is.
namespace greenfront::io {

/// The run that parts belong to.
struct RunIdentity {
    std::string run_id;
    std::string text;   ///< what the run id is the hash of (engine/runner.hpp)
    std::string study;  ///< TOML that a merge can run from any folder
};

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
/// Removes the parts and what belongs to them; other files stay, and with them the folder.
void remove_parts(const std::string& folder);
/// Blocks that have a file in the folder.
[[nodiscard]] std::vector<BlockName> stored_blocks(const std::string& folder);
/// Throws Error(study) that names the first line in which the folder's run is not this one.
void check_identity(const std::string& folder, const RunIdentity& run);
/// File of the study in a folder of parts.
[[nodiscard]] std::string study_of_parts(const std::string& folder);

/// How many blocks this process has computed and loaded.
struct BlockCount {
    std::int64_t computed = 0, loaded = 0;
};

/// The checkpoint of `run`.
class Parts : public Checkpoint {
  public:
    struct Settings {
        std::string folder;
        RunIdentity run;
        std::string instruction_set;  ///< of this process
        Shard shard;
        std::optional<std::chrono::steady_clock::time_point> deadline;
    };
    Parts(Settings settings, Progress& progress) : settings_(std::move(settings)), progress_(progress) {}
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    /// A folder without a block is of no use to the next run.
    ~Parts() override;

    /// Makes the folder ready. `fresh`: the blocks that this process needs are removed. Throws Error(study)
    /// where the folder has blocks of another run, Error(cannot_create) where it cannot be made or written.
    void open(bool fresh);

    [[nodiscard]] bool shard() const override { return settings_.shard.asked; }
    [[nodiscard]] bool mine(BlockName name) const override { return settings_.shard.has(name); }
    [[nodiscard]] bool load(BlockName name, BlockContent& content) override;
    void store(BlockName name, const BlockContent& content) override;
    [[nodiscard]] std::string stop_requested() override;

    [[nodiscard]] const std::string& folder() const { return settings_.folder; }
    [[nodiscard]] BlockCount count() const { return count_; }

  private:
    [[nodiscard]] std::string path(const std::string& file) const { return settings_.folder + "/" + file; }

    Settings settings_;
    Progress& progress_;
    BlockCount count_;
    bool opened_ = false, warned_ = false;
};

/// The checkpoint of `merge`: blocks from any of the folders; it computes none.
class MergedParts : public Checkpoint {
  public:
    MergedParts(std::vector<std::string> folders, std::string run_id, Progress& progress)
        : folders_(std::move(folders)), run_id_(std::move(run_id)), progress_(progress) {}
    [[nodiscard]] bool shard() const override { return false; }
    [[nodiscard]] bool mine(BlockName) const override { return true; }
    /// Folders that have the same block must agree in it to the last bit.
    [[nodiscard]] bool load(BlockName name, BlockContent& content) override;
    void store(BlockName name, const BlockContent& content) override;
    [[nodiscard]] std::string stop_requested() override { return {}; }
    [[nodiscard]] BlockCount count() const { return count_; }

  private:
    std::vector<std::string> folders_;
    std::string run_id_, instruction_set_;
    Progress& progress_;
    BlockCount count_;
    bool warned_ = false;
};

}  // namespace greenfront::io
