#include "io/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "io/file.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

constexpr int no_limit = std::numeric_limits<int>::max();

int affinity_limit() {
    // The kernel refuses a mask smaller than its own: grow it until it fits.
    for (int cpus = 1024; cpus <= (1 << 20); cpus *= 2) {
        cpu_set_t* mask = CPU_ALLOC(static_cast<std::size_t>(cpus));
        if (mask == nullptr) throw std::bad_alloc();
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
        const int code = ::sched_getaffinity(0, bytes, mask) == 0 ? 0 : errno;
        const int count = code == 0 ? CPU_COUNT_S(bytes, mask) : 0;
        CPU_FREE(mask);
        if (code == 0) return std::max(count, 1);
        if (code != EINVAL) break;
    }
    const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? static_cast<int>(online) : 1;
}

/// The first line of a small kernel file; nothing when there is no such file.
std::optional<std::string> first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line)) return std::nullopt;
    return line;
}

std::optional<double> to_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

int processors(std::optional<double> quota, std::optional<double> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) return no_limit;
    const double share = std::ceil(*quota / *period);
    return share >= no_limit ? no_limit : std::max(1, static_cast<int>(share));
}

/// Quota of one cgroup folder: version 2 has "cpu.max" with "QUOTA PERIOD" or "max PERIOD", version 1 has two
/// files, -1 meaning no quota.
int quota_of_folder(const std::string& folder) {
    if (const auto line = first_line(folder + "/cpu.max")) {
        const std::string_view text = *line;
        const auto space = text.find(' ');
        if (space == std::string_view::npos) return no_limit;
        return processors(to_number(text.substr(0, space)), to_number(text.substr(space + 1)));
    }
    const auto quota = first_line(folder + "/cpu.cfs_quota_us");
    const auto period = first_line(folder + "/cpu.cfs_period_us");
    if (!quota || !period) return no_limit;
    return processors(to_number(*quota), to_number(*period));
}

/// The quotas of this process's cgroup and of every folder above it bind together.
int cgroup_limit() {
    int limit = no_limit;
    std::ifstream file("/proc/self/cgroup");
    std::string line;  // "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1)
    while (std::getline(file, line)) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
        const bool version2 = controllers == ",,";
        if (!version2 && controllers.find(",cpu,") == std::string::npos) continue;
        const std::string mount = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
        std::string path = line.substr(second + 1);
        while (true) {
            limit = std::min(limit, quota_of_folder(mount + (path == "/" ? "" : path)));
            if (path.empty() || path == "/") break;
            path.erase(path.rfind('/'));
        }
    }
    return limit;
}

int slurm_limit() {
    const char* text = std::getenv("SLURM_CPUS_PER_TASK");
    if (text == nullptr || *text == '\0') return no_limit;
    const std::string_view value = text;
    int count = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
    if (error != std::errc{} || end != value.data() + value.size() || count < 1) {
        throw Error(Fault::usage,
                    fmt::format("SLURM_CPUS_PER_TASK is \"{}\", which is no number of processors; unset it "
                                "or give --threads",
                                value));
    }
    return count;
}

#if defined(__x86_64__) && defined(__GLIBC__)
[[noreturn]] void cannot_restart(const std::string& why, const std::string& variable,
                                 const std::string& value) {
    throw Error(Fault::io,
                fmt::format("--isa portable: the program cannot be started anew: {}; start it with the "
                            "environment variable {}={}",
                            why, variable, value));
}
#endif

}  // namespace

ThreadLimit thread_limit() {
    // The first of equal ones: what is the tightest anyhow names the limit that a user can change.
    ThreadLimit least{affinity_limit(), "processors of this process"};
    for (const auto& [count, by] : {std::pair{cgroup_limit(), "CPU quota of the control group"},
                                    std::pair{slurm_limit(), "SLURM_CPUS_PER_TASK"}}) {
        if (count < least.count) least = {count, by};
    }
    least.count = std::max(1, least.count);
    return least;
}

int available_threads() {
    return thread_limit().count;
}

void use_portable_mathematics() {
#if defined(__x86_64__) && defined(__GLIBC__)
    constexpr const char* variable = "GLIBC_TUNABLES";
    const std::string wanted = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4";
    const char* given = std::getenv(variable);
    std::string value = given == nullptr ? "" : given;
    if (value.ends_with(wanted)) return;
    value += (value.empty() ? "" : ":") + wanted;  // of two, the library takes the last
    // A program with more rights than its user never sees the variable, and would start itself for ever.
    if (::getauxval(AT_SECURE) != 0) cannot_restart("it has more rights than its user", variable, value);
    std::ifstream line("/proc/self/cmdline");  // each argument ends with a zero byte
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(line, argument, '\0');) arguments.push_back(argument);
    if (arguments.empty()) cannot_restart("/proc cannot be read", variable, value);
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (::setenv(variable, value.c_str(), 1) == 0) {
        // By its own name, which is what lists of processes show, if that still leads here.
        std::error_code unknown;
        const auto own = std::filesystem::read_symlink("/proc/self/exe", unknown);
        if (!unknown) ::execv(own.c_str(), pointers.data());
        ::execv("/proc/self/exe", pointers.data());
    }
    cannot_restart(std::strerror(errno), variable, value);
#endif
}

void prepare_process() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
        // The lowest free number is this one. Standard output cannot be written: results are not to vanish.
        (void)::open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
    (void)::signal(SIGXFSZ, SIG_IGN);
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

std::string now_utc() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

bool stderr_is_terminal() {
    return ::isatty(STDERR_FILENO) == 1;
}

int terminal_width() {
    struct winsize size {};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string file_hash(const std::string& path) {
    const std::string bytes = read_bytes(path);
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace greenfront::io
