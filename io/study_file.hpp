#pragma once
#include <string>
#include <vector>

#include "engine/study.hpp"

namespace greenfront::io {

/// Reads a study. Every problem is reported at once as Error(Fault::study): file:line:column, unknown keys
/// with the nearest known one, wrong types with what was expected. `sets` are --set arguments
/// "dotted.key=value" (value in TOML syntax; a bare word is a string), applied after the file and checked
/// like it; an element of an array of tables is reached by its index: "prepare.winsorize.0.low=5".
/// Named tables keep the order of the file (toml++ sorts keys; order by source position).
/// panel.file is made relative to the study file's folder.
[[nodiscard]] Study read_study(const std::string& path, const std::vector<std::string>& sets);

/// The study with all defaults filled in, as TOML that reads back to the same study.
[[nodiscard]] std::string write_study(const Study& study);

/// The embedded catalogue: [lever.NAME] and [package.NAME] tables.
[[nodiscard]] Named<Lever> lever_catalogue();
[[nodiscard]] Named<Package> package_catalogue();

/// One table [lever.NAME] or [package.NAME], as a study may have it; keys with their default are left out.
[[nodiscard]] std::string write_lever(const Lever& lever);
[[nodiscard]] std::string write_package(const Package& package);

/// The reference of all keys in Markdown, made from describe(): docs/formats/study.md.
[[nodiscard]] std::string study_reference();

}  // namespace greenfront::io
