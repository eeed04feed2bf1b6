#include "io/stop.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

// A handler can reach nothing but variables of the file; any thread may run it.
std::atomic<int> caught = 0;
std::atomic<bool> interrupted = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

constexpr int interrupted_twice = 130;
constexpr std::string_view once =
    "\ngreenfront: stopping after the blocks in flight; interrupt again to stop at once\n";
constexpr std::string_view twice = "\ngreenfront: interrupted twice; finished blocks stay\n";

/// A message that cannot be written is lost; there is nobody to tell.
void say(std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

extern "C" void remember(int signal) {
    const int kept = errno;
    if (signal == SIGINT) {
        if (interrupted.exchange(true)) {
            say(twice);
            ::_exit(interrupted_twice);
        }
        say(once);
    }
    caught = signal;
    errno = kept;
}

}  // namespace

void catch_stop_signals() {
    for (const int signal : {SIGTERM, SIGUSR1, SIGINT}) {
        struct sigaction action {};
        action.sa_handler = remember;
        action.sa_flags = SA_RESTART;
        ::sigemptyset(&action.sa_mask);
        ::sigaction(signal, &action, nullptr);
    }
}

std::string caught_signal() {
    switch (caught) {
        case 0:
            return "";
        case SIGTERM:
            return "SIGTERM";
        case SIGUSR1:
            return "SIGUSR1";
        case SIGINT:
            return "SIGINT";
        default:
            return "a signal";
    }
}

std::chrono::seconds parse_time_limit(const std::string& text) {
    std::array<std::int64_t, 3> part{};
    std::string_view left = text;
    bool good = true;
    for (std::size_t i = 0; i < part.size() && good; ++i) {
        const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), part[i]);
        const auto digits = static_cast<std::size_t>(end - left.data());
        good = error == std::errc{} && left.front() != '-' && digits <= (i == 0 ? 6 : 2);
        left.remove_prefix(digits);
        if (i + 1 < part.size()) {
            good = good && left.starts_with(':');
            if (good) left.remove_prefix(1);
        }
    }
    if (!good || !left.empty() || part[1] > 59 || part[2] > 59) {
        throw Error(Fault::usage,
                    fmt::format("--time-limit {}: write hours, minutes and seconds, e.g. 12:00:00", text));
    }
    return std::chrono::seconds(part[0] * 3600 + part[1] * 60 + part[2]);
}

}  // namespace greenfront::io
