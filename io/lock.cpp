#include "io/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

int lock(int descriptor, int operation) {
    int code = 0;
    do code = ::flock(descriptor, operation);
    while (code != 0 && errno == EINTR);
    return code;
}

/// Whether `path` still leads to the open file: whoever held it before may have removed it meanwhile.
bool still_there(int descriptor, const std::string& path) {
    struct stat open {
    }, named{};
    return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace

FileLock::Outcome FileLock::take(const std::string& path, Mode mode, bool wait) {
    release();
    const int operation = (mode == Mode::shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB);
    for (;; release()) {
        descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor_ < 0 && errno == ENOENT) return Outcome::no_folder;
        if (descriptor_ < 0) {
            throw Error(Fault::cannot_create,
                        fmt::format("{}: cannot be made: {}", path, std::strerror(errno)));
        }
        if (lock(descriptor_, operation) != 0) {
            const bool busy = errno == EWOULDBLOCK;
            release();
            return busy ? Outcome::busy : Outcome::unsupported;
        }
        if (still_there(descriptor_, path)) return Outcome::held;
    }
}

void FileLock::share() {
    if (descriptor_ >= 0) lock(descriptor_, LOCK_SH | LOCK_NB);
}

void FileLock::release() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace greenfront::io
