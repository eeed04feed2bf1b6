#include "io/hdf5_limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace greenfront::io::h5 {
namespace {

bool standing = false;

/// Bytes of addresses in use, as RLIMIT_AS counts them; 0 where that is not known.
std::uint64_t addresses_in_use() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    return statm ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

ReadingLimits::ReadingLimits(const std::string& path) : outermost_(!standing) {
    if (!outermost_) return;
    standing = true;
    ::getrlimit(RLIMIT_AS, &memory_before_);
    std::error_code unknown;
    const std::uint64_t size = std::filesystem::file_size(path, unknown);
    if (unknown) return;  // whoever opens it says why
    constexpr std::uint64_t gib = std::uint64_t{1} << 30, most_packed = 1100;
    const std::uint64_t used = addresses_in_use();
    if (used > 0) {
        rlimit limit = memory_before_;
        limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, used + gib + most_packed * size);
        ::setrlimit(RLIMIT_AS, &limit);
    }
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGVTALRM;
    timed_ = ::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
    itimerspec when{};
    when.it_value.tv_sec = static_cast<time_t>(3 + 5 * (size >> 20));
    if (timed_) ::timer_settime(timer_, 0, &when, nullptr);
}

ReadingLimits::~ReadingLimits() {
    if (!outermost_) return;
    if (timed_) ::timer_delete(timer_);
    ::setrlimit(RLIMIT_AS, &memory_before_);
    standing = false;
}

}  // namespace greenfront::io::h5
