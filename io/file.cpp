#include "io/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

/// Closes its descriptor at the end of the scope.
struct Descriptor {
    int number;
    explicit Descriptor(int n) : number(n) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

[[noreturn]] void refuse(const std::string& path, int code) {
    const char* hint = code == ENOENT   ? "; check the spelling and the folder"
                       : code == EACCES ? "; you need permission to read it"
                                        : "";
    throw Error(Fault::no_input, fmt::format("{}: cannot be opened: {}{}", path, std::strerror(code), hint));
}

}  // namespace

std::string read_bytes(const std::string& path) {
    if (path.find('\0') != std::string::npos) {
        throw Error(Fault::no_input, "a file name contains a NUL byte; give the name of an existing file");
    }
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number < 0) refuse(path, errno);
    struct stat facts {};
    if (::fstat(file.number, &facts) != 0) refuse(path, errno);
    if (S_ISDIR(facts.st_mode)) {
        throw Error(Fault::no_input, fmt::format("{}: is a directory; name the file in it", path));
    }
    // Some never end (/dev/zero), and no table is kept on a raw disk; standard input may be a terminal.
    if (S_ISBLK(facts.st_mode) || (S_ISCHR(facts.st_mode) && ::isatty(file.number) == 0))
        throw Error(Fault::no_input, fmt::format("{}: is a device; give the name of a file", path));
    // Pipes and /proc files have no size: the buffer grows while there is something to read.
    std::string bytes;
    constexpr std::size_t step = std::size_t{1} << 20;
    bytes.resize(std::max<std::size_t>(static_cast<std::size_t>(facts.st_size) + 1, 4096));
    std::size_t used = 0;
    while (true) {
        if (used == bytes.size()) bytes.resize(bytes.size() + std::max(step, bytes.size() / 2));
        const ssize_t got = ::read(file.number, bytes.data() + used, bytes.size() - used);
        if (got == 0) break;
        if (got < 0) {
            if (errno == EINTR) continue;
            throw Error(Fault::io, fmt::format("{}: reading broke off after {} bytes: {}", path, used,
                                               std::strerror(errno)));
        }
        used += static_cast<std::size_t>(got);
    }
    bytes.resize(used);
    return bytes;
}

}  // namespace greenfront::io
