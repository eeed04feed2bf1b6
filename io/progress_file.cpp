#include "io/progress_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>

#include "io/environment.hpp"

namespace greenfront::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
/// How many files a second all shards together may replace.
constexpr std::int64_t writes_a_second = 100;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// Replaces the file at once for whoever reads it. Nothing waits for the disk: after a power cut the file may
/// be an older one, which is no loss. Returns what went wrong.
std::string replace_quickly(const std::string& path, const std::string& contents) {
    const std::string fresh = path + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0) return std::strerror(errno);
    const auto written = ::write(file, contents.data(), contents.size());
    bool good = written == static_cast<ssize_t>(contents.size());
    int code = written < 0 ? errno : ENOSPC;
    if (::close(file) != 0 && good) {
        good = false;
        code = errno;
    }
    if (good && ::rename(fresh.c_str(), path.c_str()) == 0) return {};
    if (good) code = errno;
    ::unlink(fresh.c_str());
    return std::strerror(code);
}

}  // namespace

std::string progress_file(const std::string& output, const Shard& shard) {
    return shard.asked ? fmt::format("{}.shard-{}-of-{}.progress.json", output, shard.index, shard.count)
                       : output + ".progress.json";
}

void RunProgress::begin(const std::string& stage, std::int64_t units) {
    {
        const std::lock_guard lock(mutex_);
        pace_.begin(stage, units, now());
    }
    shown_->begin(stage, units);
    write_without_thread();
}

void RunProgress::resize(std::int64_t units) {
    {
        const std::lock_guard lock(mutex_);
        pace_.resize(units);
    }
    shown_->resize(units);
}

void RunProgress::advance(std::int64_t units) {
    {
        const std::lock_guard lock(mutex_);
        pace_.advance(units, now());
    }
    shown_->advance(units);
    write_without_thread();
}

void RunProgress::failures(std::int64_t total) {
    {
        const std::lock_guard lock(mutex_);
        failures_ = total;
    }
    shown_->failures(total);
}

void RunProgress::end() {
    {
        const std::lock_guard lock(mutex_);
        pace_.end();
        ++stages_done_;
    }
    shown_->end();
}

/// The stage stays in the file, for it is the one that was stopped or that failed.
void RunProgress::cancel() {
    shown_->cancel();
}

void RunProgress::open(ProgressHead head, std::string file) {
    head_ = std::move(head);
    file_ = std::move(file);
    begun_at_ = now_utc();
    interval_ *= std::max<std::int64_t>(1, head_.shard.count / writes_a_second);
    write();
    try {
        heart_ = std::thread([this] { beat(); });
    } catch (const std::system_error&) {  // no thread is left: write_without_thread()
    }
}

void RunProgress::beat() {
    constexpr auto tick = std::chrono::seconds(1);
    auto due = Clock::now() + interval_;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, tick, [this] { return resting_; })) {
        lock.unlock();
        try {
            shown_->tick();
            if (Clock::now() + tick / 2 >= due) {
                write();
                due = Clock::now() + interval_;
            }
        } catch (
            const std::bad_alloc&) {  // no memory to tell of progress; the run goes on, or says so itself
        }
        lock.lock();
    }
}

void RunProgress::rest() {
    if (!heart_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        resting_ = true;
    }
    wake_.notify_one();
    heart_.join();
}

void RunProgress::finish(RunState state, const std::string& message, int exit_code) {
    rest();
    {
        const std::lock_guard lock(mutex_);
        if (state_ != RunState::running) return;
        state_ = state;
        message_ = message;
        exit_code_ = exit_code;
    }
    write();
    shown_->finish(state, message, exit_code);
}

void RunProgress::write() {
    if (file_.empty()) return;
    const std::string problem = replace_quickly(file_, contents());
    written_ = Clock::now();
    if (problem.empty() || told_) return;
    told_ = true;
    shown_->warning(fmt::format("{}: cannot be written: {}; the run goes on without it", file_, problem));
}

void RunProgress::write_without_thread() {
    if (file_.empty() || heart_.joinable()) return;
    const std::lock_guard lock(writing_);
    if (Clock::now() - written_ >= interval_) write();
}

std::string RunProgress::contents() {
    const std::lock_guard lock(mutex_);
    const bool at_work = !pace_.stage().empty();
    const double at = now();
    const auto known = [&](const Json& value) { return at_work ? value : Json(nullptr); };
    const Shard& shard = head_.shard;
    Json json{{"format", "greenfront progress"},
              {"format_version", format_version},
              {"version", head_.version},
              {"command", head_.command},
              {"state", name(state_)},
              {"message", message_},
              {"exit_code", state_ == RunState::running ? Json(nullptr) : Json(exit_code_)},
              {"stage", known(pace_.stage())},
              {"done", known(pace_.done())},
              {"units", known(pace_.units())},
              {"rate", at_work ? number(pace_.rate()) : Json(nullptr)},
              {"seconds_left", at_work ? number(pace_.seconds_left(at)) : Json(nullptr)},
              {"stage_seconds", at_work ? number(pace_.seconds(at)) : Json(nullptr)},
              {"stages_done", stages_done_},
              {"failures", failures_},
              {"elapsed_seconds", at},
              {"interval_seconds", std::chrono::duration<double>(interval_).count()},
              {"started", begun_at_},
              {"updated", now_utc()},
              {"study", head_.study},
              {"output", head_.output},
              {"run_id", head_.run_id},
              {"shard", shard.asked ? Json{{"index", shard.index}, {"count", shard.count}} : Json(nullptr)},
              {"host", host_name()},
              {"process", ::getpid()},
              {"threads", head_.threads}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace greenfront::io
