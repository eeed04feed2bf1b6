// Completion for zsh and fish.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/completion.hpp"
#include "engine/version.hpp"

namespace greenfront::app {
namespace {

/// `text` with a backslash before each of the characters.
std::string escaped(const std::string& text, const char* characters) {
    std::string result;
    for (const char c : text) {
        if (std::string_view(characters).find(c) != std::string_view::npos) result += '\\';
        result += c;
    }
    return result;
}

/// In single quotes, for zsh: a quote inside ends them for a moment.
std::string zsh_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

constexpr const char* zsh_columns = R"zsh(
# Names of columns, from the first line of the first word that is a file.
_greenfront_columns() {
    local word line
    compset -P '*,'
    for word in $words; do
        [[ -f $word && -r $word && $word != *.dta && $word != *.h5 ]] || continue
        IFS= read -r line <$word
        line=${${line#$'\xef\xbb\xbf'}%$'\r'}
        compadd -S '' -- ${(s:,:)${line//[;$'\t']/,}//\"/}
        return
    done
    _message 'column'
}
)zsh";

std::string zsh_action(const OptionFacts& option) {
    if (!option.words.empty()) {
        std::vector<std::string> words;
        for (const auto& word : option.words) words.push_back(escaped(word, ":"));
        return fmt::format("({})", fmt::join(words, " "));
    }
    if (option.type == "FILE") return "_files";
    if (option.type == "COLUMN" || option.type == "COLUMNS") return "_greenfront_columns";
    return " ";  // nothing is offered, the name is shown
}

std::string zsh_option(const OptionFacts& option) {
    std::string text;
    const std::string help = escaped(brief(option.help), "[]:\\");
    const std::string value =
        option.takes_value() ? fmt::format(":{}:{}", option.type, zsh_action(option)) : "";
    for (const auto& flag : option.flags) {
        // Either a blank or = stands between a long flag and its value.
        const char* joined = option.takes_value() && flag.starts_with("--") ? "=" : "";
        const std::string spec =
            fmt::format("{}{}{}[{}]{}", option.repeated ? "*" : "", flag, joined, help, value);
        text += " \\\n            " + zsh_quoted(spec);
    }
    return text;
}

std::string fish_quoted(const std::string& text) {
    return "'" + escaped(text, "\\'") + "'";
}

std::string fish_option(const std::string& condition, const OptionFacts& option) {
    std::string text = "complete -c greenfront -n " + fish_quoted(condition);
    for (const auto& flag : option.flags)
        text += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
    if (option.takes_value()) {
        text += option.type == "FILE" ? " -r -F" : " -x";
        if (!option.words.empty())
            text += fmt::format(" -a {}", fish_quoted(fmt::format("{}", fmt::join(option.words, " "))));
    }
    return text + " -d " + fish_quoted(brief(option.help)) + "\n";
}

}  // namespace

std::string brief(const std::string& help) {
    constexpr std::size_t most = 70;
    std::string text = help.substr(0, help.find(';'));
    if (text.size() <= most) return text;
    return text.substr(0, text.rfind(' ', most)) + " ...";
}

std::string zsh_completion(const std::vector<CommandFacts>& tree) {
    std::string commands, cases, own;
    for (const auto& command : tree) {
        std::string specs;
        for (const auto& option : command.options) specs += zsh_option(option);
        if (command.name.empty()) {
            own = specs;
            continue;
        }
        commands +=
            fmt::format("        {}\n", zsh_quoted(command.name + ":" + escaped(brief(command.help), ":")));
        for (const auto& argument : command.arguments)
            specs += " \\\n            " + zsh_quoted(fmt::format("{}:{}:{}", argument.repeated ? "*" : "",
                                                                  argument.name, zsh_action(argument)));
        cases += fmt::format("    {})\n        _arguments{} ;;\n", command.name, specs);
    }
    return fmt::format(
        "#compdef greenfront\n# Completion of greenfront {} for zsh, made by \"greenfront completion "
        "zsh\".\n{}\n"
        "_greenfront() {{\n    local state line context\n    local -a commands\n    commands=(\n{}    )\n"
        "    _arguments -C{} \\\n            '1:command:->command' '*::argument:->argument'\n"
        "    case $state in\n    command) _describe command commands ;;\n    argument)\n    case $words[1] "
        "in\n"
        "{}    esac ;;\n    esac\n}}\n\n"
        "# Loaded by compinit, or sourced.\n"
        "if [[ $funcstack[1] == _greenfront ]]; then _greenfront \"$@\"; else compdef _greenfront "
        "greenfront; fi\n",
        version(), zsh_columns, commands, own, cases);
}

std::string fish_completion(const std::vector<CommandFacts>& tree) {
    std::string text = fmt::format(
        "# Completion of greenfront {} for fish, made by \"greenfront completion fish\".\n"
        "# A word that is also a command may stand further behind: show results.h5 index.\n"
        "function __greenfront_runs\n    set -l words (commandline -opc)\n"
        "    test (count $words) -gt 1; and test $words[2] = $argv[1]\nend\n"
        "complete -c greenfront -f\n",
        version());
    for (const auto& command : tree) {
        const std::string condition =
            command.name.empty() ? "__fish_use_subcommand" : "__greenfront_runs " + command.name;
        if (!command.name.empty()) {
            text += fmt::format("complete -c greenfront -n '__fish_use_subcommand' -a {} -d {}\n",
                                command.name, fish_quoted(brief(command.help)));
        }
        for (const auto& argument : command.arguments) {
            if (argument.type == "FILE")
                text += fmt::format("complete -c greenfront -n {} -F\n", fish_quoted(condition));
            if (!argument.words.empty())
                text += fmt::format("complete -c greenfront -n {} -a {}\n", fish_quoted(condition),
                                    fish_quoted(fmt::format("{}", fmt::join(argument.words, " "))));
        }
        for (const auto& option : command.options) text += fish_option(condition, option);
    }
    return text;
}

}  // namespace greenfront::app
