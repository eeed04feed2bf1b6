#include "engine/app/manual.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/version.hpp"

namespace greenfront::app {
namespace {

/// Text as roff shows it: backslashes and hyphens as they are, no control line by accident.
std::string roff(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const bool at_begin = result.empty() || result.back() == '\n';
        if (at_begin && (c == '.' || c == '\'')) result += "\\&";
        result += c == '\\'   ? std::string("\\e")
                  : c == '-'  ? std::string("\\-")
                  : c == '\'' ? std::string("\\(aq")
                  : c == '^'  ? std::string("\\(ha")
                  : c == '~'  ? std::string("\\(ti")
                  : c == '`'  ? std::string("\\(ga")
                              : std::string(1, c);
    }
    return result;
}

/// What behind the help text is to be known: values, limits, default.
std::string facts(const OptionFacts& option) {
    std::vector<std::string> all;
    if (!option.words.empty())
        all.push_back(fmt::format("values: {}{}", fmt::join(option.words, ", "), option.more ? ", ..." : ""));
    if (!option.limits.empty()) all.push_back(option.limits);
    if (!option.by_default.empty()) all.push_back("default: " + option.by_default);
    if (option.required && !option.flags.empty()) all.emplace_back("required");
    return all.empty() ? "" : fmt::format(" ({})", fmt::join(all, "; "));
}

/// Lines of `width` columns at most, each behind `indent` blanks.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
    std::string result, line;
    const auto flush = [&] {
        if (!line.empty()) result += std::string(indent, ' ') + line + "\n";
        line.clear();
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        if (!line.empty() && indent + line.size() + 1 + (end - begin) > width) flush();
        if (end > begin) line += (line.empty() ? "" : " ") + text.substr(begin, end - begin);
        begin = end + 1;
    }
    flush();
    return result;
}

/// A paragraph; editors and mandoc like short lines.
std::string paragraph(const std::string& text) {
    return roff(wrapped(text, 0, 70));
}

std::string roff_option(const OptionFacts& option) {
    std::string tag;
    if (option.flags.empty()) {
        tag = "\\fI" + roff(option.name) + "\\fR";
    } else {
        for (const auto& flag : option.flags) tag += (tag.empty() ? "\\fB" : ", \\fB") + roff(flag) + "\\fR";
        if (option.takes_value()) tag += " \\fI" + roff(option.type) + "\\fR";
    }
    return fmt::format(".TP\n{}\n{}", tag, paragraph(option.help + facts(option)));
}

/// A text whose lines stay as they are.
std::string lines(const std::string& text) {
    return ".nf\n" + roff(text) + (text.ends_with('\n') ? "" : "\n") + ".fi\n";
}

constexpr const char* ending = R"(.SH FILES
.TP
\fIOUTPUT\fR.parts
Finished blocks of sweeps, from which a run that was stopped or killed goes on; \fBgreenfront merge\fR makes the results
of a run in shards from them.
.TP
\fIOUTPUT\fR.progress.json
How far a run is, replaced about once a second; \fIOUTPUT\fR.shard\-\fIK\fR\-of\-\fIN\fR.progress.json in a shard.
.TP
\fIOUTPUT\fR.failed
Linear programs that no precision could certify, for \fBgreenfront replay\fR.
.SH ENVIRONMENT
.TP
\fBSLURM_CPUS_PER_TASK\fR
A limit of the number of threads, beside the processors of the process and the quota of its cgroup.
.TP
\fBSLURM_ARRAY_TASK_ID\fR, \fBSLURM_ARRAY_TASK_MIN\fR, \fBSLURM_ARRAY_TASK_COUNT\fR, \fBSLURM_ARRAY_TASK_STEP\fR
The place in a job array, for \fB\-\-shard slurm\fR.
.SH EXIT STATUS
.TP
\fB0\fR
Done.
.TP
\fB1\fR
A fault of the program.
.TP
\fB3\fR
Done, but some units of work failed.
.TP
\fB64\fR
The command line is wrong.
.TP
\fB65\fR
The data cannot be used.
.TP
\fB66\fR
There is no such input.
.TP
\fB73\fR
The output cannot be created.
.TP
\fB74\fR
Reading or writing broke off.
.TP
\fB75\fR
Stopped with a checkpoint: the same command goes on.
.TP
\fB78\fR
The study is wrong.
.TP
\fB130\fR
Interrupted twice.
)";

}  // namespace

std::string synopsis(const CommandFacts& command) {
    std::string line = "greenfront " + command.name;
    std::size_t left = 0;
    for (const auto& argument : command.arguments) {
        const std::string name = argument.name + (argument.repeated ? "..." : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    for (const auto& option : command.options) {
        if (option.required)
            line += fmt::format(" {} {}", option.flags.front(), option.type);
        else
            ++left;
    }
    return left > 0 ? line + " [options]" : line;
}

std::string man_page(const std::vector<CommandFacts>& tree) {
    std::string page = fmt::format(
        ".\\\" Made by \"greenfront man\" from the program's own options.\n"
        ".TH GREENFRONT 1 \"\" \"greenfront {}\" \"User Commands\"\n.SH NAME\ngreenfront \\- efficiency "
        "analysis, panel "
        "regressions, bootstraps\nand policy scenarios\n.SH SYNOPSIS\n.nf\n",
        version());
    for (const auto& command : tree) {
        if (!command.name.empty()) page += roff(synopsis(command)) + "\n";
    }
    page += ".fi\n.SH DESCRIPTION\n" + lines(tree.front().help) + ".SH OPTIONS\n";
    for (const auto& option : tree.front().options) page += roff_option(option);
    page += ".SH COMMANDS\n";
    for (const auto& command : tree) {
        if (command.name.empty()) continue;
        page += fmt::format(".SS {}\n{}.PP\n.nf\n{}\n.fi\n", roff(command.name), paragraph(command.help),
                            roff(synopsis(command)));
        for (const auto& argument : command.arguments) page += roff_option(argument);
        for (const auto& option : command.options) page += roff_option(option);
        if (!command.footer.empty()) page += ".PP\n" + lines(command.footer);
    }
    return page + ending;
}

std::string overview(const std::vector<CommandFacts>& tree) {
    constexpr std::size_t width = 100;
    std::string text;
    for (const auto& command : tree) {
        if (command.name.empty()) continue;
        text += (text.empty() ? "" : "\n") + synopsis(command) + "\n" + wrapped(command.help, 2, width);
        for (const auto* list : {&command.arguments, &command.options}) {
            for (const auto& option : *list)
                text += "    " + option.written() + "\n" + wrapped(option.help + facts(option), 8, width);
        }
    }
    return text;
}

}  // namespace greenfront::app
