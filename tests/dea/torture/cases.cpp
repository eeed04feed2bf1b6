// Public reference cases through rival, arbiter and kernel: are the programs written here the right ones?
#include "tests/dea/torture/cases.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "kernels/error.hpp"
#include "tests/dea/torture/linear.hpp"

namespace greenfront::torture {
namespace {

using nlohmann::json;
using namespace dea;

/// Rows of the file are units; a unit is a column here.
Eigen::MatrixXd matrix(const json& rows, std::size_t units) {
    if (rows.is_null() || rows.empty()) return Eigen::MatrixXd(0, static_cast<Eigen::Index>(units));
    Eigen::MatrixXd q(static_cast<Eigen::Index>(rows[0].size()), static_cast<Eigen::Index>(units));
    for (std::size_t j = 0; j < units; ++j) {
        for (std::size_t i = 0; i < rows[j].size(); ++i)
            q(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = rows[j][i];
    }
    return q;
}

struct Case {
    Quantities all;
    std::vector<int> year;           // of each row; empty: no panel
    std::vector<Eigen::Index> rows;  // what `expected` speaks of
};

Case load(const std::string& folder, const json& item) {
    json source = item;
    if (item.contains("$data")) {
        std::ifstream file(folder + "/" + item["$data"].get<std::string>());
        source = json::parse(file)[item["key"].get<std::string>()];
    }
    Case c;
    const std::size_t units = source["X"].size();
    c.all = {matrix(source["X"], units), matrix(source["Y"], units),
             matrix(source.value("B", json()), units)};
    for (const char* where : {"years"}) {
        const json& years =
            source.contains(where) && !source[where].is_null() ? source[where] : item.value(where, json());
        for (const auto& y : years)
            c.year.push_back(y.is_number() ? y.get<int>() : std::stoi(y.get<std::string>()));
    }
    const std::size_t expected = item["expected"]["status"].size();
    if (item["options"].contains("rows")) {
        for (const auto& r : item["options"]["rows"]) c.rows.push_back(r);
    } else {
        for (std::size_t r = 0; r < expected; ++r) c.rows.push_back(static_cast<Eigen::Index>(r));
    }
    return c;
}

Eigen::MatrixXd take(const Eigen::MatrixXd& q, const std::vector<Eigen::Index>& columns) {
    return q(Eigen::all, columns);
}

/// Is row `other` in the reference set of row `own`?
bool refers(const json& options, const std::vector<int>& sorted, const std::vector<int>& year,
            Eigen::Index own, Eigen::Index other) {
    if (year.empty()) return true;
    const auto position = [&](Eigen::Index r) {
        return std::lower_bound(sorted.begin(), sorted.end(), year[static_cast<std::size_t>(r)]) -
               sorted.begin();
    };
    const std::string reference = options.value("reference", "global");
    const auto gap = position(other) - position(own);
    const auto h = options.value("h", 0);
    if (reference == "contemporaneous") return gap == 0;
    if (reference == "sequential") return gap <= 0;
    if (reference == "window") return std::abs(gap) <= h;
    if (reference == "trailing") return gap <= 0 && gap >= -h;
    if (reference == "biennial") return gap == 0 || gap == 1;
    return true;
}

Direction direction_of(const json& options, const char* name, const Eigen::MatrixXd& values,
                       const char* otherwise, Eigen::Index own) {
    const json given = options.value(name, json(otherwise));
    Direction d;
    if (given.is_array()) {
        d.kind = Direction::Kind::given;
        const json& row = given[0].is_array() ? given[static_cast<std::size_t>(own)] : given;
        d.given.resize(values.rows());
        for (Eigen::Index i = 0; i < values.rows(); ++i) d.given[i] = row[static_cast<std::size_t>(i)];
        return d;
    }
    if (given == "observed") d.kind = Direction::Kind::observed;
    if (given == "ones" || given == "mean") {
        d.kind = Direction::Kind::given;
        d.given =
            given == "ones" ? Eigen::VectorXd::Ones(values.rows()) : Eigen::VectorXd(values.rowwise().mean());
    }
    return d;
}

Settings settings_of(const json& item, const Quantities& all, Eigen::Index own) {
    const json& o = item["options"];
    const std::string model = item["model"], orient = o.value("orient", "non"),
                      bads = o.value("bads", "strong");
    const std::map<std::string, Model> models{{"radial", Model::radial}, {"sbm", Model::sbm},
                                              {"super_sbm", Model::sbm}, {"additive", Model::additive},
                                              {"ddf", Model::ddf},       {"nddf", Model::nddf}};
    Settings s;
    s.model = models.at(model);
    s.orientation = orient == "in"    ? Orientation::input
                    : orient == "out" ? Orientation::output
                                      : Orientation::none;
    const std::string rts = o["rts"];
    s.returns = rts == "crs"    ? Returns::crs
                : rts == "vrs"  ? Returns::vrs
                : rts == "nirs" ? Returns::nirs
                                : Returns::ndrs;
    s.super = o.value("super", false) || model == "super_sbm";
    if (o.value("bad_in", "") == "numerator") s.super_bads = SuperBads::numerator;
    s.drop_zero_outputs = o.value("y_zero", "") == "drop";
    if (bads == "weak") s.disposability = rts == "crs" ? Disposability::weak : Disposability::weak_naive;
    if (bads == "kuosmanen") s.disposability = Disposability::weak;
    if (s.model == Model::additive) {
        const std::map<std::string, AdditiveWeights> names{{"ones", AdditiveWeights::ones},
                                                           {"mip", AdditiveWeights::mip},
                                                           {"ram", AdditiveWeights::ram},
                                                           {"bam", AdditiveWeights::bam},
                                                           {"normalized", AdditiveWeights::normalized}};
        s.additive_weights = names.at(o["weights"]);
    }
    if (s.model == Model::nddf && o["weights"].is_array()) {
        s.item_weights.resize(all.X.rows() + all.Y.rows() + all.B.rows());
        for (Eigen::Index i = 0; i < s.item_weights.size(); ++i)
            s.item_weights[i] = o["weights"][static_cast<std::size_t>(i)];
    }
    s.direction_inputs = direction_of(o, "gx", all.X, "zeros", own);
    s.direction_goods = direction_of(o, "gy", all.Y, "observed", own);
    s.direction_bads = direction_of(o, "gb", all.B, "observed", own);
    return s;
}

/// One row of a case as a batch of one evaluated unit (all rows for additive weights, which look at them).
Batch batch_of(const json& item, const Case& c, Eigen::Index own) {
    Batch b;
    b.settings = settings_of(item, c.all, own);
    std::vector<int> sorted = c.year;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    std::vector<Eigen::Index> members, evaluated{own};
    const bool ignores_bads = b.settings.model == Model::radial || b.settings.model == Model::additive;
    for (Eigen::Index j = 0; j < c.all.units(); ++j) {
        if (refers(item["options"], sorted, c.year, own, j)) members.push_back(j);
        if (b.settings.model == Model::additive && j != own) evaluated.push_back(j);
    }
    const auto part = [&](const std::vector<Eigen::Index>& columns) {
        Quantities q{take(c.all.X, columns), take(c.all.Y, columns), take(c.all.B, columns)};
        if (ignores_bads) q.B.resize(0, q.X.cols());
        return q;
    };
    b.reference = part(members);
    b.evaluated = part(evaluated);
    for (const Eigen::Index e : evaluated) {
        const auto at = std::find(members.begin(), members.end(), e);
        b.self.push_back(at == members.end() ? -1 : static_cast<std::int32_t>(at - members.begin()));
    }
    measure_spread(b);
    return b;
}

constexpr const char* arbiter = "arbiter";

/// Of an ill-conditioned case any number will do, except from the arbiter.
bool right(const Answer& answer, const json& expected, std::size_t k, bool exact) {
    if (name(answer.status) != expected["status"][k].get<std::string>()) return false;
    const json& want = expected["score"][k];
    if (want.is_null() || (!exact && std::isfinite(answer.score))) return true;
    return std::abs(answer.score - want.get<double>()) <= 1e-7 * (1 + std::abs(want.get<double>()));
}

}  // namespace

int judge_cases(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        fmt::print("SKIPPED reference cases: no {}\n", path);
        return 77;
    }
    const json cases = json::parse(file);
    const std::string folder = path.substr(0, path.find_last_of('/'));
    std::map<std::string, std::int64_t> figures;
    std::int64_t wrong = 0;
    for (const json& item : cases) {
        const std::string model = item["model"];
        const bool program = model == "radial" || model == "sbm" || model == "super_sbm" ||
                             model == "additive" || model == "ddf" || model == "nddf";
        if (!program || item["options"].contains("apz")) continue;
        const json tags = item.value("tags", json::array());
        const bool conditioned = std::find(tags.begin(), tags.end(), "ill-conditioned") == tags.end();
        const Case c = load(folder, item);
        for (std::size_t k = 0; k < c.rows.size(); ++k) {
            const Batch b = batch_of(item, c, c.rows[k]);
            std::vector<std::pair<const char*, Answer>> answers{{"rival", ask_rival(b, 0)}};
            const Scores s = evaluate(b.evaluated, b.reference, b.self, b.settings);
            answers.push_back({"kernel", {s.status[0], s.score[0], 0, 0}});
            if (k % 16 == 0) answers.push_back({arbiter, ask_arbiter(b, 0)});
            for (const auto& [who, answer] : answers) {
                ++figures[model];
                if (right(answer, item["expected"], k, conditioned || who == arbiter)) continue;
                ++wrong;
                fmt::print("{} row {}, {}: {} {:.12g}, expected {} {}\n", item["id"].get<std::string>(),
                           c.rows[k], who, name(answer.status), answer.score,
                           item["expected"]["status"][k].get<std::string>(),
                           item["expected"]["score"][k].dump());
            }
        }
    }
    for (const auto& [model, count] : figures) fmt::print("{}: {} figures\n", model, count);
    fmt::print("{} wrong\n", wrong);
    return wrong == 0 ? 0 : 1;
}

}  // namespace greenfront::torture
