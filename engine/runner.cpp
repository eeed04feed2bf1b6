#include "engine/runner.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <functional>
#include <map>
#include <set>

#include "engine/stages/stages.hpp"
#include "engine/sweep/design.hpp"
#include "engine/sweep/records.hpp"
#include "scenarios/expression.hpp"

namespace greenfront {
namespace {

/// Changes whenever the same study would give other numbers than before.
constexpr const char* plan_version = "1";

/// Runs one stage; an error gets the stage's name in front.
void run_stage(Workspace& workspace, Checkpoint& checkpoint, const std::string& name, std::int64_t units,
               const std::function<void()>& work) {
    if (const auto reason = checkpoint.stop_requested(); !reason.empty()) throw Stopped(reason);
    workspace.progress.begin(name, units);
    try {
        work();
    } catch (const Stopped&) {
        workspace.progress.cancel();
        throw;
    } catch (const Error& error) {
        workspace.progress.cancel();
        // What the kernels call a misuse is one of the study here.
        const Fault fault = error.fault() == Fault::usage ? Fault::study : error.fault();
        throw Error(fault, fmt::format("{}: {}", name, error.what()));
    }
    workspace.progress.failures(workspace.failed);
    workspace.progress.end();
}

/// Whether a curve has made this regression; its first is the study's own.
bool of_a_curve(const Study& study, const std::string& regression) {
    for (const auto& [name, curve] : study.curve) {
        for (std::size_t i = 1; i < curve.made.size(); ++i) {
            if (curve.made[i].regression == regression) return true;
        }
    }
    return false;
}

/// A choice of a curve may leave nothing to estimate (a score that is the same for all); the others go on.
void estimate(Workspace& workspace, const std::string& name, const RegressionStage& stage) {
    if (!of_a_curve(workspace.study, name)) return stages::regression(workspace, name, stage);
    try {
        stages::regression(workspace, name, stage);
    } catch (const Error& error) {
        workspace.not_estimated.add(name) = error.what();
        workspace.progress.warning(
            fmt::format("regression.{}: no estimate for the curve: {}", name, error.what()));
    }
}

/// Bootstraps whose replicates a sweep uses, and those whose draws they share.
std::set<std::string> bootstraps_of_sweeps(const Study& study) {
    std::vector<std::string> open;
    for (const auto& [name, stage] : study.sweep) {
        open.push_back(stage.bootstrap);
        for (const auto& type : stage.types) open.push_back(type.bootstrap);
    }
    std::set<std::string> needed;
    while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        const BootstrapStage* stage = study.bootstrap.find(name);
        if (stage != nullptr && needed.insert(name).second) open.push_back(stage->draws);
    }
    return needed;
}

}  // namespace

Workspace prepare_workspace(const Study& study, const Named<Lever>& catalogue, const Panel& panel,
                            Progress& progress, const Named<Panel>& references,
                            const std::vector<PublishedFigure>& published, const Named<Package>& packages) {
    Panel kept =
        study.panel.where.empty() ? panel : panel.subset(select(study.panel.where, panel, Fault::study));
    if (kept.rows() == 0)
        throw Error(Fault::study, fmt::format("panel.where \"{}\" selects no row", study.panel.where));
    Workspace workspace{study,      catalogue, packages, progress, prepare(kept, study.prepare),
                        references, {},        {},       {},       {},
                        {},         published, {},       {},       0,
                        nullptr};
    for (const auto& note : workspace.prepared.notes) {
        if (note.cells > 0) {
            progress.note(fmt::format("prepare: {} {}: {} cells{}", note.step, note.column, note.cells,
                                      note.detail.empty() ? "" : ", " + note.detail));
        }
    }
    return workspace;
}

void Workspace::keep(std::vector<FailedUnit>&& units, const FailedUnit& where) const {
    if (failures == nullptr) return;
    for (FailedUnit& unit : units) {
        unit.stage = where.stage;
        unit.scenario = where.scenario;
        unit.scenario_number = where.scenario_number;
        if (where.replicate >= 0) unit.replicate = where.replicate;
        failures->put(unit);
    }
}

void run(Workspace& workspace) {
    NoCheckpoint nothing;
    run(workspace, nothing);
}

void run(Workspace& workspace, Checkpoint& checkpoint) {
    const Study& study = workspace.study;
    const bool whole = !checkpoint.shard();
    const auto swept = bootstraps_of_sweeps(study);
    stages::panel(workspace);
    for (const auto& [name, stage] : study.dea) {
        run_stage(workspace, checkpoint, "dea." + name, static_cast<std::int64_t>(workspace.panel().rows()),
                  [&] { stages::dea(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.boot_dea) {
        if (!whole && !stage.test.empty()) continue;
        run_stage(workspace, checkpoint, "boot_dea." + name, stage.replicates,
                  [&] { stages::boot_dea(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.productivity) {
        run_stage(workspace, checkpoint, "productivity." + name,
                  static_cast<std::int64_t>(workspace.panel().rows()),
                  [&] { stages::productivity(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.index) {
        run_stage(workspace, checkpoint, "index." + name, 1, [&] { stages::index(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.two_stage) {
        if (!whole) break;
        run_stage(workspace, checkpoint, "two_stage." + name, stage.replicates,
                  [&] { stages::two_stage(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.regression) {
        run_stage(workspace, checkpoint, "regression." + name, 1, [&] { estimate(workspace, name, stage); });
    }
    for (const auto& [name, stage] : study.curve) {
        if (!whole) break;
        run_stage(workspace, checkpoint, "curve." + name, 1, [&] { stages::curve(workspace, name, stage); });
    }
    // Streams of random numbers: those of mediations stand far behind those of bootstraps.
    std::uint64_t stream = std::uint64_t{1} << 32;
    for (const auto& [name, stage] : study.mediation) {
        run_stage(workspace, checkpoint, "mediation." + name, 1,
                  [&] { stages::mediation(workspace, name, stage, stream); });
        ++stream;
    }
    std::map<std::string, std::uint64_t> streams;  // of each bootstrap; one with `draws` has another's
    for (const auto& [name, stage] : study.bootstrap) {
        const std::uint64_t own = stage.draws.empty() ? streams.size() : streams.at(stage.draws);
        streams.emplace(name, own);
        if (!whole && !swept.contains(name)) continue;
        run_stage(workspace, checkpoint, "bootstrap." + name, stage.replicates,
                  [&] { stages::bootstrap(workspace, name, stage, own); });
    }
    stream = 0;
    for (const auto& [name, stage] : study.placebo) {
        if (!whole) break;
        run_stage(workspace, checkpoint, "placebo." + name, stage.replicates,
                  [&] { stages::placebo(workspace, name, stage, stream); });
        ++stream;
    }
    stream = 0;
    for (const auto& [name, stage] : study.sweep) {
        const std::size_t scenarios =
            sweep::own_scenarios(sweep::design(workspace, stage, stream).scenarios(), checkpoint,
                                 static_cast<std::int64_t>(stream));
        run_stage(workspace, checkpoint, "sweep." + name, static_cast<std::int64_t>(scenarios),
                  [&] { stages::sweep(workspace, name, stage, stream, checkpoint); });
        ++stream;
    }
    if (!workspace.published.empty() && whole)
        run_stage(workspace, checkpoint, "published", 1, [&] { stages::published(workspace); });
}

std::vector<SweepBlocks> sweep_blocks(const Workspace& workspace) {
    std::vector<SweepBlocks> result;
    for (const auto& [name, stage] : workspace.study.sweep) {
        const std::size_t scenarios = sweep::design(workspace, stage, result.size()).scenarios();
        result.push_back({name, static_cast<std::int64_t>(sweep::blocks_of(scenarios))});
    }
    return result;
}

std::string run_identity(const std::string& hashes, const std::string& resolved_study) {
    return fmt::format("{}\nversion of the plan: {}\n{}", hashes, plan_version, resolved_study);
}

std::string run_id(const std::string& identity) {
    const XXH128_hash_t hash = XXH3_128bits(identity.data(), identity.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace greenfront
