// Efficiency programs beside what else there is, in the same run: CLP, GLPK and lp_solve as a competent user
// drives them, on all columns and after frontier reduction. Every program of ours is certified, every answer
// of a rival compared with ours; a wrong one ends the run with exit code 1. See docs/performance.md.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string_view>

#include "bench/dea/contest.hpp"

namespace {

using namespace greenfront::bench;

constexpr const char* usage =
    "bench_dea_rivals [OPTIONS]\n"
    "  --rounds N       rounds of the interleaved contests; medians are reported (5)\n"
    "  --sample N       W2: units that rivals on all columns solve (300)\n"
    "  --only PART      city (W2), threads or scale (W3); else all three\n"
    "  --w3 N,N,...     W3: sizes (10000; also 30000 and 100000)\n"
    "  --w3-sample N    W3: units that reduced rivals score (300)\n"
    "  --w3-hull N      W3: units that the first phase of reduced rivals tests (10000)\n"
    "  --scripts        as the first word after `scripts/bench rivals`: beside SciPy, NumPy and R instead\n"
    "  --json FILE      the figures of every round\n"
    "  --tune           instead: times every rule of the rivals on W2, fastest first, wrong ones last\n"
    "  --rival NAME     --tune: of CLP, GLPK or lp_solve only\n";

Eigen::Index number(std::string_view text, Eigen::Index least) {
    Eigen::Index value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least)
        throw std::invalid_argument(fmt::format("'{}' is not a number from {}", text, least));
    return value;
}

std::vector<Eigen::Index> numbers(std::string_view text) {
    std::vector<Eigen::Index> values;
    while (true) {
        const std::size_t comma = text.find(',');
        values.push_back(number(text.substr(0, comma), 100));
        if (comma == std::string_view::npos) return values;
        text.remove_prefix(comma + 1);
    }
}

struct Request {
    Options options;
    bool scale = true, help = false;
};

void keep_only(std::string_view part, Request& request) {
    if (part != "city" && part != "threads" && part != "scale")
        throw std::invalid_argument(fmt::format("--only: '{}' is not city, threads or scale", part));
    request.options.city = part == "city";
    request.options.threads = part == "threads";
    request.scale = part == "scale";
}

Library library(std::string_view text) {
    for (const Library each : libraries) {
        if (text == name_of(each)) return each;
    }
    throw std::invalid_argument(fmt::format("--rival: '{}' is not CLP, GLPK or lp_solve", text));
}

Request read(std::span<const std::string_view> words) {
    Request request;
    Options& o = request.options;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string_view word = words[at];
        const auto next = [&] {
            if (at + 1 == words.size()) throw std::invalid_argument(fmt::format("{} needs a value", word));
            return words[++at];
        };
        if (word == "--rounds")
            o.rounds = static_cast<int>(number(next(), 1));
        else if (word == "--sample")
            o.sample = number(next(), 1);
        else if (word == "--only")
            keep_only(next(), request);
        else if (word == "--w3")
            o.sizes = numbers(next());
        else if (word == "--w3-sample")
            o.scale_sample = number(next(), 1);
        else if (word == "--w3-hull")
            o.scale_hull = number(next(), 20);
        else if (word == "--json")
            o.json = next();
        else if (word == "--tune")
            o.tune = true;
        else if (word == "--rival")
            o.tuned = {library(next())};
        else if (word == "--help" || word == "-h")
            request.help = true;
        else
            throw std::invalid_argument(fmt::format("unknown option {}", word));
    }
    return request;
}

int run(const Request& request) {
    const Options& o = request.options;
    if (o.tune) return run_tune(o) ? 0 : 1;
    nlohmann::json report{{"rounds", o.rounds}, {"sample", o.sample}};
    bool right = true;
    if (o.city) right = run_city(o, report);
    if (o.threads && right) right = run_threads(o, report);
    if (request.scale && right) right = run_scale(o, report);
    report["right"] = right;
    if (!o.json.empty()) {
        std::ofstream file(o.json);
        file << report.dump(1) << '\n';
        if (!file.flush()) throw std::runtime_error(fmt::format("{} cannot be written", o.json));
    }
    return right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    try {
        if (words.size() == 3 && words[0] == "--alone") {
            const auto which = static_cast<std::size_t>(number(words[2], 0));
            if (which >= std::size(cases)) throw std::invalid_argument("--alone: no such model");
            return measure_alone(number(words[1], 100), which);
        }
        if (words.size() == 2 && words[0] == "--steady") {
            const auto which = static_cast<std::size_t>(number(words[1], 0));
            if (which >= std::size(cases)) throw std::invalid_argument("--steady: no such model");
            return evaluate_steadily(which);
        }
        const Request request = read(words);
        if (request.help) {
            fmt::print("{}", usage);
            return 0;
        }
        return run(request);
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "{}\n{}", error.what(), usage);
        return 64;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
