#include "engine/bootstrap_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/settings.hpp"
#include "kernels/resample/residual.hpp"

namespace greenfront {
namespace {

using Words = std::vector<std::string>;

const Words& weight_names() {
    static const Words names{"rademacher", "mammen", "webb", "normal"};
    return names;
}

bool holds(const Words& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// Keys that not every method has, and the methods that do.
struct Belongs {
    const char* key;
    Words methods;
    const char* otherwise;  ///< what the others do instead; may be empty
};
const std::vector<Belongs>& belongings() {
    static const Words wild{"wild-cluster", "wre"};
    static const std::vector<Belongs> list{
        {"cluster", {"pairs-cluster", "joint-cluster", "wild-cluster", "wre", "jackknife"}, ""},
        {"block", {"moving-block"}, ""},
        {"draws", {"pairs-cluster", "joint-cluster"}, ""},
        {"terms", wild, "the others report every term"},
        {"type", wild, ""},
        {"weights", wild, ""},
        {"unrestricted", wild, ""},
        {"boot_cluster", wild, ""},
        {"enumerate",
         {"pairs-cluster", "wild-cluster", "wre"},
         "the others cannot enumerate their resamples"},
        {"replicates",
         {"pairs-cluster", "joint-cluster", "wild-cluster", "wre", "residual", "moving-block"},
         "the jackknife leaves out every cluster once and draws nothing at random"},
        {"keep",
         {"pairs-cluster", "wild-cluster", "wre", "residual", "moving-block"},
         "joint-cluster and the jackknife keep every estimate"},
    };
    return list;
}

std::string method_word(Fault fault) {
    return fault == Fault::study ? "method" : "--method";
}

[[noreturn]] void refuse_key(const BootstrapStage& stage, const Belongs& key, Fault fault) {
    throw Error(fault,
                fmt::format("{} belongs to {} {}, not to {}{}{}; leave it out", option_name(key.key, fault),
                            method_word(fault), fmt::join(key.methods, " or "), stage.method,
                            *key.otherwise == '\0' ? "" : ": ", key.otherwise));
}

/// What a method cannot do without.
void check_missing(const BootstrapStage& stage, Fault fault) {
    if (stage.method == "moving-block") {
        if (stage.block > 0) return;
        throw Error(
            fault, fmt::format("{} moving-block needs {}, periods in a block, 1 or more; it should grow with "
                               "the dependence over time (often about the cube root of the number of "
                               "periods)",
                               method_word(fault), option_name("block", fault)));
    }
    if (stage.method == "residual" || !stage.cluster.empty()) return;
    throw Error(fault, fmt::format("{} {} needs {}, a column; there is no default", method_word(fault),
                                   stage.method, option_name("cluster", fault)));
}

}  // namespace

bool is_wild(const BootstrapStage& stage) {
    return stage.method == "wild-cluster" || stage.method == "wre";
}

bool is_joint(const BootstrapStage& stage) {
    return stage.method == "joint-cluster";
}

bool draws_coefficients(const BootstrapStage& stage) {
    return !is_wild(stage) && stage.method != "jackknife";
}

std::vector<std::string> given_keys(const BootstrapStage& stage) {
    const BootstrapStage none;
    Words given;
    const auto differs = [&](const char* key, bool yes) {
        if (yes) given.emplace_back(key);
    };
    differs("cluster", stage.cluster != none.cluster);
    differs("block", stage.block != none.block);
    differs("draws", stage.draws != none.draws);
    differs("terms", stage.terms != none.terms);
    differs("type", stage.type != none.type);
    differs("weights", stage.weights != none.weights);
    differs("unrestricted", stage.unrestricted != none.unrestricted);
    differs("boot_cluster", stage.boot_cluster != none.boot_cluster);
    differs("enumerate", stage.enumerate != none.enumerate);
    differs("replicates", stage.replicates != none.replicates);
    differs("keep", stage.keep != none.keep);
    return given;
}

void check_bootstrap(const BootstrapStage& stage, const std::vector<std::string>& given, Fault fault) {
    for (const Belongs& key : belongings()) {
        if (holds(given, key.key) && !holds(key.methods, stage.method)) refuse_key(stage, key, fault);
    }
    check_missing(stage, fault);
    if (!std::isfinite(stage.null))
        throw Error(fault, option_name("null", fault) + " must be a finite number");
    if (stage.enumerate && stage.keep == "quantiles" && stage.method == "pairs-cluster") {
        throw Error(fault, fmt::format("an enumeration of resamples keeps its draws, which are 10^7 at most; "
                                       "leave out {} or {} quantiles",
                                       option_name("enumerate", fault), option_name("keep", fault)));
    }
}

std::vector<std::string> bootstrap_clusters(const BootstrapStage& stage, const std::string& time,
                                            Fault fault) {
    if (stage.method == "residual") return {};
    if (stage.method == "moving-block") return {time};
    auto clusters = parse_variance("cluster:" + stage.cluster, fault).clusters;
    if (!is_wild(stage) && clusters.size() > 1) {
        throw Error(fault, fmt::format("{} {}: {} takes one cluster variable; an intersection is written a^b",
                                       option_name("cluster", fault), stage.cluster, stage.method));
    }
    if (stage.boot_cluster.empty()) return clusters;
    const auto at = std::find(clusters.begin(), clusters.end(), stage.boot_cluster);
    if (at == clusters.end()) {
        throw Error(fault, fmt::format("{} {} is none of the cluster variables {}",
                                       option_name("boot_cluster", fault), stage.boot_cluster,
                                       fmt::join(clusters, ", ")));
    }
    std::rotate(clusters.begin(), at, at + 1);
    return clusters;
}

resample::WildOptions wild_options(const BootstrapStage& stage, Fault fault) {
    resample::WildOptions wild;
    wild.null = stage.null;
    wild.impose_null = !stage.unrestricted;
    wild.type = {stage.type[0] - '0', stage.type[1] - '0'};
    wild.weights =
        static_cast<resample::WildWeights>(choose("weights", stage.weights, weight_names(), fault));
    wild.replicates = stage.replicates;
    wild.enumerate = stage.enumerate;
    wild.keep = stage.keep == "draws";
    if (wild.type.variance == 3 && bootstrap_clusters(stage, {}, fault).size() > 1) {
        throw Error(fault,
                    "types 13 and 33 leave out one cluster at a time and are for one cluster variable; use "
                    "11 or 31");
    }
    if (stage.enumerate && wild.weights != resample::WildWeights::rademacher) {
        throw Error(fault, fmt::format("{}: only rademacher weights (signs) can be enumerated, not {}",
                                       option_name("enumerate", fault), stage.weights));
    }
    return wild;
}

std::string few_vectors(const BootstrapStage& stage, std::int64_t clusters, bool instruments,
                        double confidence, Fault fault) {
    const auto G = static_cast<double>(clusters);
    const double values = stage.weights == "webb" ? 6 : 2;
    double least = std::pow(values, instruments ? -G : 1 - G);
    if (stage.weights == "mammen") {
        const double often = (5 + std::sqrt(5.0)) / 10;
        least = instruments ? 0 : std::pow(often, G) + std::pow(1 - often, G);
    }
    if (stage.weights == "normal" || least < 1 - confidence) return {};
    const std::string advice = stage.weights == "webb" ? "more clusters are needed"
                                                       : fmt::format("use {} webb (6^{} vectors)",
                                                                     option_name("weights", fault), clusters);
    return fmt::format(
        "{} clusters have only {:.0f} vectors of {}; with the sample counted among them no p is below "
        "{:.3g}, so "
        "that a p of 0 here is no evidence at {:g} %; {}",
        clusters, std::pow(values, G), stage.weights == "rademacher" ? "signs" : stage.weights + " weights",
        least, 100 * (1 - confidence), advice);
}

resample::PairsOptions pairs_options(const BootstrapStage& stage) {
    resample::PairsOptions pairs;
    pairs.replicates = stage.replicates;
    pairs.enumerate = stage.enumerate;
    pairs.keep = stage.keep == "draws";
    pairs.null = stage.null;
    pairs.block = stage.block;
    pairs.studentise = stage.method != "moving-block";
    pairs.jackknife = stage.method == "pairs-cluster";
    return pairs;
}

resample::PairsDraws coefficient_draws(const BootstrapStage& stage, const panel::Design& design,
                                       const panel::Options& options, const resample::PairsOptions& pairs) {
    return stage.method == "residual" ? resample::residual_bootstrap(design, options, pairs)
                                      : resample::pairs_cluster(design, options, pairs);
}

}  // namespace greenfront
