#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "bench/calibration/calibration.hpp"

namespace greenfront::bench {
namespace {

void require(bool well) {
    if (!well) throw std::system_error(errno, std::generic_category(), "calibration with a file");
}

/// The call may do less than it was asked for.
template <class Call, class Byte>
void whole(const Call& call, int descriptor, Byte* bytes, std::size_t count) {
    for (std::size_t done = 0; done < count;) {
        const ssize_t now = call(descriptor, bytes + done, count - done);
        require(now > 0);
        done += static_cast<std::size_t>(now);
    }
}

void once(const std::string& path, std::vector<char>& bytes, FileWork work) {
    const bool reads = work == FileWork::read;
    const int descriptor = ::open(path.c_str(), reads ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(descriptor >= 0);
    if (reads)
        whole(::read, descriptor, bytes.data(), bytes.size());
    else
        whole(::write, descriptor, bytes.data(), bytes.size());
    if (work == FileWork::write_and_sync) require(::fsync(descriptor) == 0);
    require(::close(descriptor) == 0);
}

}  // namespace

double file_seconds(double bytes, FileWork work) {
    using Clock = std::chrono::steady_clock;
    const std::string path =
        std::filesystem::temp_directory_path() / ("greenfront-bench-limit-" + std::to_string(::getpid()));
    std::vector<char> content(static_cast<std::size_t>(bytes), 'x');
    once(path, content, FileWork::write);
    std::array<double, 5> seconds{};
    for (double& each : seconds) {
        const auto begin = Clock::now();
        once(path, content, work);
        each = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    require(::unlink(path.c_str()) == 0);
    return *std::min_element(seconds.begin(), seconds.end());
}

}  // namespace greenfront::bench
