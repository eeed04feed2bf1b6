#include <fmt/format.h>

#include "engine/checker.hpp"
#include "engine/dea_choice.hpp"
#include "engine/frontier_choice.hpp"
#include "engine/group_rows.hpp"
#include "engine/winsorized.hpp"

namespace greenfront {

const DeaStage* Checker::named_dea(const std::string& key, const std::string& name) {
    const DeaStage* stage = workspace_.study.dea.find(name);
    if (stage == nullptr) {
        unknown(key + ".dea", name, workspace_.study.dea.names(), "dea");
        return nullptr;
    }
    if (stage->reference_panel.empty()) return stage;
    complain(key + ".dea",
             fmt::format("dea.{} has a reference_panel, whose rows are no sample of this study; "
                         "name a dea stage without one",
                         name));
    return nullptr;
}

void Checker::boot_dea(const std::string& name, const BootDeaStage& stage) {
    const std::string key = "boot_dea." + name;
    attempt(key + ".winsorize", [&] { check_percentiles(stage.winsorize); });
    if (!stage.winsorize.empty() && !stage.test.empty())
        complain(key + ".winsorize", "a test makes no column for later stages; leave it out");
    if (!stage.cluster.empty())
        attempt(key + ".cluster", [&] { (void)group_levels(stage.cluster, panel_, Fault::study); });
    numeric(key + ".environment", stage.environment);
    const DeaStage* analysis = named_dea(key, stage.dea);
    std::optional<BootDeaKind> kind;
    attempt(key, [&] { kind = boot_dea_kind(stage, Fault::study); });
    if (analysis == nullptr || !kind) return;
    std::optional<DeaChoice> choice;
    try {
        choice = choose_dea(*analysis, Fault::study);
    } catch (const Error&) {
        return;  // the dea stage has said so itself
    }
    bool fits = false;
    attempt(fmt::format("{}.dea: dea.{}", key, stage.dea), [&] {
        check_analysis(*kind, *choice, Fault::study);
        fits = true;
    });
    if (!fits) return;
    attempt(key, [&] {
        switch (*kind) {
            case BootDeaKind::homogeneous:
                return (void)homogeneous_settings(stage, *choice, 0, Fault::study);
            case BootDeaKind::heterogeneous:
                return (void)heterogeneous_settings(stage, *choice, 0, Fault::study);
            case BootDeaKind::subsample:
                return (void)subsample_settings(stage, *choice, 0, Fault::study);
            case BootDeaKind::returns_test:
                return (void)returns_test_settings(stage, *choice, 0, Fault::study);
            case BootDeaKind::separability_test:
                return (void)separability_settings(stage, *choice, 0, Fault::study);
        }
    });
}

void Checker::two_stage(const std::string& name, const TwoStageStage& stage) {
    const std::string key = "two_stage." + name;
    numeric(key + ".environment", stage.environment);
    const DeaStage* analysis = named_dea(key, stage.dea);
    if (analysis == nullptr) return;
    std::optional<DeaChoice> choice;
    try {
        choice = choose_dea(*analysis, Fault::study);
    } catch (const Error&) {
        return;
    }
    bool fits = false;
    attempt(fmt::format("{}.dea: dea.{}", key, stage.dea), [&] {
        check_two_stage_analysis(*choice, Fault::study);
        fits = true;
    });
    if (fits) attempt(key, [&] { (void)two_stage_settings(stage, *choice, 0, Fault::study); });
}

}  // namespace greenfront
