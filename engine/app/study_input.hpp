#pragma once
#include <string>
#include <vector>

#include "engine/progress.hpp"
#include "engine/published.hpp"
#include "engine/study.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::app {

/// A study with everything that it reads.
struct StudyInput {
    std::string file;      ///< of the study
    Study given;           ///< the study as its file and --set have it
    Study study;           ///< with the stages of its curves
    std::string resolved;  ///< the study with all defaults, as TOML
    Panel panel;
    Named<Panel> references;                 ///< reference panels, by dea stage
    std::vector<PublishedFigure> published;  ///< figures to compare with
    std::vector<std::string> files;          ///< all that was read: study, panel, reference panels, figures
    std::string panel_hash;  ///< of the file's bytes, or of the description of a synthetic panel
    std::string identity;    ///< text that the run id is the hash of; independent of where the files lie
    std::string run_id;
    Named<Lever> catalogue;
    Named<Package> packages;
};
/// `progress` hears what takes time.
[[nodiscard]] StudyInput load_study(const std::string& file, const std::vector<std::string>& sets,
                                    Progress& progress);

}  // namespace greenfront::app
