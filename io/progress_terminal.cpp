#include "io/progress_terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "io/environment.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

using Clock = std::chrono::steady_clock;

/// Everything under one lock; blocks of work are large, so it is taken rarely.
class Reporter : public Progress {
  public:
    Reporter(ProgressMode mode, std::FILE* out, std::chrono::milliseconds quiet)
        : mode_(mode), out_(out), quiet_(quiet) {}

    void begin(const std::string& stage, std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        stage_ = stage;
        units_ = units;
        done_ = 0;
        told_ = 0;
        started_ = last_drawn_ = Clock::now();
        if (mode_ == ProgressMode::json) object({{"event", "begin"}, {"stage", stage}, {"units", units}});
        if (mode_ == ProgressMode::bar) draw();
    }

    void resize(std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        units_ = units;
    }

    void advance(std::int64_t units) override {
        const std::lock_guard lock(mutex_);
        done_ += units;
        const std::int64_t tenth = units_ > 0 ? done_ * 10 / units_ : 0;
        if (mode_ == ProgressMode::bar && Clock::now() - last_drawn_ > std::chrono::milliseconds(100)) draw();
        if (tenth <= told_ || tenth >= 10) return;
        told_ = tenth;
        // A log wants a sign of life from slow stages only.
        if (mode_ == ProgressMode::plain && Clock::now() - last_drawn_ >= quiet_) {
            last_drawn_ = Clock::now();
            line(fmt::format("{}: {} % ({} of {})", stage_, tenth * 10, done_, units_));
        }
        if (mode_ == ProgressMode::json) {
            object({{"event", "advance"}, {"stage", stage_}, {"done", done_}, {"units", units_}});
        }
    }

    void end() override {
        const std::lock_guard lock(mutex_);
        const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
        if (mode_ == ProgressMode::bar) std::fputs("\r\x1b[K", out_);
        if (mode_ == ProgressMode::bar || mode_ == ProgressMode::plain) {
            line(fmt::format("{}: {} {}, {:.2f} s", stage_, units_, units_ == 1 ? "unit" : "units", seconds));
        }
        if (mode_ == ProgressMode::json) {
            object({{"event", "end"},
                    {"stage", stage_},
                    {"units", units_},
                    {"done", done_},
                    {"seconds", seconds}});
        }
        stage_.clear();
    }

    void cancel() override {
        const std::lock_guard lock(mutex_);
        if (mode_ == ProgressMode::bar) std::fputs("\r\x1b[K", out_);
        if (mode_ == ProgressMode::json) object({{"event", "cancel"}, {"stage", stage_}, {"done", done_}});
        stage_.clear();
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

  private:
    void line(const std::string& text) {
        std::fputs((text + "\n").c_str(), out_);
        std::fflush(out_);
    }

    void object(const nlohmann::ordered_json& json) {
        line(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    }

    void message(const char* event, const std::string& text, const std::string& shown) {
        if (mode_ == ProgressMode::json) {
            object({{"event", event}, {"text", text}});
            return;
        }
        const bool over_bar = mode_ == ProgressMode::bar && !stage_.empty();
        if (over_bar) std::fputs("\r\x1b[K", out_);
        line(shown);
        if (over_bar) draw();
    }

    void draw() {
        constexpr int width = 30;
        const double share =
            units_ > 0 ? std::min(1.0, static_cast<double>(done_) / static_cast<double>(units_)) : 0;
        const int full = static_cast<int>(share * width);
        const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
        const std::string left =
            share > 0.02 && seconds > 1 ? fmt::format(", {:.0f} s left", seconds * (1 - share) / share) : "";
        std::fputs(fmt::format("\r\x1b[K{} [{:#<{}}{:.<{}}] {:3.0f} %{}", stage_, "", full, "", width - full,
                               100 * share, left)
                       .c_str(),
                   out_);
        std::fflush(out_);
        last_drawn_ = Clock::now();
    }

    ProgressMode mode_;
    std::FILE* out_;
    std::chrono::milliseconds quiet_;
    std::mutex mutex_;
    std::string stage_;
    std::int64_t units_ = 0, done_ = 0, told_ = 0;
    Clock::time_point started_, last_drawn_;
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

std::unique_ptr<Progress> make_progress(ProgressMode mode, std::FILE* out, std::chrono::milliseconds quiet) {
    return std::make_unique<Reporter>(mode, out, quiet);
}

std::unique_ptr<Progress> make_progress(const std::string& word) {
    return make_progress(progress_mode(word));
}

}  // namespace greenfront::io
