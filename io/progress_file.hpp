#pragma once
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "io/pace.hpp"
#include "io/parts.hpp"
#include "io/progress_terminal.hpp"

/// The progress of a run as a file that other processes read (docs/formats/progress.md).
namespace greenfront::io {

/// What the file says of the run from its beginning to its end.
struct ProgressHead {
    std::string command;  ///< run or merge
    std::string version, study, output, run_id;
    Shard shard;
    int threads = 0;
};

/// "OUTPUT.progress.json", or "OUTPUT.shard-K-of-N.progress.json"
[[nodiscard]] std::string progress_file(const std::string& output, const Shard& shard);

/// Passes everything on to `shown`, counts it, and writes the file about once a second from a thread of its
/// own: whoever works never waits for the disk. Many shards write less often, so that all of them together
/// write some hundred times a second at most. No result depends on it: a file that cannot be written is worth
/// one warning.
class RunProgress : public Progress {
  public:
    explicit RunProgress(std::unique_ptr<ShownProgress> shown) : shown_(std::move(shown)) {}
    RunProgress(const RunProgress&) = delete;
    RunProgress& operator=(const RunProgress&) = delete;
    ~RunProgress() override { rest(); }

    void begin(const std::string& stage, std::int64_t units) override;
    void resize(std::int64_t units) override;
    void advance(std::int64_t units) override;
    void failures(std::int64_t total) override;
    void end() override;
    void cancel() override;
    void note(const std::string& text) override { shown_->note(text); }
    void warning(const std::string& text) override { shown_->warning(text); }

    /// The run has its output for itself: from now on the file is written, unless `file` is empty.
    void open(ProgressHead head, std::string file);
    /// The last word, once: `message` says why, where the state is neither running nor done.
    void finish(RunState state, const std::string& message, int exit_code);

  private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] double now() const {
        return std::chrono::duration<double>(Clock::now() - started_).count();
    }
    void beat();
    void rest();
    void write();
    void write_without_thread();
    [[nodiscard]] std::string contents();

    std::unique_ptr<ShownProgress> shown_;
    const Clock::time_point started_ = Clock::now();
    std::string file_, begun_at_;
    ProgressHead head_;
    std::chrono::milliseconds interval_ = std::chrono::seconds(1);
    bool told_ = false;  ///< that the file cannot be written

    std::mutex mutex_;  ///< of what follows
    Pace pace_;
    std::int64_t failures_ = 0, stages_done_ = 0;
    RunState state_ = RunState::running;
    std::string message_;
    int exit_code_ = 0;
    bool resting_ = false;
    std::condition_variable wake_;

    std::thread heart_;
    std::mutex writing_;  ///< where there is no thread for it
    Clock::time_point written_;
};

}  // namespace greenfront::io
