#include "io/progress_terminal.hpp"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "io/environment.hpp"
#include "io/pace.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// Everything under one lock; blocks of work are large, so it is taken rarely.
class Reporter : public ShownProgress {
  public:
    Reporter(ProgressMode mode, std::FILE* out, ProgressTimes times)
        : mode_(mode), out_(out), times_(times) {}

    void begin(const std::string& stage, std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        pace_.begin(stage, units, now());
        told_ = 0;
        last_told_ = Clock::now();
        if (mode_ == ProgressMode::json) object({{"event", "begin"}, {"stage", stage}, {"units", units}});
        if (mode_ == ProgressMode::bar) draw();
    }

    void resize(std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        pace_.resize(units);
    }

    void advance(std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        pace_.advance(units, now());
        const auto tenth = static_cast<int>(pace_.share() * 10);
        const bool further = tenth > told_ && tenth < 10;
        told_ = std::max(told_, tenth);
        const auto since = Clock::now() - last_told_;
        if (mode_ == ProgressMode::bar && since > std::chrono::milliseconds(100)) draw();
        // A log wants a sign of life from slow stages only.
        if (mode_ == ProgressMode::plain && (further ? since >= times_.quiet : since >= times_.silent)) log();
        if (mode_ == ProgressMode::json && (further || since >= times_.object)) {
            last_told_ = Clock::now();
            Json facts = of_stage("advance");
            facts["rate"] = number(pace_.rate());
            facts["seconds_left"] = number(pace_.seconds_left(now()));
            facts["failures"] = failures_;
            object(facts);
        }
    }

    void failures(std::int64_t total) override {
        const std::lock_guard lock(mutex_);
        failures_ = total;
    }

    void end() override {
        const std::lock_guard lock(mutex_);
        const double seconds = pace_.seconds(now());
        if (mode_ == ProgressMode::bar) clear();
        if (mode_ == ProgressMode::bar || mode_ == ProgressMode::plain) {
            line(fmt::format("{}: {} {}, {:.2f} s", pace_.stage(), pace_.units(),
                             pace_.units() == 1 ? "unit" : "units", seconds));
        }
        if (mode_ == ProgressMode::json) {
            Json facts = of_stage("end");
            facts["seconds"] = seconds;
            facts["failures"] = failures_;
            object(facts);
        }
        pace_.end();
    }

    void cancel() override {
        const std::lock_guard lock(mutex_);
        if (mode_ == ProgressMode::bar) clear();
        if (mode_ == ProgressMode::json) object(of_stage("cancel"));
        pace_.end();
    }

    void note(const std::string& text) override {
        const std::lock_guard lock(mutex_);
        if (mode_ == ProgressMode::none) return;
        message("note", text, text);
    }

    void warning(const std::string& text) override {
        const std::lock_guard lock(mutex_);
        message("warning", text, "warning: " + text);
    }

    void tick() override {
        const std::lock_guard lock(mutex_);
        if (pace_.stage().empty()) return;
        if (mode_ == ProgressMode::bar) draw();
        if (mode_ == ProgressMode::plain && Clock::now() - last_told_ >= times_.silent) log();
    }

    void finish(RunState state, const std::string& text, int exit_code) override {
        const std::lock_guard lock(mutex_);
        if (mode_ != ProgressMode::json) return;
        object({{"event", "finish"},
                {"state", name(state)},
                {"exit_code", exit_code},
                {"failures", failures_},
                {"text", text}});
    }

  private:
    [[nodiscard]] double now() const {
        return std::chrono::duration<double>(Clock::now() - started_).count();
    }

    void line(const std::string& text) {
        std::fputs((text + "\n").c_str(), out_);
        std::fflush(out_);
    }

    void log() {
        last_told_ = Clock::now();
        const std::string facts = outlook(pace_, now(), failures_);
        if (pace_.done() == 0)
            return line(fmt::format("{}: {} so far{}", pace_.stage(), duration(pace_.seconds(now())), facts));
        line(fmt::format("{}: {:.0f} % ({} of {}){}", pace_.stage(), std::floor(100 * pace_.share()),
                         pace_.done(), pace_.units(), facts));
    }

    [[nodiscard]] Json of_stage(const char* event) const {
        return {{"event", event}, {"stage", pace_.stage()}, {"done", pace_.done()}, {"units", pace_.units()}};
    }

    void object(const Json& json) { line(json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

    void message(const char* event, const std::string& text, const std::string& shown) {
        if (mode_ == ProgressMode::json) {
            object({{"event", event}, {"text", text}});
            return;
        }
        const bool over_bar = mode_ == ProgressMode::bar && !pace_.stage().empty();
        if (over_bar) clear();
        line(shown);
        if (over_bar) draw();
    }

    void clear() { std::fputs("\r\x1b[K", out_); }

    void draw() {
        // The last column is left free: some terminals begin a new line when it is written.
        clear();
        std::fputs(bar_line(pace_, now(), failures_, terminal_width() - 1).c_str(), out_);
        std::fflush(out_);
        last_told_ = Clock::now();
    }

    ProgressMode mode_;
    std::FILE* out_;
    ProgressTimes times_;
    std::mutex mutex_;
    Pace pace_;
    std::int64_t failures_ = 0;
    int told_ = 0;  ///< tenths of the stage that were told
    const Clock::time_point started_ = Clock::now();
    Clock::time_point last_told_ = started_;
};

}  // namespace

ProgressMode progress_mode(const std::string& word) {
    if (word == "auto") return stderr_is_terminal() ? ProgressMode::bar : ProgressMode::plain;
    if (word == "plain") return ProgressMode::plain;
    if (word == "json") return ProgressMode::json;
    if (word == "none") return ProgressMode::none;
    throw Error(Fault::usage,
                fmt::format("--progress {}: is not known; use auto, plain, json or none", word));
}

std::string name(RunState state) {
    switch (state) {
        case RunState::running:
            return "running";
        case RunState::stopped:
            return "stopped";
        case RunState::done:
            return "done";
        case RunState::failed:
            return "failed";
    }
    return {};
}

std::unique_ptr<ShownProgress> make_progress(ProgressMode mode, std::FILE* out, ProgressTimes times) {
    return std::make_unique<Reporter>(mode, out, times);
}

std::unique_ptr<ShownProgress> make_progress(const std::string& word) {
    return make_progress(progress_mode(word));
}

}  // namespace greenfront::io
