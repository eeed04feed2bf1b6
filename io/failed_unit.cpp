#include "io/failed_unit.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "engine/settings.hpp"
#include "io/file.hpp"
#include "io/output.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* format_name = "greenfront failed unit";
constexpr std::int64_t format_version = 1;
constexpr std::size_t most_files = 100;

const std::vector<std::string> slack_weights{"mean", "raw"}, super_bads{"denominator", "numerator"},
    additive_weights{"ones", "mip", "ram", "bam", "normalized", "given"},
    direction_kinds{"zeros", "observed", "given"};

Json list(const Eigen::VectorXd& values) {
    Json json = Json::array();
    for (const double value : values) json.push_back(value);
    return json;
}

/// A list for each variable.
Json rows(const Eigen::MatrixXd& values) {
    Json json = Json::array();
    for (Eigen::Index i = 0; i < values.rows(); ++i) json.push_back(list(values.row(i)));
    return json;
}

Json quantities(const dea::Quantities& q) {
    return {{"inputs", rows(q.X)}, {"good", rows(q.Y)}, {"bad", rows(q.B)}, {"prices", rows(q.price)}};
}

Json direction(const dea::Direction& d) {
    return {{"kind", greenfront::name(d.kind)}, {"given", list(d.given)}};
}

Json settings(const dea::Settings& s) {
    return {{"model", greenfront::name(s.model)},
            {"orientation", greenfront::name(s.orientation)},
            {"returns", greenfront::name(s.returns)},
            {"disposability", greenfront::name(s.disposability)},
            {"input_weights", list(s.input_weights)},
            {"output_weights", list(s.output_weights)},
            {"additive_weights", greenfront::name(s.additive_weights)},
            {"item_weights", list(s.item_weights)},
            {"direction_inputs", direction(s.direction_inputs)},
            {"direction_good", direction(s.direction_goods)},
            {"direction_bad", direction(s.direction_bads)},
            {"slacks", s.slacks},
            {"slack_weights", slack_weights[static_cast<std::size_t>(s.slack_weights)]},
            {"super", s.super},
            {"super_bads", super_bads[static_cast<std::size_t>(s.super_bads)]},
            {"drop_zero_outputs", s.drop_zero_outputs},
            {"digits", s.digits}};
}

/// Looks keys up and says in which one a file is wrong.
class Reader {
  public:
    Reader(const Json& json, std::string file, std::string where = "")
        : json_(json), file_(std::move(file)), where_(std::move(where)) {}

    [[nodiscard]] Reader at(const std::string& key) const { return {value(key), file_, name(key)}; }
    /// A whole number is one in the file, too, and of the type's range.
    template <class T>
    [[nodiscard]] T get(const std::string& key) const {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            if (!value(key).is_number_integer() || !std::in_range<T>(value(key).template get<std::int64_t>()))
                wrong(key, "is not a whole number that can be");
        }
        try {
            return value(key).template get<T>();
        } catch (const Json::exception& error) {
            wrong(key, error.what());
        }
    }
    [[nodiscard]] bool absent(const std::string& key) const { return value(key).is_null(); }
    [[nodiscard]] std::size_t word(const std::string& key, const std::vector<std::string>& known) const {
        return choose(file_ + ": " + name(key), get<std::string>(key), known, Fault::data);
    }
    [[nodiscard]] Eigen::VectorXd vector(const std::string& key) const {
        const auto values = get<std::vector<double>>(key);
        return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
    }
    /// Variables x units; `units` where there is no variable.
    [[nodiscard]] Eigen::MatrixXd matrix(const std::string& key, Eigen::Index units) const {
        const auto lists = get<std::vector<std::vector<double>>>(key);
        const auto wide = lists.empty() ? units : static_cast<Eigen::Index>(lists.front().size());
        Eigen::MatrixXd values(static_cast<Eigen::Index>(lists.size()), wide);
        for (std::size_t i = 0; i < lists.size(); ++i) {
            if (static_cast<Eigen::Index>(lists[i].size()) != wide)
                wrong(key, fmt::format("variable {} has {} units, the first has {}", i + 1, lists[i].size(),
                                       wide));
            for (std::size_t j = 0; j < lists[i].size(); ++j)
                values(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = lists[i][j];
        }
        return values;
    }
    [[noreturn]] void wrong(const std::string& key, const std::string& what) const {
        throw Error(Fault::data,
                    fmt::format("{}: {}: {}; the file is not what a run has left", file_, name(key), what));
    }

  private:
    [[nodiscard]] std::string name(const std::string& key) const {
        return where_.empty() ? key : where_ + "." + key;
    }
    [[nodiscard]] const Json& value(const std::string& key) const {
        if (!json_.is_object() || !json_.contains(key)) wrong(key, "is missing");
        return json_.at(key);
    }
    const Json& json_;
    std::string file_, where_;
};

dea::Quantities read_quantities(const Reader& reader) {
    dea::Quantities q;
    q.X = reader.matrix("inputs", 0);
    q.Y = reader.matrix("good", q.units());
    q.B = reader.matrix("bad", q.units());
    q.price = reader.matrix("prices", 0);
    if (q.price.rows() > 0 && q.price.cols() != q.units())
        reader.wrong("prices", fmt::format("are of {} units, the inputs of {}", q.price.cols(), q.units()));
    return q;
}

dea::Direction read_direction(const Reader& reader) {
    return {static_cast<dea::Direction::Kind>(reader.word("kind", direction_kinds)), reader.vector("given")};
}

dea::Settings read_settings(const Reader& reader) {
    dea::Settings s;
    s.model = parse_model(reader.get<std::string>("model"), Fault::data);
    s.orientation = parse_orientation(reader.get<std::string>("orientation"), Fault::data);
    s.returns = parse_returns(reader.get<std::string>("returns"), Fault::data);
    s.disposability = parse_disposability(reader.get<std::string>("disposability"), Fault::data);
    s.input_weights = reader.vector("input_weights");
    s.output_weights = reader.vector("output_weights");
    s.additive_weights = static_cast<dea::AdditiveWeights>(reader.word("additive_weights", additive_weights));
    s.item_weights = reader.vector("item_weights");
    s.direction_inputs = read_direction(reader.at("direction_inputs"));
    s.direction_goods = read_direction(reader.at("direction_good"));
    s.direction_bads = read_direction(reader.at("direction_bad"));
    s.slacks = reader.get<bool>("slacks");
    s.slack_weights = static_cast<dea::SlackWeights>(reader.word("slack_weights", slack_weights));
    s.super = reader.get<bool>("super");
    s.super_bads = static_cast<dea::SuperBads>(reader.word("super_bads", super_bads));
    s.drop_zero_outputs = reader.get<bool>("drop_zero_outputs");
    s.digits = reader.get<int>("digits");
    if (s.digits != 16 && s.digits != 34 && s.digits != 100)
        reader.wrong("digits", fmt::format("{}: there are 16, 34 and 100", s.digits));
    return s;
}

dea::Task read_task(const Reader& reader) {
    dea::Task task;
    task.evaluated = std::make_shared<const dea::Quantities>(read_quantities(reader.at("evaluated")));
    task.reference = std::make_shared<const dea::Quantities>(read_quantities(reader.at("reference")));
    task.unit = reader.get<std::int32_t>("evaluated_column");
    if (task.unit < 0 || task.unit >= task.evaluated->units())
        reader.wrong("evaluated_column", fmt::format("{} of {} units", task.unit, task.evaluated->units()));
    task.self = reader.get<std::int32_t>("reference_column");
    if (task.self < -1 || task.self >= task.reference->units())
        reader.wrong("reference_column", fmt::format("{} of {} units", task.self, task.reference->units()));
    if (!reader.absent("left_out")) {
        const auto range = reader.get<std::vector<std::int32_t>>("left_out");
        if (range.size() != 2) reader.wrong("left_out", "is not two columns");
        for (const std::int32_t column : range) {
            if (column < 0 || column > task.reference->units())
                reader.wrong("left_out", fmt::format("{} of {} units", column, task.reference->units()));
        }
        task.left_out = dea::ColumnRange{range[0], range[1]};
    }
    task.settings = read_settings(reader.at("settings"));
    return task;
}

/// Letters that every file system takes; the rest of a stage's name becomes "_".
std::string plain(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        result += letter || c == '.' || c == '-' ? c : '_';
    }
    return result.substr(0, 100);
}

/// Named by integers and, since a row may have several programs, by a hash of the contents.
std::string file_name(const FailedUnit& failed, const std::string& contents) {
    std::string text = plain(failed.stage);
    if (failed.scenario_number >= 0) text += fmt::format(".scenario-{}", failed.scenario_number);
    if (failed.replicate >= 0) text += fmt::format(".replicate-{}", failed.replicate);
    return text + fmt::format(".record-{}.{:08x}.json", failed.record,
                              XXH3_64bits(contents.data(), contents.size()) & 0xffffffffU);
}

}  // namespace

std::string write_failed(const FailedUnit& failed, const FailedFrom& from) {
    const dea::Task& task = failed.task;
    Json json{{"format", format_name},
              {"format_version", format_version},
              {"version", from.version},
              {"instruction_set", from.instruction_set},
              {"run_id", from.run_id},
              {"stage", failed.stage},
              {"scenario", failed.scenario},
              {"scenario_number", failed.scenario_number},
              {"replicate", failed.replicate},
              {"unit", failed.unit},
              {"time", failed.time ? Json(*failed.time) : Json(nullptr)},
              {"panel", failed.panel},
              {"record", failed.record},
              {"inputs", failed.inputs},
              {"good", failed.good},
              {"bad", failed.bad},
              {"settings", settings(task.settings)},
              {"evaluated_column", task.unit},
              {"reference_column", task.self},
              {"left_out", task.left_out ? Json{task.left_out->first, task.left_out->last} : Json(nullptr)},
              {"evaluated", quantities(*task.evaluated)},
              {"reference", quantities(*task.reference)}};
    // Names may be any bytes; what is not UTF-8 is replaced, as no number is.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ReadFailed read_failed(const std::string& path) {
    const std::string bytes = read_bytes(path);
    Json json;
    try {
        json = Json::parse(bytes);
    } catch (const Json::parse_error& error) {
        throw Error(Fault::data, fmt::format("{}: is not JSON (byte {}); name a file that a run has left in "
                                             "OUTPUT.failed",
                                             path, error.byte));
    } catch (const Json::out_of_range& error) {
        // The library's word for a number beyond the largest, between quotes.
        const std::string what = error.what();
        throw Error(Fault::data, fmt::format("{}: a number is too large: {}", path,
                                             what.substr(std::min(what.find('\''), what.size()))));
    }
    const Reader reader(json, path);
    if (reader.get<std::string>("format") != format_name)
        reader.wrong("format", "is not \"" + std::string(format_name) + "\"");
    if (const auto version = reader.get<std::int64_t>("format_version"); version != format_version)
        reader.wrong("format_version", fmt::format("is {}, this program reads {}", version, format_version));
    ReadFailed result;
    FailedUnit& unit = result.unit;
    result.from = {reader.get<std::string>("version"), reader.get<std::string>("instruction_set"),
                   reader.get<std::string>("run_id")};
    unit.stage = reader.get<std::string>("stage");
    unit.scenario = reader.get<std::string>("scenario");
    unit.scenario_number = reader.get<std::int64_t>("scenario_number");
    unit.replicate = reader.get<std::int64_t>("replicate");
    unit.unit = reader.get<std::string>("unit");
    if (!reader.absent("time")) unit.time = reader.get<std::int64_t>("time");
    unit.panel = reader.get<std::string>("panel");
    unit.record = reader.get<std::int64_t>("record");
    unit.inputs = reader.get<std::vector<std::string>>("inputs");
    unit.good = reader.get<std::vector<std::string>>("good");
    unit.bad = reader.get<std::vector<std::string>>("bad");
    unit.task = read_task(reader);
    return result;
}

std::string failed_folder(const std::string& output) {
    return output + ".failed";
}

void FailedUnits::put(const FailedUnit& failed) {
    {
        const std::lock_guard lock(mutex_);
        if (names_.size() == most_files || !problem_.empty()) return;
    }
    const std::string contents = write_failed(failed, from_);
    const std::string name = file_name(failed, contents);
    const std::lock_guard lock(mutex_);
    if (names_.size() == most_files || !problem_.empty() || names_.contains(name)) return;
    std::error_code problem;
    std::filesystem::create_directory(folder_, problem);
    if (problem) {
        problem_ = fmt::format("{}: cannot be made: {}", folder_, problem.message());
        return;
    }
    try {
        replace_file(folder_ + "/" + name, contents);
        names_.insert(name);
    } catch (const Error& error) {
        problem_ = error.what();
    }
}

void FailedUnits::remove_leftovers() const {
    std::error_code ignored;
    std::vector<std::filesystem::path> left;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.find(".json.") != std::string::npos && name.ends_with(".tmp")) left.push_back(entry.path());
    }
    for (const auto& file : left) std::filesystem::remove(file, ignored);
}

}  // namespace greenfront::io
