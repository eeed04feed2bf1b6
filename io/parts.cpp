#include "io/parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "io/file.hpp"
#include "io/output.hpp"
#include "io/part_file.hpp"
#include "io/stop.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* identity_file = "identity.txt";
constexpr const char* study_file = "study.toml";
constexpr const char* stop_file = "STOP";

/// A part of this very run at the place that its name says.
Part read_part(const std::string& path, BlockName name, const std::string& run_id) {
    Part part = decode_part(read_bytes(path), path);
    if (part.run_id != run_id) {
        throw Error(
            Fault::data,
            fmt::format("{}: is a part of another run: its run id is {}, this run's is {}; remove this "
                        "file or begin anew with --fresh",
                        path, part.run_id, run_id));
    }
    if (part.name != name) {
        throw Error(
            Fault::data,
            fmt::format("{}: holds block {} of sweep {}, which is not what its name says; remove this "
                        "file or begin anew with --fresh",
                        path, part.name.block, part.name.sweep));
    }
    return part;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

/// "[panel] seed = 1 there, seed = 2 here"; the first line is the hash of the panel.
std::string first_difference(const std::string& there, const std::string& here) {
    const auto a = lines_of(there), b = lines_of(here);
    std::string table;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i < a.size() && i < b.size() && a[i] == b[i]) {
            if (a[i].starts_with('[')) table = a[i] + " ";
            continue;
        }
        const auto line = [&](const std::vector<std::string>& lines) {
            return i < lines.size() ? lines[i] : std::string("nothing more");
        };
        return fmt::format("{}{} there, {} here", i == 0 ? "hash of the panel: " : table, line(a), line(b));
    }
    return "none that the study shows";
}

/// Writes what is not there as it should be.
void keep(const std::string& path, const std::string& contents) {
    if (fs::exists(path) && read_bytes(path) == contents) return;
    write_file(path, contents, true);
}

/// Files that Greenfront puts into a folder of parts, temporary ones that a kill has left included.
bool ours(const std::string& file) {
    return file == identity_file || file == study_file || file == stop_file || read_part_file_name(file) ||
           (file.ends_with(".tmp") &&
            (file.starts_with("sweep-") || file.starts_with(identity_file) || file.starts_with(study_file)));
}

}  // namespace

std::string parts_folder(const std::string& output) {
    return output + ".parts";
}

std::string study_of_parts(const std::string& folder) {
    return folder + "/" + study_file;
}

std::vector<BlockName> stored_blocks(const std::string& folder) {
    std::vector<BlockName> blocks;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (const auto name = read_part_file_name(entry.path().filename().string())) blocks.push_back(*name);
    }
    return blocks;
}

void remove_parts(const std::string& folder) {
    std::error_code ignored;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (ours(entry.path().filename().string())) files.push_back(entry.path());
    }
    for (const auto& file : files) fs::remove(file, ignored);
    ::rmdir(folder.c_str());  // only where nothing of somebody else is left
}

void check_identity(const std::string& folder, const RunIdentity& run) {
    const std::string path = folder + "/" + identity_file;
    const std::string there = fs::exists(path) ? read_bytes(path) : "";
    if (there.empty() || there == run.text) return;
    throw Error(Fault::study,
                fmt::format("{}: holds parts of another run; the first difference: {}. Go on with the former "
                            "study, choose another name with -o, or discard the parts with --fresh",
                            folder, first_difference(there, run.text)));
}

Parts::~Parts() {
    if (opened_ && !shard() && stored_blocks(settings_.folder).empty()) remove_parts(settings_.folder);
}

void Parts::open(bool fresh) {
    const std::string& folder = settings_.folder;
    std::error_code problem;
    if (fresh && !shard()) {
        remove_parts(folder);
    } else if (fresh) {
        for (const BlockName name : stored_blocks(folder)) {
            if (mine(name)) fs::remove(path(part_file_name(name)), problem);
        }
    }
    const bool made = fs::create_directory(folder, problem);
    if (problem) {
        throw Error(Fault::cannot_create, fmt::format("{}: the folder for checkpoints cannot be made: {}",
                                                      folder, problem.message()));
    }
    if (made) sync_folder(fs::path(folder).parent_path().string());
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw Error(Fault::cannot_create, fmt::format("{}: the folder of checkpoints cannot be written: {}",
                                                      folder, std::strerror(errno)));
    }
    if (!stored_blocks(folder).empty()) check_identity(folder, settings_.run);
    opened_ = true;
    keep(path(identity_file), settings_.run.text);
    keep(path(study_file), settings_.run.study);
}

bool Parts::load(BlockName name, BlockContent& content) {
    const std::string file = path(part_file_name(name));
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return false;
    Part part = read_part(file, name, settings_.run.run_id);
    if (part.instruction_set != settings_.instruction_set && !warned_) {
        warned_ = true;
        progress_.warning(
            fmt::format("{}: was computed with instruction set {}, this process uses {}; last "
                        "digits may differ from those of a run on one kind of processor",
                        file, part.instruction_set, settings_.instruction_set));
    }
    content = std::move(part.content);
    ++count_.loaded;
    return true;
}

void Parts::store(BlockName name, const BlockContent& content) {
    const std::string bytes = encode_part({settings_.run.run_id, settings_.instruction_set, name, content});
    try {
        write_file(path(part_file_name(name)), bytes, true);
    } catch (const Error& error) {
        throw Error(Fault::io,
                    fmt::format("{}. Finished blocks stay in {}; the same command goes on once the "
                                "folder can be written",
                                error.what(), settings_.folder));
    }
    ++count_.computed;
}

std::string Parts::stop_requested() {
    if (auto signal = caught_signal(); !signal.empty()) return signal;
    if (settings_.deadline && std::chrono::steady_clock::now() >= *settings_.deadline)
        return "the time limit is over";
    std::error_code ignored;
    const std::string file = path(stop_file);
    if (!fs::exists(file, ignored)) return {};
    // Shards share the folder: the file is for all of them, so whoever made it removes it.
    if (shard()) return fmt::format("there is a file {}, to be removed before going on", file);
    fs::remove(file, ignored);
    return fmt::format("there was a file {}", file);
}

bool MergedParts::load(BlockName name, BlockContent& content) {
    std::string first;
    std::error_code ignored;
    for (const auto& folder : folders_) {
        const std::string file = folder + "/" + part_file_name(name);
        if (!fs::exists(file, ignored)) continue;
        Part part = read_part(file, name, run_id_);
        if (instruction_set_.empty()) instruction_set_ = part.instruction_set;
        if (part.instruction_set != instruction_set_ && !warned_) {
            warned_ = true;
            progress_.warning(
                fmt::format("{}: was computed with instruction set {}, other parts with {}; last "
                            "digits may differ from those of a run on one kind of processor",
                            file, part.instruction_set, instruction_set_));
        }
        if (first.empty()) {
            first = file;
            content = std::move(part.content);
            continue;
        }
        // Bit by bit: a NaN is equal to itself.
        const auto& a = content.values;
        const auto& b = part.content.values;
        const bool same = a.size() == b.size() && content.texts == part.content.texts &&
                          (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
        if (!same) {
            throw Error(Fault::data,
                        fmt::format("{} and {}: hold the same block with different numbers; remove "
                                    "the one that you do not trust",
                                    first, file));
        }
    }
    if (first.empty()) return false;
    ++count_.loaded;
    return true;
}

void MergedParts::store(BlockName name, const BlockContent&) {
    throw Error(Fault::io, fmt::format("{}: has vanished while the parts were merged", part_file_name(name)));
}

}  // namespace greenfront::io
