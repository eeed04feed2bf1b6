#include <fmt/format.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include "engine/app/commands.hpp"
#include "io/environment.hpp"
#include "kernels/simd.hpp"
#include "scenarios/nearest.hpp"

namespace greenfront::app {

int& exit_code() {
    static int code = 0;
    return code;
}

Ending ending_of(const std::exception& error) {
    const std::string what = error.what();
    if (const auto* ours = dynamic_cast<const Error*>(&error)) return {what, ours->exit_code()};
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return {"not enough memory for this task", 1};
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
        return {fmt::format("{}: {}", file->path1().string(), file->code().message()),
                static_cast<int>(Fault::io)};
    }
    if (dynamic_cast<const std::system_error*>(&error) != nullptr)  // a full disk below standard error
        return {fmt::format("a message cannot be written: {}", what), static_cast<int>(Fault::io)};
    if (what.starts_with("pthread_create")) {
        return {
            "the system gives this process no more threads, or no memory for them; use fewer (--threads 1) "
            "or raise the limit (ulimit -u, ulimit -v)",
            1};
    }
    return {fmt::format("internal error: {}\nPlease report it with the command line.", what), 1};
}

Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

CLI::Validator one_of(std::vector<std::string> words) {
    std::string list = fmt::format("{{{}}}", fmt::join(words, ","));
    const auto check = [words = std::move(words)](std::string& word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end()) return {};
        return fmt::format("\"{}\" is not known{}; use one of: {}", word, did_you_mean(word, words),
                           fmt::join(words, ", "));
    };
    return {check, std::move(list)};
}

void OutputFormat::add_to(CLI::App& command) {
    command.add_option("--format", name, "how to print the result: table, csv or json")
        ->check(one_of({"table", "csv", "json"}))
        ->capture_default_str();
}

void TableStyle::add_to(CLI::App& command) {
    command
        .add_option("--stars", stars,
                    "tables of regressions: a star for each of these levels that p is below; or none")
        ->check([](const std::string& text) -> std::string {
            try {
                (void)io::parse_stars(text);
            } catch (const Error& error) {
                return error.what();
            }
            return {};
        })
        ->capture_default_str();
    command.add_option("--below", below, "what stands below a coefficient: se, t or p")
        ->check(one_of({"se", "t", "p"}))
        ->capture_default_str();
    command
        .add_option("--decimals", decimals,
                    "decimals of coefficients and R2s; default: four significant digits")
        ->check(CLI::Range(0, 12));
}

io::Style TableStyle::read() const {
    const auto inside = below == "se"  ? io::Style::Below::std_error
                        : below == "t" ? io::Style::Below::statistic
                                       : io::Style::Below::p_value;
    return {io::parse_stars(stars), inside, decimals};
}

void print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written || std::fflush(stdout) != 0) {
        throw Error(Fault::io, fmt::format("standard output: cannot write: {}", std::strerror(errno)));
    }
}

void print(const OutputFormat& format, const Json& json, const std::vector<io::Table>& tables) {
    if (format.name == "json") {
        print(json.dump(2) + "\n");
        return;
    }
    std::string text;
    for (const auto& table : tables) {
        if (!text.empty()) text += "\n";
        text += format.name == "csv" ? io::csv(table) : io::text(table);
    }
    print(text);
}

void Threads::add_to(CLI::App& command) {
    command.add_option("--threads", count, "threads to use (default: all that this process may use)")
        ->check(CLI::Range(1, 4096));
}

void Threads::run(const std::function<void()>& work) const {
    const io::ThreadLimit available = io::thread_limit();
    const int used = count > 0 ? count : available.count;
    if (used > available.count) {
        fmt::print(stderr, "greenfront: --threads {} is more than {}, which is the limit by {}\n", used,
                   available.count, available.by);
    }
    // The limit is never lifted: where an error of too little memory unwinds, TBB would start the threads
    // that it may have then, and what fails there ends the process.
    static auto& kept = *new std::vector<std::unique_ptr<tbb::global_control>>;
    kept.push_back(std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                         static_cast<std::size_t>(used)));
    // The limit alone is no more than that: TBB's own arena has as many places as the processor has cores.
    tbb::task_arena arena(used);
    arena.execute(work);
}

std::string Threads::described() const {
    if (count > 0) return fmt::format("{}, by --threads", count);
    const io::ThreadLimit limit = io::thread_limit();
    return fmt::format("{}, by {}", limit.count, limit.by);
}

void InstructionSet::add_to(CLI::App& command) {
    command
        .add_option("--isa", name,
                    "vector instructions: native (the widest of this processor) or portable (those of every "
                    "processor: the same numbers everywhere, slower)")
        ->check(one_of({"native", "portable"}))
        ->capture_default_str();
}

void InstructionSet::apply() const {
    if (name == "portable") io::use_portable_mathematics();
    if (!simd::choose(name)) throw std::logic_error("the kernels have no instruction set " + name);
}

std::vector<std::string> names(const std::string& list, const std::string& option) {
    std::vector<std::string> result;
    std::size_t begin = 0;
    while (begin <= list.size()) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        std::string name = list.substr(begin, end - begin);
        const auto first = name.find_first_not_of(" \t");
        const auto last = name.find_last_not_of(" \t");
        if (first == std::string::npos) {
            throw Error(Fault::usage,
                        fmt::format("{}: an empty name in \"{}\"; write names separated by single commas",
                                    option, list));
        }
        result.push_back(name.substr(first, last - first + 1));
        begin = end + 1;
    }
    return result;
}

}  // namespace greenfront::app
