#pragma once
#include <sys/resource.h>

#include <ctime>
#include <string>

namespace greenfront::io::h5 {

/// While it stands, this thread has a limited CPU time, and the process limited memory, to read a file of
/// that size:
///     3 s + 5 s a MiB,    what is in use + 1 GiB + 1,100 times the file.
/// Deflate makes a thousandth of an array at best, so a whole file ends within both where arrays are read at
/// 220 MB a second or more. The HDF5 library goes round for ever in some damaged files, and takes tens of
/// gigabytes for others before it says that they are damaged. Beyond the time SIGVTALRM comes, which the
/// CrashGuard that stands takes for a crash inside the library; beyond the memory the library's allocation
/// fails, and it says so. Limits that the process had are kept. One at a time: those inside another one do
/// nothing.
class ReadingLimits {
  public:
    explicit ReadingLimits(const std::string& path);
    ReadingLimits(const ReadingLimits&) = delete;
    ReadingLimits& operator=(const ReadingLimits&) = delete;
    ~ReadingLimits();

  private:
    bool outermost_;
    bool timed_ = false;
    timer_t timer_{};
    rlimit memory_before_{};
};

}  // namespace greenfront::io::h5
