#include "io/parts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

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
/// Whoever opens or discards the folder holds the first, for a moment. A run holds the second: alone, or
/// shared with others where it is a shard, which has a lock of its own besides.
constexpr const char* gate_file = "open.lock";
constexpr const char* run_file = "run.lock";
std::string shard_file(const Shard& shard) {
    return fmt::format("shard-{}-of-{}.lock", shard.index, shard.count);
}

/// Writes what is not there as it should be.
void keep(const std::string& path, const std::string& contents) {
    if (fs::exists(path) && read_bytes(path) == contents) return;
    replace_file(path, contents);
}

bool is_lock(const std::string& file) {
    return file == gate_file || file == run_file || (file.starts_with("shard-") && file.ends_with(".lock"));
}

/// A temporary file that a kill has left.
bool is_leftover(const std::string& file) {
    return file.ends_with(".tmp") &&
           (file.starts_with("sweep-") || file.starts_with(identity_file) || file.starts_with(study_file));
}

template <class Which>
void remove_files(const std::string& folder, const Which& which) {
    std::error_code ignored;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (which(entry.path().filename().string())) files.push_back(entry.path());
    }
    for (const auto& file : files) fs::remove(file, ignored);
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

void check_identity(const std::string& folder, const RunIdentity& run) {
    const std::string path = folder + "/" + identity_file;
    const std::string there = fs::exists(path) ? read_bytes(path) : "";
    if (there.empty() || there == run.text) return;  // without the file, each part still has its run id
    throw Error(
        Fault::data,
        fmt::format("{}: has parts of another run; the first difference: {}. Go on with the study as "
                    "it was, choose another name with -o, or discard the parts (greenfront run --fresh)",
                    folder, first_difference(there, run.text)));
}

void InstructionSets::see(const std::string& file, const std::string& instruction_set) {
    if (warned_ || instruction_set == own_) return;
    warned_ = true;
    progress_.warning(
        fmt::format("{}: was computed with instruction set {}, this process uses {}; last "
                    "digits may differ from those of a run on one kind of processor",
                    file, instruction_set, own_));
}

Parts::Parts(Settings settings, Progress& progress)
    : settings_(std::move(settings)),
      folder_(parts_folder(settings_.output)),
      progress_(progress),
      instruction_sets_(settings_.instruction_set, progress) {}

Parts::~Parts() {
    if (writing_.valid()) writing_.wait();
    if (opened_ && !settings_.shard.asked && stored_blocks(folder_).empty()) discard();
}

void Parts::make_folder() const {
    std::error_code problem;
    const bool made = fs::create_directory(folder_, problem);
    if (problem) {
        throw Error(Fault::cannot_create, fmt::format("{}: the folder for checkpoints cannot be made: {}",
                                                      folder_, problem.message()));
    }
    if (made) sync_folder(fs::path(folder_).parent_path().string());
    if (::access(folder_.c_str(), W_OK | X_OK) != 0) {
        throw Error(Fault::cannot_create, fmt::format("{}: the folder for checkpoints cannot be written: {}",
                                                      folder_, std::strerror(errno)));
    }
}

void Parts::enter(FileLock& gate) {
    // A run that ends takes the folder away: between the two steps it may be gone.
    do make_folder();
    while (gate.wait(path(gate_file), FileLock::Mode::exclusive) == FileLock::Outcome::no_folder);
}

bool Parts::lock() {
    using enum FileLock::Outcome;
    auto outcome = run_lock_.attempt(path(run_file), FileLock::Mode::exclusive);
    const bool alone = outcome != busy;
    if (outcome == busy && shard()) outcome = run_lock_.attempt(path(run_file), FileLock::Mode::shared);
    if (outcome == busy) {
        throw Error(Fault::cannot_create,
                    fmt::format("{}: another process is computing this output; wait for it or choose another "
                                "name with -o",
                                folder_));
    }
    if (shard() && outcome == held) {
        outcome = shard_lock_.attempt(path(shard_file(settings_.shard)), FileLock::Mode::exclusive);
        if (outcome == busy) {
            throw Error(Fault::cannot_create,
                        fmt::format("{}: another process is computing shard {}/{}; wait for it", folder_,
                                    settings_.shard.index, settings_.shard.count));
        }
    }
    if (outcome == unsupported) {
        progress_.warning(
            fmt::format("{}: files cannot be locked there, so nothing keeps a second process from "
                        "computing the same; make sure that there is none",
                        folder_));
    }
    return alone;
}

void Parts::remove_blocks(bool alone) {
    const std::string identity = path(identity_file);
    const bool foreign = fs::exists(identity) && read_bytes(identity) != settings_.run.text;
    const bool all = !shard() || (alone && foreign);
    remove_files(folder_, [&](const std::string& file) {
        const auto name = read_part_file_name(file);
        return name && (all || mine(*name));
    });
}

void Parts::open(bool fresh) {
    FileLock gate;
    enter(gate);
    const bool alone = lock();
    if (!alone) check_identity(folder_, settings_.run);
    if (fresh) remove_blocks(alone);
    // Without locks, a temporary file may be that of another process at work.
    if (alone && run_lock_.holds()) remove_files(folder_, is_leftover);
    if (alone && run_lock_.holds() && !shard()) remove_leftovers(settings_.output);
    if (!stored_blocks(folder_).empty()) check_identity(folder_, settings_.run);
    keep(path(identity_file), settings_.run.text);
    keep(path(study_file), settings_.run.study);
    if (shard()) run_lock_.share();
    opened_ = true;
}

void Parts::discard() {
    opened_ = false;
    if (!fs::exists(folder_)) return;
    FileLock gate;
    try {
        enter(gate);
    } catch (const Error& error) {
        progress_.warning(fmt::format("{}; the folder stays, though it is of no more use", error.what()));
        return;
    }
    remove_files(folder_, [](const std::string& file) {
        return file == identity_file || file == study_file || file == stop_file || is_leftover(file) ||
               read_part_file_name(file);
    });
    remove_files(folder_, is_lock);
    ::rmdir(folder_.c_str());  // only where nothing of somebody else is left
}

bool Parts::load(BlockName name, BlockContent& content) {
    const std::string file = path(part_file_name(name));
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return false;
    Part part = read_part(file, name, settings_.run.run_id);
    instruction_sets_.see(file, part.instruction_set);
    content = std::move(part.content);
    ++count_.loaded;
    return true;
}

void Parts::store(BlockName name, const BlockContent& content) {
    std::string bytes = encode_part({settings_.run.run_id, settings_.instruction_set, name, content});
    const std::string file = path(part_file_name(name));
    try {
        settle();
    } catch (const Error&) {
        // The block before did not arrive; this one may, and need not be computed again then.
        try {
            replace_file(file, bytes);
        } catch (const Error&) {  // as the other one did, which is told
        }
        throw;
    }
    const auto write = [file, bytes = std::move(bytes)] { replace_file(file, bytes); };
    try {
        writing_ = std::async(std::launch::async, write);
    } catch (const std::system_error&) {  // no thread is left: at once, by this one
        writing_ = std::async(std::launch::deferred, write);
        settle();
    }
}

void Parts::settle() {
    if (!writing_.valid()) return;
    try {
        writing_.get();
    } catch (const Error& error) {
        std::error_code ignored;
        const bool vanished = !fs::is_directory(folder_, ignored);
        throw Error(
            Fault::io,
            fmt::format("{}. {}", error.what(),
                        vanished ? "The folder has vanished: put it back, or the same command begins anew"
                                 : "Blocks finished before stay; once the folder can be written, the same "
                                   "command goes on"));
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

}  // namespace greenfront::io
