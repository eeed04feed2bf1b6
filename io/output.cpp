#include "io/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void broken(const std::string& path, const std::string& temporary, int descriptor) {
    const std::string reason = std::strerror(errno);
    if (descriptor >= 0) ::close(descriptor);
    ::unlink(temporary.c_str());
    throw Error(Fault::io, fmt::format("{}: writing broke off: {}; nothing was left behind", path, reason));
}

constexpr std::string_view temporary_ending = ".tmp";

/// A new file "PATH.PROCESS-ATTEMPT.tmp": on a shared disk, processes of several machines or containers may
/// have the same number. -1 with errno where none can be made.
int make_temporary(const std::string& path, std::string& temporary) {
    for (int attempt = 0;; ++attempt) {
        temporary = fmt::format("{}.{}-{}{}", path, ::getpid(), attempt, temporary_ending);
        const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
}

/// `refused`: the fault where no file can be made there at all.
void write_whole(const std::string& path, const std::string& contents, Fault refused) {
    std::string temporary;
    const int descriptor = make_temporary(path, temporary);
    if (descriptor < 0)
        throw Error(refused, fmt::format("{}: cannot create: {}", path, std::strerror(errno)));
    for (std::size_t done = 0; done < contents.size();) {
        const ssize_t written = ::write(descriptor, contents.data() + done, contents.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) broken(path, temporary, descriptor);
        done += static_cast<std::size_t>(written);
    }
    if (::fsync(descriptor) != 0) broken(path, temporary, descriptor);
    if (::close(descriptor) != 0) broken(path, temporary, -1);
    if (::rename(temporary.c_str(), path.c_str()) != 0) broken(path, temporary, -1);
    sync_folder(fs::path(path).parent_path().string());
}

/// The file that a link leads to: what is replaced is the file, never the link.
fs::path behind_links(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored) ? fs::canonical(path) : fs::path(path);
}

}  // namespace

void check_not_input(const std::string& path, const std::vector<std::string>& inputs) {
    std::error_code ignored;
    for (const auto& input : inputs) {
        if (!input.empty() && fs::equivalent(path, input, ignored))
            throw Error(
                Fault::cannot_create,
                fmt::format("{}: is the file {} that is read; choose another name with -o", path, input));
    }
}

void check_output(const std::string& path, bool force) {
    if (path.empty()) throw Error(Fault::usage, "the name of the output is empty");
    std::error_code ignored;
    if (fs::is_directory(path, ignored))
        throw Error(Fault::cannot_create, fmt::format("{}: is a folder; name a file", path));
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
        throw Error(
            Fault::cannot_create,
            fmt::format("{}: is not an ordinary file (a device, a pipe or a socket); name a file", path));
    }
    if (fs::is_symlink(fs::symlink_status(path, ignored)) && !fs::exists(path, ignored)) {
        throw Error(Fault::cannot_create,
                    fmt::format("{}: is a link to a file that does not exist; name the file itself", path));
    }
    if (!force && fs::exists(path, ignored)) {
        throw Error(Fault::cannot_create,
                    fmt::format("{}: exists; choose another name with -o or replace it with --force", path));
    }
    fs::path folder = behind_links(path).parent_path();
    if (folder.empty()) folder = ".";
    if (!fs::is_directory(folder, ignored)) {
        throw Error(Fault::cannot_create,
                    fmt::format("{}: the folder {} does not exist; create it first", path, folder.string()));
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw Error(Fault::cannot_create, fmt::format("{}: the folder {} cannot be written: {}", path,
                                                      folder.string(), std::strerror(errno)));
    }
}

void write_file(const std::string& name, const std::string& contents, bool force) {
    check_output(name, force);
    write_whole(behind_links(name).string(), contents, Fault::cannot_create);
}

void replace_file(const std::string& path, const std::string& contents) {
    write_whole(path, contents, Fault::io);
}

void remove_leftovers(const std::string& name) {
    const fs::path path = behind_links(name);
    const std::string front = path.filename().string() + ".";
    std::error_code ignored;
    std::vector<fs::path> found;
    for (const auto& entry :
         fs::directory_iterator(path.has_parent_path() ? path.parent_path() : ".", ignored)) {
        const std::string file = entry.path().filename().string();
        if (!file.starts_with(front) || !file.ends_with(temporary_ending)) continue;
        const std::string_view number = std::string_view(file).substr(
            front.size(), std::max(file.size(), front.size() + temporary_ending.size()) - front.size() -
                              temporary_ending.size());
        if (!number.empty() && number.find_first_not_of("0123456789-") == std::string_view::npos)
            found.push_back(entry.path());
    }
    for (const auto& file : found) fs::remove(file, ignored);
}

void sync_folder(const std::string& folder) {
    const int place = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place < 0) return;
    ::fsync(place);
    ::close(place);
}

}  // namespace greenfront::io
