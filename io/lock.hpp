#pragma once
#include <string>

namespace greenfront::io {

/// A file that one process at a time holds, or several that share it. The system lets go of it when the
/// process ends, however it ends.
class FileLock {
  public:
    enum class Mode { shared, exclusive };
    enum class Outcome {
        held,
        busy,         ///< another process has it in a way that excludes this one
        unsupported,  ///< the file system has no locks
        no_folder     ///< the folder of the file is not there
    };

    FileLock() = default;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    ~FileLock() { release(); }

    /// Makes the file where it is not there. Throws Error(cannot_create) where that fails.
    [[nodiscard]] Outcome attempt(const std::string& path, Mode mode) { return take(path, mode, false); }
    /// The same, but waits while it is busy: for locks that are held for a moment only.
    [[nodiscard]] Outcome wait(const std::string& path, Mode mode) { return take(path, mode, true); }
    /// From exclusive to shared.
    void share();
    void release();
    [[nodiscard]] bool holds() const { return descriptor_ >= 0; }

  private:
    [[nodiscard]] Outcome take(const std::string& path, Mode mode, bool wait);
    int descriptor_ = -1;
};

}  // namespace greenfront::io
