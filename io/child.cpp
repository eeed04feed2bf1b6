#include "io/child.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

constexpr std::size_t most_output = std::size_t{64} << 10;

struct Pipe {
    int read_end = -1, write_end = -1;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw Error(Fault::io, fmt::format("no pipe to another program: {}", std::strerror(errno)));
        read_end = ends[0];
        write_end = ends[1];
    }
    ~Pipe() {
        close_end(read_end);
        close_end(write_end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    static void close_end(int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    }
    [[nodiscard]] std::string all() const {
        std::string text;
        std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t count = ::read(read_end, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return text;
            const auto given = static_cast<std::size_t>(count);
            text.append(buffer.data(), std::min(given, most_output - std::min(most_output, text.size())));
        }
    }
};

/// Between fork and exec only calls that are safe there.
[[noreturn]] void become(char* const* arguments, int output, int failure) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    const bool ready = nothing >= 0 && ::dup2(nothing, STDIN_FILENO) >= 0 &&
                       ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0;
    if (ready) ::execv(arguments[0], arguments);
    const int reason = errno;
    [[maybe_unused]] const ssize_t told = ::write(failure, &reason, sizeof reason);
    ::_exit(127);
}

}  // namespace

ChildOutcome run_child(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    std::vector<std::string> copies = command;
    arguments.reserve(copies.size() + 1);
    for (auto& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    Pipe output, failure;
    const pid_t child = ::fork();
    if (child < 0)
        throw Error(Fault::io, fmt::format("{}: no new process: {}", command[0], std::strerror(errno)));
    if (child == 0) become(arguments.data(), output.write_end, failure.write_end);
    Pipe::close_end(output.write_end);
    Pipe::close_end(failure.write_end);
    ChildOutcome outcome;
    outcome.output = output.all();
    const std::string reason = failure.all();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (reason.size() == sizeof(int)) {
        int number = 0;
        std::memcpy(&number, reason.data(), sizeof number);
        outcome.not_begun = std::strerror(number);
    }
    return outcome;
}

ScratchFolder::ScratchFolder() {
    const char* place = std::getenv("TMPDIR");
    std::string pattern =
        std::string(place != nullptr && *place != '\0' ? place : "/tmp") + "/greenfront-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw Error(Fault::cannot_create,
                    fmt::format("{}: cannot make a folder for short-lived files: {}; set TMPDIR to a folder "
                                "that can be written",
                                pattern, std::strerror(errno)));
    }
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string program_folder() {
    std::error_code failed;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
    return failed ? "" : self.parent_path().string();
}

}  // namespace greenfront::io
