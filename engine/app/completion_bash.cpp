#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "engine/app/completion.hpp"
#include "engine/version.hpp"

namespace greenfront::app {
namespace {

// The words of a panel's first line are data of anybody: they are compared and quoted, never expanded.
constexpr const char* functions = R"sh(
# BEGINNING WORD...: offers the words that begin so; one that ends with : or / goes on without a blank.
_greenfront_offer() {
    local beginning=$1 word
    shift
    for word; do
        [[ $word == "$beginning"* ]] && COMPREPLY+=("$word")
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/] ]] && compopt -o nospace 2>/dev/null
    return 0
}

_greenfront_files() {
    compopt -o filenames 2>/dev/null
    local name
    while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$1")
}

# BEGINNING one|several: names of columns, from the first line of the first word that is a file; several are
# joined by commas.
_greenfront_columns() {
    local beginning=$1 front='' word line name names
    [[ $2 == several ]] && front=${1%"${1##*,}"} beginning=${1##*,}
    for word in "${COMP_WORDS[@]:2}"; do
        [[ -f $word && -r $word && $word != *.dta && $word != *.h5 ]] || continue
        IFS= read -r line <"$word" || [[ -n $line ]] || return 0
        line=${line#$'\xef\xbb\xbf'} line=${line%$'\r'} line=${line//\"/}
        IFS=, read -r -a names <<<"${line//[;$'\t']/,}"
        for name in "${names[@]}"; do
            [[ -n $name && $name == "$beginning"* ]] || continue
            printf -v name '%q' "$name"
            COMPREPLY+=("$front$name")
        done
        [[ $2 == several ]] && compopt -o nospace 2>/dev/null
        return 0
    done
}
)sh";

constexpr const char* before_values = R"sh(
_greenfront() {
    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local flags='' valued=' ' arguments=0 i
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _greenfront_offer "$cur" $commands$
        return
    fi
    # The line is taken apart at = and : too.
    [[ $cur == : || $option == : ]] && return
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $option == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $command in
)sh";

constexpr const char* after_values = R"sh(    if [[ $cur == -* ]]; then
        # shellcheck disable=SC2086
        _greenfront_offer "$cur" $flags
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [[ $valued == *" ${COMP_WORDS[i]} "* ]]; then
            [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
            ((i++))
        elif [[ ${COMP_WORDS[i]} != -* ]]; then
            ((arguments++))
        fi
    done
    # shellcheck disable=SC2086
    case $command/$arguments in
)sh";

constexpr const char* end = R"sh(    *) _greenfront_offer "$cur" $flags ;;
    esac
}

complete -F _greenfront greenfront
)sh";

std::string action(const OptionFacts& option) {
    if (!option.words.empty())
        return fmt::format("_greenfront_offer \"$cur\" {}", fmt::join(option.words, " "));
    if (option.type == "FILE") return "_greenfront_files \"$cur\"";
    if (option.type == "COLUMN") return "_greenfront_columns \"$cur\" one";
    if (option.type == "COLUMNS") return "_greenfront_columns \"$cur\" several";
    return ":";  // a number, a formula: nothing can be offered
}

/// Options that are completed alike share a branch.
std::string branches(const std::map<std::string, std::vector<std::string>>& patterns) {
    std::string text;
    for (const auto& [what, which] : patterns)
        text += fmt::format("    {})\n        {}\n        return ;;\n", fmt::join(which, " | "), what);
    return text;
}

}  // namespace

std::string bash_completion(const std::vector<CommandFacts>& tree) {
    std::vector<std::string> commands;
    std::string facts, arguments;
    std::map<std::string, std::vector<std::string>> values;
    for (const auto& command : tree) {
        std::vector<std::string> flags, valued;
        for (const auto& option : command.options) {
            flags.insert(flags.end(), option.flags.begin(), option.flags.end());
            if (!option.takes_value()) continue;
            for (const auto& flag : option.flags) {
                valued.push_back(flag);
                values[action(option)].push_back(command.name + "/" + flag);
            }
        }
        if (command.name.empty()) {
            commands.insert(commands.end(), flags.begin(), flags.end());
            continue;
        }
        commands.push_back(command.name);
        facts += fmt::format("    {})\n        flags='{}'\n        valued=' {} ' ;;\n", command.name,
                             fmt::join(flags, " "), fmt::join(valued, " "));
        for (std::size_t i = 0; i < command.arguments.size(); ++i) {
            const OptionFacts& argument = command.arguments[i];
            arguments += fmt::format("    {}/{}) {} ;;\n", command.name,
                                     argument.repeated ? "*" : std::to_string(i), action(argument));
        }
    }
    std::string head = before_values;
    const std::string place = "$commands$";
    head.replace(head.find(place), place.size(), fmt::format("{}", fmt::join(commands, " ")));
    return fmt::format(
        "# Completion of greenfront {} for bash, made by \"greenfront completion bash\".\n{}{}{}    esac\n   "
        " "
        "case $command/$option in\n{}    esac\n{}{}{}",
        version(), functions, head, facts, branches(values), after_values, arguments, end);
}

}  // namespace greenfront::app
