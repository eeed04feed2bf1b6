#pragma once
#include <cstdint>
#include <string>

#include "engine/app/commands.hpp"
#include "engine/study.hpp"

/// Levers and packages in words, formulas and JSON, for `greenfront levers`.
namespace greenfront::app {

/// "wage x (1 + 0.5 i)", with i the intensity and uncertain parameters at their medians.
[[nodiscard]] std::string formula(const Operation& operation);

/// All of a lever: what it stands for, its source, operations, uncertainty, costs, and how a study uses it.
[[nodiscard]] std::string explained(const Lever& lever);
[[nodiscard]] std::string explained(const Package& package, const Named<Lever>& levers);

[[nodiscard]] Json lever_json(const Lever& lever);
[[nodiscard]] Json package_json(const Package& package);

/// The first draws of every uncertain parameter: what replicates 0, 1, ... of a sweep see.
[[nodiscard]] Json draws_json(const Lever& lever, std::uint64_t seed, std::uint64_t count);

}  // namespace greenfront::app
